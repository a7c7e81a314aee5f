// How many generations of each module are in memory: those that serve, those whose calls run, and those that something still holds.
// A number that grows with each reload is a leak, in the module's own code or in ours.
import type { ServingGeneration } from "./serving-generation.ts";

export class GenerationCensus {
	private readonly counts = new Map<string, { loaded: number; collected: number }>();
	private readonly registry = new FinalizationRegistry<string>((name) => {
		const count = this.counts.get(name);
		if (count !== undefined && ++count.collected === count.loaded) this.counts.delete(name);
	});

	add(generation: ServingGeneration): void {
		const { name } = generation;
		const count = this.counts.get(name) ?? { loaded: 0, collected: 0 };
		count.loaded++;
		this.counts.set(name, count);
		this.registry.register(generation.collected, name);
	}

	/** By module: in memory now, as far as the garbage collector has looked. */
	*held(): IterableIterator<readonly [name: string, count: number]> {
		for (const [name, { loaded, collected }] of this.counts) yield [name, loaded - collected];
	}
}

// The canaries of this process: what a call asks when there is one.
import type { Canary } from "./canary.ts";
import type { ServingGeneration } from "./serving-generation.ts";

export class Canaries {
	/** By the generation that serves beside: a call that was routed to an older one has none. */
	private readonly byServing = new Map<ServingGeneration, Canary>();

	/** Read for every call. */
	get isEmpty(): boolean {
		return this.byServing.size === 0;
	}

	beside(serving: ServingGeneration): Canary | undefined {
		return this.byServing.get(serving);
	}

	of(module: string): Canary | undefined {
		for (const canary of this.byServing.values()) if (canary.name === module) return canary;
		return undefined;
	}

	all(): readonly Canary[] {
		return [...this.byServing.values()];
	}

	begin(canary: Canary): void {
		this.byServing.set(canary.parts.beside, canary);
	}

	/** No further call of it begins. @returns false when it had ended already. */
	end(canary: Canary): boolean {
		return this.byServing.get(canary.parts.beside) === canary && this.byServing.delete(canary.parts.beside);
	}

	/** Ends those whose generation beside serves no more. @returns them. */
	endOrphans(serving: ReadonlyMap<string, ServingGeneration>): readonly Canary[] {
		const orphans = this.all().filter(({ name, parts }) => serving.get(name) !== parts.beside);
		for (const orphan of orphans) this.end(orphan);
		return orphans;
	}
}

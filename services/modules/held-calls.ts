// Calls of modules whose state is on its way from one generation to the next: they wait, and run on what serves then.
import { unavailable } from "../../protocol/error.ts";

interface Hold {
	readonly over: Promise<void>;
	readonly release: () => void;
	waiting: number;
}

/** Calls of one module that wait; further ones are UNAVAILABLE. */
const MAX_WAITING = 10_000;
const RETRY_MS = 100;

export class HeldCalls {
	private readonly holds = new Map<string, Hold>();

	/** Read for every call. */
	get isEmpty(): boolean {
		return this.holds.size === 0;
	}

	/** Calls of these modules wait from now on. @returns a function that lets them run. */
	begin(modules: readonly string[]): () => void {
		for (const module of modules) {
			let release: () => void = () => {};
			const over = new Promise<void>((resolve) => {
				release = resolve;
			});
			this.holds.set(module, { over, release, waiting: 0 });
		}
		return () => {
			for (const module of modules) {
				this.holds.get(module)?.release();
				this.holds.delete(module);
			}
		};
	}

	/** Runs a call when its module is not held any more; undefined when it is not held. @throws GatewayError UNAVAILABLE. */
	wait(module: string, run: () => object | Promise<object>): Promise<object> | undefined {
		const hold = this.holds.get(module);
		if (hold === undefined) return undefined;
		if (hold.waiting >= MAX_WAITING) throw unavailable(`module ${module}`, RETRY_MS);
		hold.waiting++;
		return hold.over.then(run);
	}
}

// State that moves from a generation to the next one, as data.
import { withinTime } from "./hook-time.ts";
import { type ModuleProblem, thrownText } from "./module-problem.ts";
import type { ServingGeneration } from "./serving-generation.ts";

type Before = ServingGeneration | undefined;

/** Whether there is state to move, and a thread in it: that takes more than one turn. */
export function crossesThreads(from: Before, to: ServingGeneration): boolean {
	if (from?.exportState === undefined || to.importState === undefined) return false;
	return from.threads > 0 || to.threads > 0;
}

/** Between generations of this thread, in one turn. @returns why it failed. */
export function handOver(from: Before, to: ServingGeneration): ModuleProblem | undefined {
	const { importState } = to;
	if (from?.exportState === undefined || importState === undefined) return undefined;
	try {
		const states = from.exportState();
		if (states instanceof Promise) throw new Error("it is in another thread");
		void importState(states);
		return undefined;
	} catch (error) {
		return problemOf(to, error);
	}
}

/** The same with threads in it. @param limitMs - for each side. @returns why it failed; never rejects. */
export async function handOverAcross(
	from: Before,
	to: ServingGeneration,
	limitMs: number,
): Promise<ModuleProblem | undefined> {
	try {
		let states: readonly unknown[] = [];
		await withinTime("exportState", limitMs, async () => {
			states = (await from?.exportState?.()) ?? [];
		});
		await withinTime("importState", limitMs, () => to.importState?.(states));
		return undefined;
	} catch (error) {
		return problemOf(to, error);
	}
}

function problemOf(to: ServingGeneration, error: unknown): ModuleProblem {
	const { message, stack } = thrownText(error);
	const place = to.parts.positions.placeOf(stack);
	const text = `the state of the generation before could not be taken over: ${message}`;
	return { module: to.name, message: text, ...place };
}

// The state of a module, from one generation to the next.
import type { Generation } from "./generation.ts";
import type { ModuleProblem } from "./module-problem.ts";

/** State moves to the next generation, as data: one object with a method of the old bundle would hold all of that. */
export function handOver(from: Generation | undefined, to: Generation): ModuleProblem | undefined {
	const exported = from?.parts.definition.options.exportState;
	const { importState } = to.parts.definition.options;
	if (exported === undefined || importState === undefined) return undefined;
	try {
		const state: unknown = exported();
		if (state instanceof Promise) throw new Error("exportState must not return a promise");
		importState(structuredClone(state));
		return undefined;
	} catch (error) {
		const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
		const place = to.parts.positions.placeOf(stack);
		return {
			module: to.name,
			message: `the state of the generation before could not be taken over: ${message}`,
			...place,
		};
	}
}

// Which scenarios a run of the proof has.
import type { Scenario } from "./scenario.ts";

export interface Choice {
	/** Only these, by name, with their controls. */
	readonly row?: readonly string[];
	readonly short?: boolean;
	/** The commit that nodes are upgraded from; scenarios that need one are left out without it. */
	readonly before?: string;
}

/** @throws Error for a name that no scenario has, or one that cannot run with these options. */
export function choose(scenarios: readonly Scenario[], { row, short = false, before }: Choice): readonly Scenario[] {
	const unknown = (row ?? []).filter((name) => !scenarios.some((scenario) => scenario.name === name));
	if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(", ")}`);
	const isNamed = (name: string | undefined): boolean => name !== undefined && row?.includes(name) === true;
	const canRun = ({ needs }: Scenario): boolean => before !== undefined || (needs.nodesBefore ?? 0) === 0;
	const impossible = scenarios.filter((scenario) => isNamed(scenario.name) && !canRun(scenario));
	if (impossible.length > 0) throw new Error(`${impossible[0]?.name} needs --before COMMIT`);
	const isWanted = ({ isLongOnly = false }: Scenario): boolean => row === undefined && !(short && isLongOnly);
	// A scenario takes its control along.
	return scenarios.filter((scenario) => {
		return canRun(scenario) && (isWanted(scenario) || isNamed(scenario.name) || isNamed(scenario.controlOf));
	});
}

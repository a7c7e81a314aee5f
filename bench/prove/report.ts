// What a run of the proof has found: a table for people and JSON for programs.
import { cpus, release } from "node:os";
import type { Plan } from "./plan.ts";
import type { ScenarioResult } from "./run-scenario.ts";

/** What the tables show of a scenario. */
export const columns: readonly (readonly [title: string, figure: string])[] = [
	["clients", "clients"],
	["messages", "acknowledged"],
	["deliveries", "deliveries"],
	["drops", "losses"],
	["recovered", "recovered"],
	["gaps reported", "gaps"],
	["fetched", "fetched"],
	["repeats", "repeats"],
	["lost", "lost"],
	["twice", "twice"],
	["disordered", "outOfOrder"],
	["silent", "unreportedGaps"],
];

/** One line for each scenario, and under them what did not hold. */
export function table(results: readonly ScenarioResult[]): string {
	const header = ["scenario", ...columns.map(([title]) => title), "seconds", "verdict"];
	const lines = results.map((result) => [
		result.name,
		...columns.map(([, figure]) => result.figures[figure]?.toLocaleString("en") ?? "–"),
		result.seconds.toFixed(1),
		verdictOf(result),
	]);
	const widths = header.map((title, column) =>
		Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
	);
	const show = (cells: readonly string[]): string =>
		cells
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join("  ");
	const broken = results.flatMap(({ name, checks, examples }) => [
		...checks.flatMap(({ what, holds, found }) => (holds ? [] : [`${name}: ${what}: ${found}`])),
		...examples.map((example) => `${name}: ${example}`),
	]);
	return [show(header), ...lines.map(show), ...(broken.length > 0 ? ["", ...broken] : []), ""].join("\n");
}

/** In one word. A control that ran proves nothing of itself. */
export function verdictOf({ passed, controlOf }: ScenarioResult): "holds" | "FAILS" | "control" {
	if (!passed) return "FAILS";
	return controlOf === undefined ? "holds" : "control";
}

/** What was run on. */
export function machine(): Readonly<Record<string, string | number>> {
	const [first] = cpus();
	return { cpu: first?.model ?? "unknown", cores: cpus().length, kernel: release(), node: process.version };
}

export function jsonReport(seed: number, plan: Plan, results: readonly ScenarioResult[]): string {
	const passed = results.every((result) => result.passed);
	return `${JSON.stringify({ seed, passed, plan, machine: machine(), rows: results }, undefined, "\t")}\n`;
}

// The result of a run: a table for people and JSON for programs.
import { cpus, release } from "node:os";
import type { Outcome, Row, Scenario, Settings, Subject } from "./scenario.ts";
import { subjectTitles } from "./scenario.ts";

/** What was measured on; figures of different machines do not compare, ratios do. */
function machine(): Record<string, unknown> {
	const [first] = cpus();
	return { cpu: first?.model ?? "unknown", cores: cpus().length, kernel: release(), node: process.version };
}

export function jsonReport(scenario: Scenario, settings: Settings, outcome: Outcome): string {
	// An address may have a password in it.
	const { redisUrl, ...rest } = settings;
	const shown = { ...rest, redis: redisUrl !== undefined };
	const { name, title } = scenario;
	const measured = { measuredAt: new Date().toISOString(), settings: shown, machine: machine() };
	const report = { scenario: name, title, ...measured, ...outcome.figures, rows: outcome.rows, raw: outcome.raw };
	return `${JSON.stringify(report, undefined, "\t")}\n`;
}

/** The rows under each other, columns aligned; median and spread of the rounds. */
export function table(scenario: Scenario, settings: Settings, rows: readonly Row[]): string {
	const subjects = (Object.keys(subjectTitles) as Subject[]).filter((subject) =>
		rows.some((row) => row.values[subject]),
	);
	const header = ["", ...subjects.map((subject) => subjectTitles[subject]), "framegate : bare", "budget"];
	const lines = rows.map((row) => [
		row.what,
		...subjects.map((subject) => row.values[subject] ?? ""),
		row.result ?? "",
		row.budget ?? "",
	]);
	const widths = header.map((_, column) =>
		Math.max(...[header, ...lines].map((cells) => (cells[column] ?? "").length)),
	);
	const show = (cells: readonly string[]): string =>
		cells
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join("  ");
	const title = `${scenario.name}: ${scenario.title}; ${settings.connections.toLocaleString("en")} connections`;
	return [title, "", show(header), ...lines.map(show), ""].join("\n");
}

// The bench report: every scenario beside its controls and budgets, and plots of what is better seen than read.
import type { ResultFile } from "../report-files.ts";
import { type Subject, subjectTitles } from "../scenario.ts";
import { htmlPage, type Section } from "./page.ts";
import { plotsOf } from "./report-plots.ts";

/** @param results - at least one. */
export function reportPage(results: readonly ResultFile[]): string {
	const about: Section = {
		kind: "text",
		title: "About",
		paragraphs: [
			"Each scenario runs framegate and its controls in the same run, in turns, on the same machine, load generator included. Compare the ratios; microseconds of different machines mean nothing.",
			"Figures are the median of the rounds, with the least and the greatest in parentheses. bench/README.md says how each is measured.",
		],
	};
	return htmlPage({
		title: "framegate: bench",
		machine: machineOf(results),
		sections: [about, ...results.map(tableOf), ...results.flatMap(plotsOf)],
	});
}

function tableOf({ scenario, title, settings, rows }: ResultFile): Section {
	const subjects = (Object.keys(subjectTitles) as Subject[]).filter((subject) =>
		rows.some(({ values }) => values[subject] !== undefined),
	);
	const perSecond = settings["rate"];
	const rate = typeof perSecond === "number" ? `, ${perSecond} messages a second` : "";
	const redis = settings["redis"] === true ? ", with a Redis" : "";
	return {
		kind: "table",
		title: `${scenario}: ${title}`,
		note: `${Number(settings["connections"]).toLocaleString("en")} connections${rate}, ${String(settings["seconds"])} s a measurement${redis}`,
		columns: ["", ...subjects.map((subject) => subjectTitles[subject]), "framegate : bare", "budget"],
		rows: rows.map(({ what, values, result, budget }) => [
			what,
			...subjects.map((subject) => values[subject] ?? ""),
			result ?? "",
			budget ?? "",
		]),
	};
}

/** What was measured on, and from when to when. */
function machineOf(results: readonly ResultFile[]): string {
	const machines = results.map(({ machine }) => {
		const named = (name: string): string => String(machine[name]);
		return `${named("cores")} × ${named("cpu")}, Linux ${named("kernel")}, Node ${named("node")}`;
	});
	const dates = results.map(({ measuredAt }) => measuredAt.slice(0, 10)).sort();
	const [first = "", last = ""] = [dates[0], dates.at(-1)];
	return `${[...new Set(machines)].join("; ")}. Measured ${first === last ? first : `${first} to ${last}`}.`;
}

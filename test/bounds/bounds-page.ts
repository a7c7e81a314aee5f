// Reads docs/operations/bounds.md, and computes what its figures have to be.
import { page } from "../docs/markdown.ts";
import { evaluate, inBytes } from "./formula.ts";

export const BOUNDS_PAGE = "docs/operations/bounds.md";
const FOLDER = "docs/operations";
const SUM = "**sum**";
/** The heading of the table that adds the parts. */
const TOTAL = "The sum";
/** These make up the memory of one process. */
const PARTS = ["Connections", "Requests", "Caches and tables", "Channels in memory", "Field boxes"];

export interface BoundRow {
	readonly heading: string;
	readonly what: string;
	/** Empty in a sum. */
	readonly bound: string;
	readonly atTheBound: string;
	readonly keys: readonly string[];
}

/** The rows of all tables with a column `bound`, sums left out. */
export function boundRows(markdown = page(BOUNDS_PAGE)): BoundRow[] {
	return linesOf(markdown).flatMap(({ heading, cells: [what = "", bound = "", , atTheBound = ""] }) => {
		if (what === SUM || heading === TOTAL || !isTable(markdown, heading)) return [];
		const keys = [...bound.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)+)`/g)].map(([, key = ""]) => key);
		return [{ heading, what, bound, atTheBound, keys }];
	});
}

/** The page with the figures that defaults and constants make. @throws Error for a bound that cannot be computed. */
export function withFigures(markdown: string): string {
	const sums = new Map<string, number>();
	for (const { heading, bound } of boundRows(markdown)) {
		sums.set(heading, (sums.get(heading) ?? 0) + evaluate(bound, FOLDER));
	}
	const total = PARTS.reduce((sum, heading) => sum + (sums.get(heading) ?? Number.NaN), 0);
	const lines = markdown.split("\n");
	for (const { heading, line, cells } of linesOf(markdown)) {
		const [what = "", bound = "", , atTheBound = ""] = cells;
		if (heading === TOTAL) {
			lines[line] = `| ${what} | ${inBytes(what === SUM ? total : (sums.get(what) ?? Number.NaN))} |`;
		} else if (isTable(markdown, heading)) {
			const bytes = what === SUM ? (sums.get(heading) ?? 0) : evaluate(bound, FOLDER);
			lines[line] = `| ${[what, bound, inBytes(bytes), atTheBound].join(" | ")} |`
				.replace("|  |", "| |")
				.replace(/ {2}\|$/, " |");
		}
	}
	return lines.join("\n");
}

function isTable(markdown: string, heading: string): boolean {
	const start = markdown.indexOf(`\n## ${heading}\n`);
	return markdown.slice(start).split("\n| ")[1]?.startsWith("what | bound | bytes | at the bound |") === true;
}

/** Lines of tables, without headers. */
function linesOf(markdown: string): { heading: string; line: number; cells: string[] }[] {
	const found: { heading: string; line: number; cells: string[] }[] = [];
	let heading = "";
	let isHeader = true;
	for (const [line, text] of markdown.split("\n").entries()) {
		heading = /^#+ (.*)$/.exec(text)?.[1] ?? heading;
		if (!text.startsWith("|")) isHeader = true;
		else if (text.startsWith("|---")) isHeader = false;
		else if (!isHeader)
			found.push({
				heading,
				line,
				cells: text
					.split("|")
					.slice(1, -1)
					.map((cell) => cell.trim()),
			});
	}
	return found;
}

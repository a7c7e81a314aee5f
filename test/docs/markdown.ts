// Reads tables and code blocks out of Markdown pages, for tests that compare them with the code.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @param path - from the top of the repository. */
export function page(path: string): string {
	return readFileSync(`${root}${path}`, "utf8");
}

/** The text under one heading, up to the next of any level. */
export function section(markdown: string, heading: string): string {
	const lines = markdown.split("\n");
	const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
	if (start === -1) throw new Error(`no heading "${heading}"`);
	const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
	return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join("\n");
}

/** The rows of the first table, each by the names of its columns. Backquotes are taken off. */
export function table(markdown: string): Record<string, string>[] {
	const lines = markdown.split("\n");
	const start = lines.findIndex((line) => line.startsWith("|"));
	if (start === -1) throw new Error("no table");
	const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
	const [header = [], , ...rows] = lines.slice(start, length === -1 ? undefined : start + length).map(cells);
	return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}

function cells(line: string): string[] {
	const inner = line.trim().replace(/^\||\|$/g, "");
	return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/^`(.*)`$/, "$1"));
}

/** The contents of all fenced code blocks of one language; "" for those without. */
export function codeBlocks(markdown: string, language: string): string[] {
	return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
		.filter(([, found]) => found === language)
		.map(([, , code]) => code ?? "");
}

// The tables of docs/migrating/: what an older system has, and what a page claims that it is here.
import { page } from "../markdown.ts";

const KINDS = ["Environment", "Settings", "Endpoints", "Messages", "Metrics", "Logs", "Commands"] as const;
const CLAIMS = ["same", "alias", "other", "not here"] as const;

export type Kind = (typeof KINDS)[number];

export interface Row {
	readonly kind: Kind;
	/** As the older system calls it. */
	readonly older: string;
	readonly claim: (typeof CLAIMS)[number];
	/** Without backquotes. */
	readonly here: string;
	/** What stands in backquotes in the cells. */
	readonly code: { readonly older: readonly string[]; readonly here: readonly string[] };
	readonly notes: string;
}

const codeOf = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
const plain = (cell: string): string => cell.replaceAll("`", "");
const isOneOf = <Word extends string>(words: readonly Word[], word: string): word is Word =>
	(words as readonly string[]).includes(word);

/** @throws Error when a row has another number of cells, or a claim that there is not. */
function rowOf(kind: Kind, line: string): Row {
	const [older = "", claim = "", here = "", notes = "", ...further] = line
		.trim()
		.replace(/^\||\|$/g, "")
		.split("|")
		.map((cell) => cell.trim());
	if (!isOneOf(CLAIMS, claim) || further.length > 0) throw new Error(`no row: ${line}`);
	return {
		kind,
		older: plain(older),
		claim,
		here: plain(here),
		code: { older: codeOf(older), here: codeOf(here) },
		notes,
	};
}

/** All rows of one page. @param name - of its file in docs/migrating/. */
export function rowsOf(name: string): readonly Row[] {
	let kind: string | undefined;
	const rows: Row[] = [];
	for (const line of page(`docs/migrating/${name}`).split("\n")) {
		if (line.startsWith("## ")) kind = line.slice(3);
		const isRow = line.startsWith("| ") && !line.startsWith("| older | claim |");
		if (kind !== undefined && isOneOf(KINDS, kind) && isRow) rows.push(rowOf(kind, line));
	}
	return rows;
}

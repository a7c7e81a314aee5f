// Files of a web page, served from memory: read once when the gateway starts, each in the codings that it was built in.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";
import type { HttpReply, HttpRequest } from "../../core/transport.ts";
import { etagOf, matches } from "./etag.ts";
import { acceptsCoding } from "./gzip-reply.ts";
import type { HttpRoute } from "./http-router.ts";

/** Content codings in order of preference, with the ending of their files. */
const CODINGS = [
	{ coding: "br", ending: ".br", names: ["br"] },
	{ coding: "gzip", ending: ".gz", names: ["gzip", "x-gzip"] },
] as const;

const TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
};

/** The names of these have a hash of their content in them. */
const HASHED = `assets${sep}`;

interface Representation {
	/** "" for the content as it is. */
	readonly coding: string;
	readonly names: readonly string[];
	readonly body: Uint8Array;
	/** A strong validator (RFC 9110 section 8.8.3): of this coding alone. */
	readonly etag: string;
}

export interface StaticFilesOptions {
	/** Where the files are. */
	readonly folder: string;
	/** What their paths begin with: `/playground`. Its index.html is served there, and at the same with a slash behind it. */
	readonly path: string;
	/** Shown in lists of routes. */
	readonly summary: string;
	/** Headers of every reply. */
	readonly headers: Readonly<Record<string, string>>;
}

/**
 * Routes for the files of a folder.
 *
 * @returns none where there is no index.html.
 * @throws Error naming a file of a type that has no media type here.
 */
export function staticFiles({ folder, path, summary, headers }: StaticFilesOptions): HttpRoute[] {
	if (!existsSync(join(folder, "index.html"))) return [];
	const names = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !CODINGS.some(({ ending }) => entry.name.endsWith(ending)))
		.map((entry) =>
			join(entry.parentPath, entry.name)
				.slice(folder.length)
				.replace(/^[\\/]/, ""),
		);
	return names.flatMap((name) => {
		const type = TYPES[extname(name)];
		if (type === undefined) throw new Error(`${join(folder, name)}: the media type of such a file is not known`);
		const cached = name.startsWith(HASHED) ? "public, max-age=31536000, immutable" : "no-cache";
		const common = { ...headers, "content-type": type, "cache-control": cached, vary: "accept-encoding" };
		const handle = fileHandler(representations(join(folder, name)), common);
		const paths = name === "index.html" ? [path, `${path}/`] : [`${path}/${name.split(sep).join("/")}`];
		return paths.map((at) => ({ method: "GET" as const, path: at, summary, isForOperators: true, handle }));
	});
}

function representations(file: string): readonly Representation[] {
	const read = (ending: string, coding: string, names: readonly string[]): Representation[] => {
		if (!existsSync(`${file}${ending}`)) return [];
		const body = readFileSync(`${file}${ending}`);
		return [{ coding, names, body, etag: etagOf(body) }];
	};
	return [...CODINGS.flatMap(({ ending, coding, names }) => read(ending, coding, names)), ...read("", "", [])];
}

function fileHandler(
	kinds: readonly Representation[],
	common: Readonly<Record<string, string>>,
): (request: HttpRequest) => HttpReply {
	const replies = kinds.map(({ coding, names, body, etag }) => {
		const headers = { ...common, etag, ...(coding === "" ? {} : { "content-encoding": coding }) };
		return {
			names,
			etag,
			full: { status: 200, headers, body },
			unchanged: { status: 304, headers: { ...common, etag } },
		};
	});
	return ({ headers }) => {
		const accepted = headers.get("accept-encoding");
		const chosen = replies.find(({ names }) => names.length === 0 || acceptsCoding(accepted, ...names));
		if (chosen === undefined) throw new Error("a file is always there as it is");
		const condition = headers.get("if-none-match");
		return condition !== undefined && matches(condition, chosen.etag, true) ? chosen.unchanged : chosen.full;
	};
}

// Files of web pages, served from memory, each in several codings and with a validator of each. Those of a folder are read once when
// the gateway starts, in the codings that they were built in.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";
import type { HttpReply, HttpRequest } from "../../core/transport.ts";
import { etagOf, matches } from "./etag.ts";
import { acceptsCoding } from "./gzip-reply.ts";
import type { HttpRoute } from "./http-router.ts";

/** Content codings in order of preference, with the ending of their files. */
const CODINGS = [
	{ coding: "br", ending: ".br" },
	{ coding: "gzip", ending: ".gz" },
] as const;

/** What a client calls them. */
const NAMES = { "": [], br: ["br"], gzip: ["gzip", "x-gzip"] } as const;
export type Coding = keyof typeof NAMES;

const TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
};

/** The names of these have a hash of their content in them. */
const HASHED = `assets${sep}`;

export interface Representation {
	/** "" for the content as it is. */
	readonly coding: Coding;
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
		const common = { ...headers, "content-type": type, "cache-control": cached };
		const handle = fileHandler(representations(join(folder, name)), common);
		const paths = name === "index.html" ? [path, `${path}/`] : [`${path}/${name.split(sep).join("/")}`];
		return paths.map((at) => ({ method: "GET" as const, path: at, summary, isForOperators: true, handle }));
	});
}

function representations(file: string): readonly Representation[] {
	const read = (ending: string, coding: Coding): Representation[] => {
		return existsSync(`${file}${ending}`) ? [representation(coding, readFileSync(`${file}${ending}`))] : [];
	};
	return [...CODINGS.flatMap(({ ending, coding }) => read(ending, coding)), ...read("", "")];
}

export function representation(coding: Coding, body: Uint8Array): Representation {
	return { coding, body, etag: etagOf(body) };
}

/**
 * Serves content that does not change.
 *
 * @param kinds - best first; the last one is the content as it is.
 * @param headers - of every reply; what follows from the coding is added.
 */
export function fileHandler(
	kinds: readonly Representation[],
	headers: Readonly<Record<string, string>>,
): (request: HttpRequest) => HttpReply {
	const common = { ...headers, vary: "accept-encoding" };
	const replies = kinds.map(({ coding, body, etag }) => {
		const ofKind = { ...common, etag, ...(coding === "" ? {} : { "content-encoding": coding }) };
		return {
			names: NAMES[coding],
			etag,
			full: { status: 200, headers: ofKind, body },
			unchanged: { status: 304, headers: { ...common, etag } },
		};
	});
	return (request) => {
		const accepted = request.headers.get("accept-encoding");
		const chosen = replies.find(({ names }) => names.length === 0 || acceptsCoding(accepted, ...names));
		if (chosen === undefined) throw new Error("a file is always there as it is");
		const condition = request.headers.get("if-none-match");
		return condition !== undefined && matches(condition, chosen.etag, true) ? chosen.unchanged : chosen.full;
	};
}

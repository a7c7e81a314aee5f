// Where values come from: each source becomes a layer of key → value, and the errors of the source itself are recorded.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { isMap, LineCounter, parseDocument } from "yaml";
import type { ConfigProblem } from "./config.ts";
import { type ConfigKeyInfo, configKeys, isGroup, type KeyTree, keyTree, parseText } from "./keys.ts";
import { readSecretFiles, secretVariables } from "./secret-files.ts";
import { suggestion } from "./suggestion.ts";

/** A value and its source. */
export interface Assignment {
	readonly value: unknown;
	readonly source: string;
}

export interface Layer {
	readonly values: Map<string, Assignment>;
	readonly problems: ConfigProblem[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const FILE_MAX_BYTES = 1_048_576;

/** Names with the prefix that are not keys: where the file is, and what a supervisor passes to its worker. */
const RESERVED = new Set(["FRAMEGATE_CONFIG", "FRAMEGATE_WORKER"]);

function isPlainObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Files nested values under the keys of the schema. `null` is what YAML makes of a key without value: not set. */
function collect(
	layer: Layer,
	tree: KeyTree,
	values: unknown,
	path: readonly string[],
	where: (path: readonly string[]) => string,
) {
	if (values === null || values === undefined) return;
	if (!isPlainObject(values)) {
		layer.problems.push({ key: path.join(".") || "(top)", message: "expected a group of keys", source: where(path) });
		return;
	}
	for (const [name, value] of Object.entries(values)) {
		const at = [...path, name];
		const node = tree.get(name);
		if (node === undefined) {
			const hint = suggestion(name, [...tree.keys()]);
			layer.problems.push({ key: at.join("."), message: `unknown key${hint}`, source: where(at) });
		} else if (isGroup(node)) {
			collect(layer, node, value, at, where);
		} else if (value !== null && value !== undefined) {
			layer.values.set(node.key, { value, source: where(at) });
		}
	}
}

/** Values given by the program itself, such as command line options. */
export function objectLayer(values: unknown, source: string): Layer {
	const layer: Layer = { values: new Map(), problems: [] };
	collect(layer, keyTree, values, [], () => source);
	return layer;
}

/** The YAML file; each value is remembered with its line. */
export function fileLayer(path: string, cwd: string): Layer {
	const layer: Layer = { values: new Map(), problems: [] };
	let content: string;
	try {
		content = readFileSync(resolve(cwd, path), "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		layer.problems.push({ key: path, message: `the file cannot be read (${code})`, source: "file system" });
		return layer;
	}
	if (Buffer.byteLength(content) > FILE_MAX_BYTES) {
		layer.problems.push({
			key: path,
			message: `the file is longer than ${FILE_MAX_BYTES} bytes`,
			source: "file system",
		});
		return layer;
	}
	const lineCounter = new LineCounter();
	const document = parseDocument(content, { lineCounter, prettyErrors: false });
	for (const error of document.errors) {
		const { line } = lineCounter.linePos(error.pos[0]);
		layer.problems.push({ key: "(YAML)", message: error.message, source: `${path}:${line}` });
	}
	if (document.errors.length > 0) return layer;
	const where = (at: readonly string[]): string => {
		const parent: unknown = at.length === 1 ? document.contents : document.getIn(at.slice(0, -1), true);
		const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === at.at(-1)) : undefined;
		const range = (pair?.key as { range?: readonly number[] } | undefined)?.range;
		return range?.[0] === undefined ? path : `${path}:${lineCounter.linePos(range[0]).line}`;
	};
	collect(layer, keyTree, document.toJS(), [], where);
	return layer;
}

/** The `.env` file of a directory; what it says counts as environment, below the real one. */
export function readDotEnv(cwd: string, problems: ConfigProblem[]): Environment {
	try {
		return parseEnv(readFileSync(resolve(cwd, ".env"), "utf8"));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== "ENOENT") {
			problems.push({ key: ".env", message: `the file cannot be read (${code})`, source: "file system" });
		}
		return {};
	}
}

/** REDIS_HOST and its siblings, for deployments that have no URL. */
function redisUrlFromParts(get: (name: string) => string | undefined): string | undefined {
	const host = get("REDIS_HOST");
	if (host === undefined) return undefined;
	const password = get("REDIS_PASSWORD");
	const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
	const database = get("REDIS_DB");
	return `redis://${credentials}${host}:${get("REDIS_PORT") ?? "6379"}${database === undefined ? "" : `/${database}`}`;
}

/** A value for a key from names that are not its own, and the name that gave it. */
function fromAliases(key: ConfigKeyInfo, get: (name: string) => string | undefined): [string, string] | undefined {
	for (const alias of key.meta.aliases ?? []) {
		const value = get(alias);
		if (value !== undefined) return [value, alias];
	}
	if (key.key === "redis.url") {
		const url = redisUrlFromParts(get);
		if (url !== undefined) return [url, "REDIS_HOST"];
	}
	// DEBUG belongs to many programs, and most of its values are names of their parts.
	if (key.key === "log.level" && /^(1|true|yes|on|framegate)$/i.test(get("DEBUG") ?? "")) return ["debug", "DEBUG"];
	return undefined;
}

/** The environment over `.env`, and the files that it names. An empty variable is not set. */
export function environmentLayer(env: Environment, dotEnv: Environment, cwd: string): Layer {
	const layer: Layer = { values: new Map(), problems: [] };
	const said = (name: string): string | undefined => env[name] || dotEnv[name] || undefined;
	const files = readSecretFiles(said, cwd, layer.problems);
	const get = (name: string): string | undefined => said(name) ?? files.get(name);
	const named = (name: string): string => {
		if (env[name]) return name;
		return dotEnv[name] ? `${name} in .env` : `${name}_FILE`;
	};
	for (const key of configKeys) {
		const own = get(key.env);
		const found = own === undefined ? fromAliases(key, get) : ([own, key.env] as const);
		if (found !== undefined) layer.values.set(key.key, { value: parseText(key, found[0]), source: named(found[1]) });
	}
	const known = new Set([...configKeys.map((key) => key.env), ...secretVariables.map((name) => `${name}_FILE`)]);
	for (const name of new Set([...Object.keys(env), ...Object.keys(dotEnv)])) {
		if (!name.startsWith("FRAMEGATE_") || known.has(name) || RESERVED.has(name)) continue;
		const hint = suggestion(name, [...known]);
		layer.problems.push({ key: name, message: `unknown environment variable${hint}`, source: named(name) });
	}
	return layer;
}

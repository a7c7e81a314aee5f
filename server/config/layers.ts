// Where values come from: each source becomes a layer of key → value, and the errors of the source itself are recorded.
import { isIPv6 } from "node:net";
import { parseEnv } from "node:util";
import { isMap, LineCounter, parseDocument } from "yaml";
import type { ConfigProblem, Environment } from "./config.ts";
import {
	type ConfigKeyInfo,
	configKeys,
	environmentNames,
	isGroup,
	type KeyTree,
	keyTree,
	parseNamed,
} from "./keys.ts";
import { takeOlderKeys } from "./older-keys.ts";
import { readSecretFiles, secretVariables } from "./secret-files.ts";
import { ServiceLinks } from "./service-links.ts";
import { suggestion } from "./suggestion.ts";
import { linesWithoutName, readTextFile, unseenCharacter, withoutLineEnd } from "./text-file.ts";

/** A value and its source. */
export interface Assignment {
	readonly value: unknown;
	readonly source: string;
}

export interface Layer {
	readonly values: Map<string, Assignment>;
	readonly problems: ConfigProblem[];
}

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
		content = readTextFile(cwd, path);
	} catch (error) {
		layer.problems.push({ key: path, message: (error as Error).message, source: "file system" });
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
	let values: unknown;
	try {
		values = document.toJS();
	} catch (error) {
		// An alias of nothing, or aliases that would grow without end.
		layer.problems.push({ key: "(YAML)", message: (error as Error).message, source: path });
		return layer;
	}
	collect(layer, keyTree, takeOlderKeys(layer, values, where), [], where);
	return layer;
}

/** The `.env` file of a directory; what it says counts as environment, below the real one. */
export function readDotEnv(cwd: string, problems: ConfigProblem[]): Environment {
	try {
		const text = readTextFile(cwd, ".env");
		for (const line of linesWithoutName(text)) {
			problems.push({ key: ".env", message: "expected NAME=value, or # before a remark", source: `.env:${line}` });
		}
		return parseEnv(text);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
			problems.push({ key: ".env", message: (error as Error).message, source: "file system" });
		}
		return {};
	}
}

type Get = (name: string) => string | undefined;

/** A variable of one source; an empty one is not set. */
export function textOf(env: Environment, name: string): string | undefined {
	return withoutLineEnd(env[name] ?? "") || undefined;
}

const REDIS_PORT = 6379;

/** REDIS_HOST and its siblings, for deployments that have no URL. */
function redisUrlFromParts(
	get: Get,
	links: ServiceLinks,
	report: (key: string, message: string) => void,
): string | undefined {
	const host = get("REDIS_HOST");
	if (host === undefined) return undefined;
	const password = get("REDIS_PASSWORD");
	const problem = unseenCharacter(password ?? "");
	if (problem !== undefined) report("REDIS_PASSWORD", problem);
	const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
	const database = get("REDIS_DB");
	// The port of a Service called `redis`, if that is what the host names.
	const service = links.addressOf("REDIS");
	const isService = service !== undefined && (host === service.host || /^redis(?:\.|$)/.test(host));
	const port = get("REDIS_PORT") ?? `${isService ? service.port : REDIS_PORT}`;
	return `redis://${credentials}${isIPv6(host) ? `[${host}]` : host}:${port}${database === undefined ? "" : `/${database}`}`;
}

/** The name that gives a key its value: the environment comes before `.env`, and in each the key's own name before others. */
function nameFor(key: ConfigKeyInfo, isInEnvironment: (name: string) => boolean, get: Get): string | undefined {
	const names = environmentNames(key).filter((name) => get(name) !== undefined);
	return names.find(isInEnvironment) ?? names[0];
}

/**
 * Whether a variable of OpenTelemetry says what its key can be. Operators of clusters set these for programs of every kind, and
 * OTEL_TRACES_SAMPLER_ARG is the address of a server for one sampler and a share for another. What is not valid is ignored
 * (OpenTelemetry specification, "Environment Variable Specification", parsing of enum and numeric values).
 */
function isUnderstood(key: ConfigKeyInfo, name: string, text: string | undefined): boolean {
	if (text === undefined || !name.startsWith("OTEL_")) return true;
	return key.schema.safeParse(parseNamed(key, name, text)).success;
}

/** The environment over `.env`, and the files that it names. An empty variable is not set. */
export function environmentLayer(env: Environment, dotEnv: Environment, cwd: string): Layer {
	const layer: Layer = { values: new Map(), problems: [] };
	const links = new ServiceLinks(env);
	const real: Get = (name) => (links.has(name) ? undefined : textOf(env, name));
	const said: Get = (name) => real(name) ?? textOf(dotEnv, name);
	const files = readSecretFiles(said, cwd, layer.problems);
	const get: Get = (name) => said(name) ?? files.get(name);
	const isInEnvironment = (name: string) => real(files.has(name) ? `${name}_FILE` : name) !== undefined;
	const named = (name: string): string => {
		if (real(name) !== undefined) return name;
		return dotEnv[name] ? `${name} in .env` : `${name}_FILE`;
	};
	const set = (key: ConfigKeyInfo, text: string, name: string) => {
		layer.values.set(key.key, { value: parseNamed(key, name, text), source: named(name) });
	};
	for (const key of configKeys) {
		const name = nameFor(key, isInEnvironment, (name) => (isUnderstood(key, name, get(name)) ? get(name) : undefined));
		if (name !== undefined) set(key, get(name) ?? "", name);
		else if (key.key === "redis.url") {
			const url = redisUrlFromParts(get, links, (key, message) => {
				layer.problems.push({ key, message, source: named(key) });
			});
			if (url !== undefined) set(key, url, "REDIS_HOST");
		}
		// DEBUG belongs to many programs, and most of its values are names of their parts.
		else if (key.key === "log.level" && /^(1|true|yes|on|framegate)$/i.test(get("DEBUG") ?? ""))
			set(key, "debug", "DEBUG");
	}
	const known = new Set([...configKeys.map((key) => key.env), ...secretVariables.map((name) => `${name}_FILE`)]);
	for (const name of new Set([...Object.keys(env), ...Object.keys(dotEnv)])) {
		if (!name.startsWith("FRAMEGATE_") || known.has(name) || RESERVED.has(name) || links.has(name)) continue;
		const hint = suggestion(name, [...known]);
		layer.problems.push({ key: name, message: `unknown environment variable${hint}`, source: named(name) });
	}
	return layer;
}

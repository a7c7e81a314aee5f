// Keys of an older IM gateway's YAML file that are called something else here: its file is taken as it is, and what has no
// counterpart is an error that says so. docs/migrating/im-gateway.md lists them.
import type { ConfigProblem } from "./config.ts";

/** Values by our keys; or what is wrong, in words. */
type Reading = Readonly<Record<string, unknown>> | string;

interface OlderKey {
	readonly path: readonly string[];
	readonly read: (value: unknown) => Reading;
}

/** What a layer of the configuration collects. */
interface Collected {
	readonly values: Map<string, { readonly value: unknown; readonly source: string }>;
	readonly problems: ConfigProblem[];
}

type Group = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Group =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** `:8080`, `0.0.0.0:8080`, `[::1]:8080`. */
const LISTEN_ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/;

function readListenAddress(value: unknown): Reading {
	const [, v6, name = "", port] = LISTEN_ADDRESS.exec(String(value)) ?? [];
	if (port === undefined) return "expected host:port or :port";
	const host = v6 ?? name;
	return { "server.port": Number(port), ...(host === "" ? {} : { "server.host": host }) };
}

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
const PART_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time as Go writes it, `24h` or `1h30m`, for a key in milliseconds. */
const duration =
	(key: string) =>
	(value: unknown): Reading => {
		const text = String(value);
		const parts = [...text.matchAll(PART)];
		const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === text;
		if (!isWhole) return "expected a time with its unit, such as 30s, 24h or 1h30m";
		return {
			[key]: Math.round(parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (PART_MS[unit] ?? 0), 0)),
		};
	};

/** The transport ends a request of which no byte comes for this long (uWebSockets, HTTP_IDLE_TIMEOUT_S). */
const READ_TIMEOUT_MS = 10_000;

/** A limit that holds without a setting, unless it is to be shorter. */
function readReadTimeout(value: unknown): Reading {
	const timeout = duration("ms")(value);
	if (typeof timeout === "string") return timeout;
	const isKept = Number(timeout["ms"]) >= READ_TIMEOUT_MS;
	return isKept ? {} : "is no setting here: requests of which no byte comes for 10 s are ended; remove it";
}

/** The logic service as an upstream: at its address, or where etcd has it. */
function readLogicService(value: unknown): Reading {
	if (!isGroup(value)) return "expected service_name and direct_addr";
	const { service_name: name = "im-logic", direct_addr: address, ...others } = value;
	const [unknown] = Object.keys(others);
	if (unknown !== undefined) return `has an unknown key, ${unknown}`;
	if (typeof name !== "string" || name === "") return "service_name: expected the name of a service";
	const where = address === undefined ? { discover: { from: "etcd", name } } : { addresses: [address] };
	return { "upstreams.services": { [name]: where } };
}

const olderKeys: readonly OlderKey[] = [
	{ path: ["server", "http_addr"], read: readListenAddress },
	{
		path: ["server", "ws_path"],
		read: (value) =>
			value === "/ws"
				? { "chat.imDialect": true }
				: "WebSockets are served at /ws only; a proxy in front can serve another path",
	},
	{ path: ["server", "write_timeout"], read: duration("limits.requestTimeoutMs") },
	{ path: ["server", "read_timeout"], read: readReadTimeout },
	{ path: ["grpc", "logic"], read: readLogicService },
	{ path: ["coordinator", "endpoints"], read: (value) => ({ "discovery.etcd.endpoints": value }) },
	{ path: ["jwt", "secret"], read: (value) => ({ "auth.secret": value }) },
	{ path: ["jwt", "access_token_expire"], read: duration("auth.accessTokenTtlMs") },
	{ path: ["jwt", "refresh_token_expire"], read: duration("auth.refreshTokenTtlMs") },
];

function valueAt(values: unknown, path: readonly string[]): unknown {
	let value = values;
	for (const name of path) value = isGroup(value) && Object.hasOwn(value, name) ? value[name] : undefined;
	return value;
}

/** Without the value at a path, and without groups that are empty then. */
function without(values: unknown, [name, ...rest]: readonly string[]): unknown {
	if (name === undefined || !isGroup(values) || !Object.hasOwn(values, name)) return values;
	const { [name]: value, ...others } = values;
	const left = rest.length === 0 ? undefined : without(value, rest);
	const isEmpty = left === undefined || (isGroup(left) && Object.keys(left).length === 0);
	return isEmpty ? others : { ...others, [name]: left };
}

/**
 * Puts what older keys say under ours. Called before our own keys of the same file are collected, which win over them.
 *
 * @param values - the file, as YAML reads it.
 * @param where - the place of a key, for errors.
 * @returns the rest of the file.
 */
export function takeOlderKeys(
	{ values: collected, problems }: Collected,
	values: unknown,
	where: (path: readonly string[]) => string,
): unknown {
	let rest = values;
	for (const { path, read } of olderKeys) {
		const value = valueAt(values, path);
		if (value === undefined || value === null) continue;
		const source = where(path);
		const reading = read(value);
		if (typeof reading === "string") problems.push({ key: path.join("."), message: reading, source });
		else for (const [key, own] of Object.entries(reading)) collected.set(key, { value: own, source });
		rest = without(rest, path);
	}
	return rest;
}

/** As they stand in a file, for the reference page. */
export const olderKeyNames: readonly string[] = Object.freeze(olderKeys.map(({ path }) => path.join(".")));

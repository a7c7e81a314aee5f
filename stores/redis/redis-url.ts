// Which Redis a URL means: one server, a Cluster, or a master that Sentinels know.

export interface RedisNode {
	readonly host: string;
	readonly port: number;
}

export interface RedisTarget {
	readonly kind: "single" | "cluster" | "sentinel";
	readonly tls: boolean;
	readonly nodes: readonly RedisNode[];
	/** Sentinel's name of the master. */
	readonly masterName?: string;
	readonly username?: string;
	readonly password?: string;
	readonly db: number;
	/** How Sentinels are connected to; their users are not those of the servers that they watch. */
	readonly sentinel?: SentinelAccess;
}

export interface SentinelAccess {
	readonly tls: boolean;
	readonly username?: string;
	readonly password?: string;
}

const pattern =
	/^(?<scheme>rediss?(?:\+(?:cluster|sentinel))?):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?]+)(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/;

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis+cluster://h1[:port],h2,…` or
 * `redis+sentinel://h1[:port],h2,…/masterName[/db]`; `rediss…` is TLS. User and password are those of the Redis servers; the
 * parameters `sentinelUsername`, `sentinelPassword` and `sentinelTls` (`true` or `false`; as the servers, if absent) are for
 * the Sentinels.
 *
 * @throws Error that says what is allowed, without the URL, which may hold a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
	const groups = pattern.exec(url)?.groups;
	if (groups === undefined) {
		throw new Error(
			"redis URL must look like redis://host:port/db, redis+cluster://h1,h2 or redis+sentinel://h1,h2/name",
		);
	}
	const kind = kindOf(groups["scheme"] as string);
	const defaultPort = kind === "sentinel" ? 26379 : 6379;
	const parts = (groups["path"] ?? "").split("/").filter((part) => part !== "");
	const masterName = kind === "sentinel" ? parts.shift() : undefined;
	if (kind === "sentinel" && masterName === undefined) throw new Error("redis+sentinel URL must end in /masterName");
	const db = Number(parts.shift() ?? "0");
	if (!Number.isInteger(db) || db < 0 || parts.length > 0) throw new Error("redis URL: the database must be a number");
	if (kind === "cluster" && db !== 0) throw new Error("redis URL: a Cluster has database 0 only");
	const nodes = (groups["hosts"] as string).split(",").map((host) => nodeOf(host, defaultPort));
	if (kind === "single" && nodes.length > 1)
		throw new Error("redis URL: several hosts need redis+cluster:// or redis+sentinel://");
	const tls = (groups["scheme"] as string).startsWith("rediss");
	const parameters = parametersOf(groups["query"] ?? "", kind);
	return {
		kind,
		tls,
		nodes,
		db,
		...(kind === "sentinel" && { sentinel: sentinelOf(parameters, tls) }),
		...(masterName !== undefined && { masterName: decodeURIComponent(masterName) }),
		...(groups["user"] && { username: decodeURIComponent(groups["user"]) }),
		...(groups["password"] && { password: decodeURIComponent(groups["password"]) }),
	};
}

const sentinelParameters = ["sentinelUsername", "sentinelPassword", "sentinelTls"];

/** Not as a form, where `+` is a blank: the values are written as the rest of the URL. */
function parametersOf(query: string, kind: RedisTarget["kind"]): ReadonlyMap<string, string> {
	const parameters = new Map<string, string>();
	for (const part of query.split("&").filter((part) => part !== "")) {
		const name = part.split("=", 1)[0] as string;
		if (kind !== "sentinel" || !sentinelParameters.includes(name)) {
			const known = kind === "sentinel" ? `; there are ${sentinelParameters.join(", ")}` : "";
			throw new Error(
				`redis URL: ${name.slice(0, 40)} is no parameter of ${kind === "sentinel" ? "Sentinels" : "it"}${known}`,
			);
		}
		parameters.set(name, decodeURIComponent(part.slice(name.length + 1)));
	}
	return parameters;
}

function sentinelOf(parameters: ReadonlyMap<string, string>, tls: boolean): SentinelAccess {
	const [username, password, ownTls] = sentinelParameters.map((name) => parameters.get(name) || undefined);
	if (ownTls !== undefined && ownTls !== "true" && ownTls !== "false")
		throw new Error("redis URL: sentinelTls must be true or false");
	if (username !== undefined && password === undefined)
		throw new Error("redis URL: sentinelUsername needs a sentinelPassword");
	return {
		tls: ownTls === undefined ? tls : ownTls === "true",
		...(username !== undefined && { username }),
		...(password !== undefined && { password }),
	};
}

function kindOf(scheme: string): RedisTarget["kind"] {
	if (scheme.endsWith("+cluster")) return "cluster";
	return scheme.endsWith("+sentinel") ? "sentinel" : "single";
}

function nodeOf(text: string, defaultPort: number): RedisNode {
	const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text);
	const port = Number(match?.groups?.["port"] ?? defaultPort);
	const host = match?.groups?.["v6"] ?? match?.groups?.["name"];
	if (host === undefined || port < 1 || port > 65_535) throw new Error("redis URL: a host or port is malformed");
	return { host, port };
}

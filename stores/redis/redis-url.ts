// Which Redis a URL means: one server, a Cluster, or a master that Sentinels know.
import { type Address, type AddressHost, type AddressParameters, decoded, parseAddress } from "../../common/address.ts";
import { type AddressTls, takeTls } from "../../common/address-tls.ts";

export interface RedisNode {
	readonly host: string;
	readonly port: number;
}

export interface RedisTarget {
	readonly kind: "single" | "cluster" | "sentinel";
	/** Undefined: plain text. */
	readonly tls?: AddressTls;
	readonly nodes: readonly RedisNode[];
	/** Sentinel's name of the master. */
	readonly masterName?: string;
	readonly username?: string;
	readonly password?: string;
	readonly db: number;
	/** Which addresses of a host name are tried: 4, 6, or 0 for both. */
	readonly family?: 0 | 4 | 6;
	/** How Sentinels are connected to; their users are not those of the servers that they watch. */
	readonly sentinel?: SentinelAccess;
}

export interface SentinelAccess {
	/** Undefined: plain text. */
	readonly tls?: AddressTls;
	readonly username?: string;
	readonly password?: string;
}

const SCHEME = /^(?:redis|valkey)(s?)(?:\+(cluster|sentinel))?$/;

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis+cluster://h1[:port],h2,…` or
 * `redis+sentinel://h1[:port],h2,…/masterName[/db]`; `rediss…` is TLS, `valkey…` the same as `redis…`. User and password are
 * those of the Redis servers. Parameters: `db`, `family`, those of TLS (common/address-tls.ts), and for Sentinels
 * `sentinelUsername`, `sentinelPassword` and `sentinelTls` (`true` or `false`; as the servers, if absent).
 *
 * @throws Error that names what is wrong, without the URL, which may hold a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
	try {
		return targetOf(parseAddress(url));
	} catch (error) {
		throw new Error(`redis URL: ${(error as Error).message}`, { cause: error });
	}
}

function targetOf({ scheme, username, password, hosts, path, parameters }: Address): RedisTarget {
	const [, s, mode] = SCHEME.exec(scheme) ?? [];
	if (s === undefined)
		throw new Error("must look like redis://host:port/db, redis+cluster://h1,h2 or redis+sentinel://h1,h2/name");
	const kind = (mode ?? "single") as RedisTarget["kind"];
	const parts = path.split("/").filter((part) => part !== "");
	const masterName = kind === "sentinel" ? decoded(parts.shift(), "name of the master") : undefined;
	if (kind === "sentinel" && masterName === undefined) throw new Error("redis+sentinel must end in /masterName");
	const named = parameters.take("db", "database")?.value;
	if (named !== undefined && parts.length > 0) throw new Error("the database is given twice");
	const db = Number(named ?? parts.shift() ?? "0");
	if (!Number.isInteger(db) || db < 0 || parts.length > 0) throw new Error("the database must be a number");
	if (kind === "cluster" && db !== 0) throw new Error("a Cluster has database 0 only");
	if (hosts.length === 0) throw new Error("names no host");
	if (kind === "single" && hosts.length > 1) {
		throw new Error("several hosts need redis+cluster:// or redis+sentinel://");
	}
	const family = parameters.take("family")?.value;
	if (family !== undefined && !["0", "4", "6"].includes(family)) throw new Error("family must be 0, 4 or 6");
	const asked = takeTls(parameters, s === "s");
	const tls = asked?.mode === "off" ? undefined : asked;
	const sentinel = kind === "sentinel" ? takeSentinel(parameters, tls) : undefined;
	parameters.rejectRest();
	const defaultPort = kind === "sentinel" ? 26379 : 6379;
	return {
		kind,
		nodes: hosts.map((host) => nodeOf(host, defaultPort)),
		db,
		...(tls !== undefined && { tls }),
		...(sentinel !== undefined && { sentinel }),
		...(masterName !== undefined && { masterName }),
		...(username !== undefined && { username }),
		...(password !== undefined && { password }),
		...(family !== undefined && { family: Number(family) as 0 | 4 | 6 }),
	};
}

function takeSentinel(parameters: AddressParameters, serverTls: AddressTls | undefined): SentinelAccess {
	const [username, password, ownTls] = ["sentinelUsername", "sentinelPassword", "sentinelTls"].map((name) => {
		return parameters.take(name)?.value || undefined;
	});
	if (ownTls !== undefined && ownTls !== "true" && ownTls !== "false") {
		throw new Error("sentinelTls must be true or false");
	}
	if (username !== undefined && password === undefined) throw new Error("sentinelUsername needs a sentinelPassword");
	const tls = ownTls === "true" ? (serverTls ?? { mode: "verify-full" as const }) : serverTls;
	return {
		...(tls !== undefined && ownTls !== "false" && { tls }),
		...(username !== undefined && { username }),
		...(password !== undefined && { password }),
	};
}

function nodeOf({ host, port }: AddressHost, defaultPort: number): RedisNode {
	return { host, port: port ?? defaultPort };
}

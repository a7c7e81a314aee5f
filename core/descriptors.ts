// How many file descriptors this process has left. At the limit accept(2) fails, and the listening socket stays readable: the
// loop would spin on it, and neither Redis nor SQL nor a file could be opened any more.
import { closeSync, openSync, readFileSync } from "node:fs";

/** What the system allows a process, and what it had open before the first client came. */
export interface DescriptorFacts {
	/** Undefined where the system does not report it. */
	readonly limit: number | undefined;
	readonly inUse: number;
}

/** How descriptors are shared out. */
export interface DescriptorShares {
	/** Sockets are refused when all descriptors below this are in use; undefined: never. */
	readonly ceiling: number | undefined;
	/** Kept above it for Redis, SQL and files. */
	readonly reserved: number;
	/** Sockets that are no WebSocket: HTTP, TLS handshakes, requests that are not complete. */
	readonly httpSockets: number;
	/** WebSockets. */
	readonly connections: number;
}

export interface DescriptorSettings {
	readonly maxConnections: number;
	readonly maxHttpSockets: number;
	readonly reservedDescriptors: number;
}

/** Where Linux shows the limits of a process, proc(5). */
const LIMITS_FILE = "/proc/self/limits";

/** The soft limit of open files (RLIMIT_NOFILE), and the descriptors that are open now. */
export function descriptorFacts(): DescriptorFacts {
	try {
		const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(LIMITS_FILE, "utf8")) ?? [];
		return { limit: soft === undefined ? undefined : Number(soft), inUse: lowestFreeDescriptor() ?? 0 };
	} catch {
		return { limit: undefined, inUse: 0 };
	}
}

/** Shares out what the limit allows: the reserve first, then a quarter at most for HTTP, the rest for WebSockets. */
export function descriptorShares({ limit, inUse }: DescriptorFacts, settings: DescriptorSettings): DescriptorShares {
	const { maxConnections, maxHttpSockets, reservedDescriptors } = settings;
	if (limit === undefined) {
		const ceiling = undefined;
		return { ceiling, reserved: reservedDescriptors, httpSockets: maxHttpSockets, connections: maxConnections };
	}
	const reserved = Math.min(reservedDescriptors, Math.floor(limit / 2));
	const budget = limit - reserved - inUse;
	const httpSockets = Math.max(1, Math.min(maxHttpSockets, Math.floor(budget / 4)));
	const connections = Math.max(1, Math.min(maxConnections, budget - httpSockets));
	return { ceiling: limit - reserved, reserved, httpSockets, connections };
}

/** The limit of open files with which `maxConnections` are taken: what an operator should set. */
export function neededDescriptors({ inUse }: DescriptorFacts, settings: DescriptorSettings): number {
	return settings.maxConnections + settings.maxHttpSockets + settings.reservedDescriptors + inUse;
}

/**
 * The lowest descriptor that is free, which is the one that the system gives out next: all below it are in use.
 *
 * @returns undefined when none is free.
 */
export function lowestFreeDescriptor(): number | undefined {
	try {
		const descriptor = openSync("/dev/null", "r");
		closeSync(descriptor);
		return descriptor;
	} catch {
		return undefined;
	}
}

// Which new connections stay, and which older ones are closed for a new one. A connection without a login costs a place and
// nothing else: a client that never logs in must not keep out those that do.
import type { Identity } from "../common/identity.ts";
import { CloseCode, ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import type { Connection } from "./connection.ts";
import { subProtocols, supportedProtocol } from "./encoding.ts";
import { FairPool } from "./fair-pool.ts";
import type { Hub } from "./hub.ts";
import type { OriginPolicy } from "./origin.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { UpgradeRequest } from "./transport.ts";

/** Limits on connections. Replaced as a whole on reload. */
export interface AdmissionLimits {
	readonly maxConnections: number;
	/** 0: no limit of its own. */
	readonly maxConnectionsPerIp: number;
	/** 0: a quarter of `maxConnections`. */
	readonly maxUnauthenticated: number;
	/** 0: half of those. */
	readonly maxUnauthenticatedPerIp: number;
	readonly maxConnectionsPerUser: number;
	readonly maxConnectionsPerSession: number;
}

export interface AdmissionOptions {
	readonly hub: Hub;
	readonly rates: RateLimits;
	readonly isOriginAllowed: OriginPolicy;
	readonly limits: AdmissionLimits;
}

/** What of a handshake may be a reason to reject it. */
type RejectableRequest = Pick<UpgradeRequest, "origin" | "protocols">;

/** Why a connection is closed before it has logged in. */
export interface ConnectionRejection {
	readonly code: CloseCode;
	readonly error: GatewayError;
}

/** `retryAfterMs` of a connection that was rejected because the node is full. */
const FULL_RETRY_MS = 5_000;
/**
 * Connections over the limit are accepted and get an error frame and a close code, since a browser cannot read an HTTP error.
 * Beyond this many more, accepting them would itself be the overload, and the upgrade is answered with a plain 503.
 */
const OVERLIMIT_CONNECTIONS = 500;

/** A rejection that asks the client to connect later, or to another node. */
function noRoom(message: string, retryAfterMs: number): ConnectionRejection {
	return {
		code: CloseCode.TOO_MANY_CONNECTIONS,
		error: new GatewayError(ErrorCode.TOO_MANY_CONNECTIONS, message, { retryAfterMs }),
	};
}

/** Requests are in flight, such as a login. */
const isBusy = ({ calls }: Connection): boolean => calls !== undefined && calls.length > 0;

/** Connections that have not logged in, by address. */
class UnauthenticatedPool {
	private readonly pool = new FairPool<Connection>();

	get size(): number {
		return this.pool.size;
	}

	add(connection: Connection): void {
		this.pool.add(connection.addressKey, connection);
	}

	/** Does nothing for a connection that is not there. */
	delete(connection: Connection): void {
		this.pool.delete(connection.addressKey, connection);
	}

	count(key: string): number {
		return this.pool.count(key);
	}

	/** The oldest of one address, or of the address with the most. */
	victim(key?: string): Connection | undefined {
		return key === undefined ? this.pool.victim(isBusy) : this.pool.oldest(key, isBusy);
	}
}

/** Why a connection that has not logged in is closed for a newer one. */
export function eviction(): ConnectionRejection {
	return noRoom("another connection needs the place of one that has not logged in", FULL_RETRY_MS);
}

export class ConnectionAdmission {
	limits: AdmissionLimits;
	/** While draining, new connections are rejected: another node has room for them. */
	isDraining = false;
	readonly unauthenticated = new UnauthenticatedPool();
	private readonly options: AdmissionOptions;

	constructor(options: AdmissionOptions) {
		this.options = options;
		this.limits = options.limits;
	}

	/**
	 * Why an upgrade is refused by an HTTP status already. A browser cannot read that, so it is only for what a rejection in band
	 * would feed: more connections than the limit and some, and addresses whose connections have been closed for their faults.
	 *
	 * @param nowMs - monotonic milliseconds.
	 */
	upgradeRejection(addressKey: string, nowMs: number): GatewayError | undefined {
		const { hub, rates } = this.options;
		if (hub.size >= this.limits.maxConnections + OVERLIMIT_CONNECTIONS) {
			return new GatewayError(ErrorCode.TOO_MANY_CONNECTIONS, "this node is full", { retryAfterMs: FULL_RETRY_MS });
		}
		const retryAfterMs = rates.faultWaitMs(addressKey, nowMs);
		if (retryAfterMs === 0) return undefined;
		const message = "too many connections from this address were closed for what they sent";
		return new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs });
	}

	/** @returns why a new connection, which is in the hub and the pool already, is rejected; undefined when it is accepted. */
	rejection(connection: Connection, { origin, protocols }: RejectableRequest): ConnectionRejection | undefined {
		if (this.isDraining) return noRoom("this node is stopping", FULL_RETRY_MS);
		const { limits } = this;
		const { hub, rates, isOriginAllowed } = this.options;
		if (!isOriginAllowed(origin)) {
			return { code: CloseCode.FORBIDDEN, error: new GatewayError(ErrorCode.PERMISSION_DENIED, "origin not allowed") };
		}
		if (protocols.length > 0 && supportedProtocol(protocols) === undefined) {
			const text = `expected ${[...subProtocols.keys()].join(" or ")}`;
			return { code: CloseCode.SUB_PROTOCOL, error: new GatewayError(ErrorCode.BAD_REQUEST, text) };
		}
		const key = connection.addressKey;
		const perIp = limits.maxConnectionsPerIp;
		if (perIp > 0 && rates.addresses.holders(key) > perIp) {
			return noRoom("too many connections from this address", FULL_RETRY_MS);
		}
		const waitMs = rates.takeConnect(key, connection.openedAtMs);
		if (waitMs > 0) return noRoom("connections from this address come too fast", waitMs);
		// Where every other connection has logged in, there is none whose place it could take.
		const isFull = hub.size > limits.maxConnections && this.unauthenticated.size <= 1;
		return isFull ? noRoom("this node is full", FULL_RETRY_MS) : undefined;
	}

	/**
	 * The connection that leaves since a new one stays: the oldest of the address with the most that have not logged in, when
	 * they have used up their share or the node is full. An honest client logs in soon, and is not among those.
	 */
	surplus(newcomer: Connection): Connection | undefined {
		const { limits, unauthenticated } = this;
		const share = limits.maxUnauthenticated || Math.max(1, Math.floor(limits.maxConnections / 4));
		const perIp = limits.maxUnauthenticatedPerIp || Math.max(1, Math.floor(share / 2));
		const key = newcomer.addressKey;
		if (unauthenticated.count(key) > perIp) return unauthenticated.victim(key);
		const isFull = this.options.hub.size > limits.maxConnections;
		return isFull || unauthenticated.size > share ? unauthenticated.victim() : undefined;
	}

	/** The oldest connections of a session that has too many; a newer one takes their place. */
	surplusOfSession({ sessionId }: Identity): readonly Connection[] {
		const { hub } = this.options;
		const surplus = hub.countOfSession(sessionId) - this.limits.maxConnectionsPerSession;
		return surplus > 0 ? oldest(hub.ofSession(sessionId), surplus) : [];
	}

	/** The oldest connections of a user who has too many. */
	surplusOfUser({ userId }: Identity): readonly Connection[] {
		const { hub } = this.options;
		const surplus = hub.countOfUser(userId) - this.limits.maxConnectionsPerUser;
		return surplus > 0 ? oldest(hub.ofUser(userId), surplus) : [];
	}
}

/** By when they were opened: what a client sent on a connection that it has given up may arrive after its next one has logged in. */
function oldest(connections: readonly Connection[], count: number): readonly Connection[] {
	return connections.toSorted((one, other) => one.id - other.id).slice(0, count);
}

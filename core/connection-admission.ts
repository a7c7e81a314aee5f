// Which new connections stay, and which of those that have not logged in gives way to one. A connection without a login costs
// a place and nothing else: a client that never logs in must not keep out those that do.
import { CloseCode, ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import type { Connection } from "./connection.ts";
import { FairPool } from "./fair-pool.ts";
import type { Hub } from "./hub.ts";
import type { OriginPolicy } from "./origin.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { UnsentLimits } from "./unsent-budget.ts";

export interface AdmissionLimits extends UnsentLimits {
	readonly maxConnections: number;
	/** 0: no limit of its own. */
	readonly maxConnectionsPerIp: number;
	/** 0: a quarter of `maxConnections`. */
	readonly maxUnauthenticated: number;
	/** 0: half of those. */
	readonly maxUnauthenticatedPerIp: number;
}

export interface AdmissionOptions {
	readonly hub: Hub;
	readonly rates: RateLimits;
	readonly isOriginAllowed: OriginPolicy;
}

/** Why a connection is closed right after it was opened. */
export interface ConnectionRejection {
	readonly code: CloseCode;
	readonly error: GatewayError;
}

/** `retryAfterMs` of a connection that was rejected because the node is full. */
export const FULL_RETRY_MS = 5_000;

/** A rejection that asks the client to connect later, or to another node. */
export function noRoom(message: string, retryAfterMs: number): ConnectionRejection {
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

export class ConnectionAdmission {
	readonly unauthenticated = new UnauthenticatedPool();
	private readonly options: AdmissionOptions;

	constructor(options: AdmissionOptions) {
		this.options = options;
	}

	/** @returns why a new connection, which is in the hub and the pool already, is rejected; undefined when it is accepted. */
	rejection(connection: Connection, origin: string, limits: AdmissionLimits): ConnectionRejection | undefined {
		const { hub, rates, isOriginAllowed } = this.options;
		if (!isOriginAllowed(origin)) {
			return { code: CloseCode.FORBIDDEN, error: new GatewayError(ErrorCode.PERMISSION_DENIED, "origin not allowed") };
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
	surplus(newcomer: Connection, limits: AdmissionLimits): Connection | undefined {
		const { unauthenticated } = this;
		const share = limits.maxUnauthenticated || Math.max(1, Math.floor(limits.maxConnections / 4));
		const perIp = limits.maxUnauthenticatedPerIp || Math.max(1, Math.floor(share / 2));
		const key = newcomer.addressKey;
		if (unauthenticated.count(key) > perIp) return unauthenticated.victim(key);
		const isFull = this.options.hub.size > limits.maxConnections;
		return isFull || unauthenticated.size > share ? unauthenticated.victim() : undefined;
	}
}

// The bytes that calls in flight hold: of those that wait the body, of those that run the decoded request. What a client sends
// behind a call that takes its time costs it nothing and costs the process memory, so that it is counted: by connection, by
// address, for all that have not authenticated yet, and for the process.
import type { CallQueue } from "./call-queue.ts";
import type { Connection } from "./connection.ts";
import type { RequestCall } from "./request-call.ts";

/** Limits on calls in flight. Replaced as a whole on reload. */
export interface PendingLimits {
	/** Calls of one connection that may run or wait. */
	readonly maxInFlight: number;
	/** The same, of one that has not authenticated. */
	readonly maxInFlightBeforeLogin: number;
	readonly maxPendingBytes: number;
	readonly maxPendingBytesPerConnection: number;
	/** What may wait on a connection that has not authenticated. */
	readonly maxPendingBytesBeforeLogin: number;
}

/** What a call was refused for. */
export const pendingBounds = [
	"in_flight",
	"connection",
	"before_login",
	"unauthenticated",
	"address",
	"process",
] as const;
export type PendingBound = (typeof pendingBounds)[number];

/** A call without its body: the object, its place in the queue, a promise or a buffer. Measured: 400 to 700 bytes. */
export const CALL_BYTES = 640;
/** Text of one byte a character in a body may become two bytes a character when it is decoded. */
const DECODED_FACTOR = 2;
/** One element of a list in a decoded request, beside its texts. Measured: 8 a number, 9 to 40 a text, 40 to 190 an object. */
const NUMBER_BYTES = 8;
const TEXT_BYTES = 40;
const OBJECT_BYTES = 190;

/** Of the process: what one address may hold, and all together that have not authenticated. */
const SHARE = 1 / 4;
/** Of the process: the rest is for the only call of a connection, such as a login, which finds room when others hold much. */
const COMMON_SHARE = 7 / 8;

export class CallBudget {
	limits: PendingLimits;
	/** Held by all calls that run or wait. */
	bytes = 0;
	/** The part of it held for connections that had not authenticated. */
	unauthenticatedBytes = 0;
	/** Calls refused, by bound. */
	readonly refused = new Map<PendingBound, number>(pendingBounds.map((bound) => [bound, 0]));
	/** Only addresses that hold something. */
	private readonly byAddress = new Map<string, number>();

	constructor(limits: PendingLimits) {
		this.limits = limits;
	}

	/** Nothing more may be held at all. */
	get isFull(): boolean {
		return this.bytes >= this.limits.maxPendingBytes;
	}

	/** The bound that a further call of a connection would break by its count. */
	countProblem(peer: Connection, calls: CallQueue): PendingBound | undefined {
		const { maxInFlight, maxInFlightBeforeLogin } = this.limits;
		if (calls.length >= maxInFlight) return "in_flight";
		return peer.identity === undefined && calls.length >= maxInFlightBeforeLogin ? "before_login" : undefined;
	}

	/** The bound that a further call of a connection which has others would break by its bytes. */
	bytesProblem(peer: Connection, calls: CallQueue, bytes: number): PendingBound | undefined {
		const { maxPendingBytes, maxPendingBytesPerConnection, maxPendingBytesBeforeLogin } = this.limits;
		const share = maxPendingBytes * SHARE;
		if (peer.identity === undefined) {
			if (calls.waitingBytes + bytes > maxPendingBytesBeforeLogin) return "before_login";
			if (this.unauthenticatedBytes + bytes > share) return "unauthenticated";
		}
		if (calls.heldBytes + bytes > maxPendingBytesPerConnection) return "connection";
		if ((this.byAddress.get(peer.addressKey) ?? 0) + bytes > share) return "address";
		return this.bytes + bytes > maxPendingBytes * COMMON_SHARE ? "process" : undefined;
	}

	/** The bound that a call without a connection would break by its bytes. */
	addressProblem(addressKey: string, bytes: number): PendingBound | undefined {
		const { maxPendingBytes } = this.limits;
		if ((this.byAddress.get(addressKey) ?? 0) + bytes > maxPendingBytes * SHARE) return "address";
		return this.bytes + bytes > maxPendingBytes * COMMON_SHARE ? "process" : undefined;
	}

	/** A call without a connection begins to run. */
	holdForAddress(addressKey: string, bytes: number): void {
		this.bytes += bytes;
		this.byAddress.set(addressKey, (this.byAddress.get(addressKey) ?? 0) + bytes);
	}

	/** Its handler has ended. */
	releaseForAddress(addressKey: string, bytes: number): void {
		this.bytes -= bytes;
		const left = (this.byAddress.get(addressKey) ?? 0) - bytes;
		if (left > 0) this.byAddress.set(addressKey, left);
		else this.byAddress.delete(addressKey);
	}

	/** A call begins to wait, or to run. */
	hold(call: RequestCall, calls: CallQueue, bytes: number): void {
		const { peer } = call;
		// The only call of a connection takes from nobody's share: there are at most as many as connections.
		call.isShared = calls.heldBytes > 0;
		call.heldBytes = bytes;
		calls.heldBytes += bytes;
		this.bytes += bytes;
		if (!call.isShared) return;
		this.byAddress.set(peer.addressKey, (this.byAddress.get(peer.addressKey) ?? 0) + bytes);
		call.isUnauthenticated = peer.identity === undefined;
		if (call.isUnauthenticated) this.unauthenticatedBytes += bytes;
	}

	/** It waits no longer, or its handler has ended. */
	release(call: RequestCall, calls: CallQueue): void {
		const { heldBytes, peer } = call;
		call.heldBytes = 0;
		calls.heldBytes -= heldBytes;
		this.bytes -= heldBytes;
		if (!call.isShared) return;
		const left = (this.byAddress.get(peer.addressKey) ?? 0) - heldBytes;
		if (left > 0) this.byAddress.set(peer.addressKey, left);
		else this.byAddress.delete(peer.addressKey);
		if (call.isUnauthenticated) this.unauthenticatedBytes -= heldBytes;
	}

	countRefused(bound: PendingBound): void {
		this.refused.set(bound, (this.refused.get(bound) ?? 0) + 1);
	}

	/** Addresses that hold something. */
	get addresses(): number {
		return this.byAddress.size;
	}
}

/** What a call will hold while it waits. */
export function waitingBytes(call: RequestCall): number {
	return CALL_BYTES + call.keptBytes();
}

/** What a call holds while it runs, once its request is decoded; before that, at least so much. */
export function runningBytes({
	bodyStart,
	bodyEnd,
	route,
	request,
}: Pick<RequestCall, "bodyStart" | "bodyEnd" | "route" | "request">): number {
	let bytes = CALL_BYTES + DECODED_FACTOR * (bodyEnd - bodyStart);
	if (route.copiesBody) bytes += bodyEnd - bodyStart;
	if (request === undefined) return bytes;
	for (const { property, shape } of route.lists) {
		const list = (request as Readonly<Record<string, unknown>>)[property];
		if (!Array.isArray(list)) continue;
		bytes += list.length * (shape === "message" ? OBJECT_BYTES : shape === "string" ? TEXT_BYTES : NUMBER_BYTES);
	}
	return bytes;
}

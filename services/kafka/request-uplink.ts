// Requests of clients as records of Kafka: the body as it came, and who sent it in the headers. A call is answered when Kafka has the
// record on all replicas in sync.
import { v7 as uuidv7 } from "uuid";
import type { Clock } from "../../common/clock.ts";
import type { Identity } from "../../common/identity.ts";
import { type TracedRequest, traceHeaders } from "../../common/trace-headers.ts";
import { RECORD_HEADERS } from "./records.ts";
import type { Uplink } from "./uplink.ts";

export interface RequestUplinkParts {
	readonly uplink: Pick<Uplink, "open" | "append">;
	/** Of this node. */
	readonly gatewayId: string;
	readonly clock: Clock;
	/** Longest wait for Kafka, in milliseconds. */
	readonly timeoutMs: number;
}

/** What a record is made of. */
export interface RecordedRequest extends TracedRequest {
	readonly body: Uint8Array;
	/** Undefined only where the route is public. */
	readonly identity: Identity | undefined;
	/** Address of the client. */
	readonly ip: string;
	/** Of a call over HTTP; "" for a frame. */
	readonly requestId: string;
	/** By which the caller knows a repeat; "" for none. */
	readonly idempotencyKey: string;
	/** When nobody waits for the answer any more, on the monotonic clock in milliseconds. */
	readonly deadlineMs: number;
}

/** Where it goes, and as what. */
export interface RequestDestination {
	/** Name of the route. */
	readonly route: string;
	readonly topic: string;
	/** "" for a record without a key. */
	readonly key: string;
	readonly contentType: string;
}

export class RequestUplink {
	private readonly parts: RequestUplinkParts;

	constructor(parts: RequestUplinkParts) {
		this.parts = parts;
	}

	/**
	 * @returns the id of the record, when Kafka has it.
	 * @throws GatewayError UNAVAILABLE: at once while Kafka takes nothing, or when there is no room, else after the time of the call; then
	 *   it may have been written. PAYLOAD_TOO_LARGE when it is larger than the topic takes, UPSTREAM_FAILED when it breaks another rule of it.
	 */
	async send({ route, topic, key, contentType }: RequestDestination, request: RecordedRequest): Promise<string> {
		const { uplink, clock, gatewayId, timeoutMs } = this.parts;
		const rejection = uplink.open(topic).rejection;
		if (rejection !== undefined) throw rejection;
		const id = uuidv7({ msecs: clock.now() });
		const record = {
			key,
			// The body is the call's, and a record may wait longer than its call.
			value: Uint8Array.from(request.body),
			headers: {
				[RECORD_HEADERS.contentType]: contentType,
				[RECORD_HEADERS.type]: "request",
				[RECORD_HEADERS.messageId]: id,
				"framegate-route": route,
				"framegate-gateway": gatewayId,
				...callerHeaders(request),
			},
			...(request.trace && { trace: request.trace }),
		};
		const leftMs = Math.max(1, request.deadlineMs - clock.monotonic());
		await uplink.append(topic, [record], Math.min(timeoutMs, leftMs));
		return id;
	}
}

/** Values are UTF-8, so that names are as they are. Nothing that a client sends becomes the name of a header. */
function callerHeaders(request: RecordedRequest): Record<string, string> {
	const { identity, ip, requestId, idempotencyKey } = request;
	const headers: Record<string, string> = { "framegate-client-address": ip };
	if (identity !== undefined) {
		const { key, userId, sessionId, roles } = identity;
		if (key !== undefined) headers["framegate-key"] = userId;
		else {
			headers["framegate-user"] = userId;
			headers["framegate-session"] = sessionId;
		}
		headers["framegate-roles"] = JSON.stringify(roles);
	}
	if (requestId !== "") headers["framegate-request-id"] = requestId;
	if (idempotencyKey !== "") headers["idempotency-key"] = idempotencyKey;
	return Object.assign(headers, traceHeaders(request));
}

// What answers a configured route: a gRPC service, or something else that takes bytes.
import type { Identity } from "../../common/identity.ts";
import type { TracedRequest } from "../../common/trace-headers.ts";
import type { GatewayError } from "../../protocol/error.ts";

/** A request of a configured route, authorized and within its limits. */
export interface RouteCall extends TracedRequest {
	/** The request message. Lives as long as the call; not to be changed. */
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

/** Answers with one message. */
export interface RouteBackend {
	/**
	 * @returns the reply, as the type of the route's reply encodes it; bytes in it are copied before anything else happens.
	 * @throws GatewayError which is the client's reply; anything else is INTERNAL.
	 */
	call(call: RouteCall): Promise<object>;
}

export interface BackendStreamListener {
	onMessage(bytes: Uint8Array): void;
	/** The last event. @param error - undefined when the stream came to its end. */
	onEnd(error: GatewayError | undefined): void;
}

/** A stream that is open. Nothing comes before `resume` is called for the first time. */
export interface BackendStream {
	pause(): void;
	resume(): void;
	/** The listener is not called any more. */
	cancel(): void;
}

/** Answers with messages for as long as it lasts. */
export interface StreamBackend {
	/** @throws GatewayError when it cannot be opened. */
	open(call: RouteCall, listener: BackendStreamListener): Promise<BackendStream>;
}

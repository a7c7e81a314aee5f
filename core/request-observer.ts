// Is notified how requests end: counters, latency, logs. Called for every message, so that an implementation
// must neither allocate nor write for the ordinary one.
import type { ErrorCode } from "../protocol/codes.ts";
import type { GatewayError } from "../protocol/error.ts";
import type { Call } from "./call.ts";

export interface RequestObserver {
	/**
	 * A call was answered.
	 *
	 * @param later - its handler had returned a promise; otherwise it was answered within its own turn of the loop.
	 */
	settled(call: Call, code: ErrorCode, error: GatewayError | undefined, later: boolean): void;
	/**
	 * A call was refused because others hold too much.
	 *
	 * @param bound - which bound was reached.
	 */
	overloaded(call: Call, bound: string): void;
	/** A frame was refused before it became a call. */
	refused(code: ErrorCode): void;
}

// The state of a connection that uses the older JSON dialect: which message each request came from.
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { AskedRequests } from "./asked-requests.ts";

/** A message of the front end. */
export interface Message {
	readonly type: string;
	readonly id: string;
	/** As the front end wrote it; "" when it did not. */
	readonly sentAt: string;
	/** Unix milliseconds. */
	readonly receivedAtMs: number;
}

/** The requests that one message became. It is answered when the last of them is. */
export interface Group {
	readonly message: Message;
	open: number;
	/** As the message names them. */
	readonly channels: readonly number[];
	/** The command with an id of the front end's own that it gives, and the channel that its acks come by. */
	readonly command: { readonly channel: string; readonly commandId: string } | undefined;
	readonly subscribed: number[];
	readonly failed: { readonly channel: number; readonly reason: string }[];
	/** The first error. */
	refused?: { readonly code: number; readonly message: string; readonly retryAfterMs: number };
}

export interface Asked {
	readonly contract: AnyRouteContract;
	/** Undefined: asked by the dialect itself. */
	readonly group: Group | undefined;
}

export class EdgeJsonState extends AskedRequests<Asked> {
	hasAskedForAlarms = false;
}

// The state of a connection that uses the older JSON dialect: which message each request came from.
import { dropFirst } from "../../common/bounded-map.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";

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

/** Replies that are awaited; the gateway rejects requests long before this limit, and each rejection is a reply. */
const MAX_ASKED = 4096;

export class EdgeJsonState {
	hasAskedForAlarms = false;
	private nextSeq = 1;
	private readonly asked = new Map<number, Asked>();

	/** @returns the sequence number for the request. */
	ask(asked: Asked): number {
		const seq = this.nextSeq;
		this.nextSeq = (this.nextSeq % 0x7fffffff) + 1;
		this.asked.set(seq, asked);
		dropFirst(this.asked, MAX_ASKED);
		return seq;
	}

	/**
	 * @param protocol - what the reply is of. Frames of another encoding on the same connection have numbers of their own, and
	 *   a reply to one of them answers nothing of ours.
	 */
	answered(seq: number, protocol: number): Asked | undefined {
		const asked = this.asked.get(seq);
		if (asked?.contract.number !== protocol) return undefined;
		this.asked.delete(seq);
		return asked;
	}
}

// The requests that a text dialect has made of its client's messages, until they are answered: dialects have no sequence numbers of their own.
import { dropFirst } from "../../common/bounded-map.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";

/** Replies that are awaited; the gateway rejects requests long before this limit, and each rejection is a reply. */
const MAX_ASKED = 4096;

/** Of one connection. */
export class AskedRequests<Asked extends { readonly contract: AnyRouteContract }> {
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

// Drops pushes that repeat what a listener has received already. When a node dies between publishing and recording that
// it has published, another node publishes the same thing under a new offset. Positions do not show such a duplicate;
// the numbers that messages and room events carry do.
import type { ChatRoomEvent, MessagePosted } from "../../protocol/gen/codec/chat.ts";
import type { GameEvent, RoomEvent } from "../../protocol/gen/codec/game.ts";
import { PushNumber } from "../../protocol/gen/enums.ts";

/** Conversations and rooms whose last number is remembered. */
const MAX_SERIES = 10_000;

export class Deduplicator {
	/** The highest number received of each series. Numbers ascend, so that one that is not higher was received before. */
	private readonly last = new Map<string, number>();

	/** Whether a push was received before; if not, records it. */
	isDuplicate(number: number, message: unknown, channel: string): boolean {
		switch (number) {
			case PushNumber.messagePosted: {
				const posted = (message as MessagePosted).message;
				// A recall comes under the number of the message that it changes.
				if (posted === undefined || posted === null || posted.isRecalled) return false;
				return this.record(`c${posted.conversationId}`, posted.sequence);
			}
			// The events of a room are numbered together.
			case PushNumber.roomEvent:
			case PushNumber.gameEvent: {
				const { roomId, eventNumber } = message as RoomEvent | GameEvent;
				return this.record(`r${roomId}`, eventNumber);
			}
			// They come by the room's channel and by the inbox, and one may overtake the other.
			case PushNumber.chatRoomEvent: {
				const { roomId, eventNumber } = message as ChatRoomEvent;
				return this.record(`e${roomId} ${channel}`, eventNumber);
			}
			default:
				return false;
		}
	}

	/** Forgets everything: another user is about to listen. */
	clear(): void {
		this.last.clear();
	}

	private record(series: string, number = 0): boolean {
		// Not numbered.
		if (number === 0) return false;
		if (number <= (this.last.get(series) ?? 0)) return true;
		// Deleted first, so that the map's order is that of last use.
		this.last.delete(series);
		this.last.set(series, number);
		const oldest = this.last.keys().next();
		if (this.last.size > MAX_SERIES && !oldest.done) this.last.delete(oldest.value);
		return false;
	}
}

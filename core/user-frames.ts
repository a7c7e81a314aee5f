// Sends finished pushes to the connections of users that are subscribed to a channel, outside of the channel's log: for states of which only
// the newest counts.
import type { FrameTexts, UserFrames } from "../messaging/live-audience.ts";
import type { Hub } from "./hub.ts";
import type { PushSender } from "./push-sender.ts";

/** A connection with so many unread bytes is left out: it asks for the state when it has read them. */
const MAX_UNREAD_BYTES = 65_536;

export class HubUserFrames implements UserFrames {
	/** Frames that were not sent since their client had not read what was before, since the start. */
	skipped = 0;
	private readonly hub: Hub;
	private readonly pushes: PushSender;

	constructor(hub: Hub, pushes: PushSender) {
		this.hub = hub;
		this.pushes = pushes;
	}

	push(channel: string, userIds: readonly string[], frame: Uint8Array): void {
		const texts: FrameTexts = new Map();
		for (const userId of userIds) {
			for (const connection of this.hub.ofUser(userId)) {
				if (!connection.isReachable || !connection.subscriptions.has(channel)) continue;
				if (connection.bufferedBytes() > MAX_UNREAD_BYTES) this.skipped++;
				else this.pushes.pushFrame(connection, frame, texts);
			}
		}
	}
}

// Commands that front ends of the older JSON dialect give. Acks come to all connections of a user alike, so that it is the
// command's own id which says what message it came from; of ids that front ends choose themselves it is remembered.

import { randomBytes } from "node:crypto";
import { setLast } from "../../common/bounded-map.ts";

const PREFIX = "json:";
/** What of a message's id may stand in a command's; others are answered without it. */
const MESSAGE_ID = /^[A-Za-z0-9._-]{1,36}$/;

export function commandIdFor(messageId: string): string {
	return `${PREFIX}${MESSAGE_ID.test(messageId) ? messageId : ""}:${randomBytes(12).toString("base64url")}`;
}

/** Whether a front end of this dialect gave the command. */
export function isOwnCommand(commandId: string): boolean {
	return commandId.startsWith(PREFIX);
}

/** The message that gave a command; "" when that is not known. */
export function messageOfCommand(commandId: string): string {
	return isOwnCommand(commandId) ? commandId.slice(PREFIX.length, commandId.lastIndexOf(":")) : "";
}

/** Commands with ids of the front ends' own that are remembered; of older ones, acks come without the message's id. */
const MAX_CHOSEN = 4096;
/** Longer ones are refused. */
const MAX_CHOSEN_LENGTH = 64;

/** Which messages gave the commands that have ids of the front ends' own choice. */
export class ChosenCommands {
	private readonly messages = new Map<string, string>();

	/**
	 * A front end gives a command; not known yet whether it is taken.
	 *
	 * @param channel - by which its acks come.
	 */
	given(channel: string, commandId: string, messageId: string): void {
		if (commandId.length > MAX_CHOSEN_LENGTH) return;
		const key = keyOf(channel, commandId);
		// What is given again and refused does not take the place of what was taken.
		if (this.messages.has(key)) return;
		setLast(this.messages, key, messageId, MAX_CHOSEN);
	}

	/**
	 * The command was accepted: every later ack of it answers that message, also when the message repeats an earlier one.
	 */
	taken(channel: string, commandId: string, messageId: string): void {
		const key = keyOf(channel, commandId);
		if (this.messages.has(key)) this.messages.set(key, messageId);
	}

	refused(channel: string, commandId: string, messageId: string): void {
		const key = keyOf(channel, commandId);
		if (this.messages.get(key) === messageId) this.messages.delete(key);
	}

	/** Undefined when no front end here gave it. */
	messageOf(channel: string, commandId: string): string | undefined {
		return this.messages.get(keyOf(channel, commandId));
	}
}

/** Ids of two users may be the same. */
function keyOf(channel: string, commandId: string): string {
	return `${channel}/${commandId}`;
}

// Ids of the commands that front ends of the older JSON dialect give. Acks come to all connections of a user alike, so that
// it is the command's own id which says what message it came from.
import { randomBytes } from "node:crypto";

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

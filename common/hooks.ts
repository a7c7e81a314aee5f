// Points at which an operator's own code takes part: before something happens, when it may refuse it, or after. One object of the process
// holds what is there now; a point without anything is undefined, so that it costs one comparison.
import type { MessageContentProperties } from "../protocol/gen/schema.ts";
import type { Identity } from "./identity.ts";

export interface ConnectHookEvent {
	readonly identity: Identity;
	readonly ip: string;
}

export interface SubscribeHookEvent {
	readonly identity: Identity;
	readonly channel: string;
}

export interface MessageHookDraft {
	readonly sender: Identity;
	readonly conversationId: string;
	/** "" in a room. */
	readonly toUserId: string;
	readonly clientMsgId: string;
	readonly replyToId: string;
	readonly content: MessageContentProperties;
}

export interface MessageHookEvent {
	readonly sender: Identity;
	readonly id: string;
	readonly conversationId: string;
	readonly sequence: number;
	readonly content: MessageContentProperties;
	readonly sentAtMs: number;
}

export interface LoginHookEvent {
	readonly userId: string;
	readonly username: string;
	readonly roles: readonly string[];
	readonly sessionId: string;
	readonly deviceId: string;
	readonly deviceName: string;
	readonly ip: string;
}

export interface RegisterHookEvent {
	readonly username: string;
	readonly email: string;
	readonly nickname: string;
	readonly ip: string;
}

export interface RoomHookEvent {
	readonly kind: "chat" | "game";
	readonly roomId: string;
	/** Name of the event's kind, as on the wire: `JOINED`. */
	readonly change: string;
	/** Whom it is about; "" for the room as such. */
	readonly userId: string;
	/** Who did it; "" where that is not known. */
	readonly byUserId: string;
	/** An event that comes twice has the number that it had. */
	readonly eventNumber: number;
}

/** Before: it may throw a GatewayError, which is the reply. */
type Guard<Event, Result = void> = ((event: Event) => Promise<Result>) | undefined;
/** After: returns at once, and never throws. */
type Notice<Event> = ((event: Event) => void) | undefined;

export class Hooks {
	/** A connection takes up a session by its access token. */
	connect: Guard<ConnectHookEvent> = undefined;
	/** A connection has its session no longer. */
	disconnect: Notice<ConnectHookEvent> = undefined;
	/** A user may subscribe to a channel, by its own rules. */
	subscribe: Guard<SubscribeHookEvent> = undefined;
	/** @returns the content to send. */
	beforeMessage: Guard<MessageHookDraft, MessageContentProperties> = undefined;
	afterMessage: Notice<MessageHookEvent> = undefined;
	/** A session is about to be opened, by a password or otherwise. */
	login: Guard<LoginHookEvent> = undefined;
	/** An account with a password is about to be made by its owner. */
	register: Guard<RegisterHookEvent> = undefined;
	/** A room of chat or of a game has changed; the change is published at least once. */
	room: Notice<RoomHookEvent> = undefined;
}

// Points of the gateway at which a module takes part.
import type { ModuleCall } from "./context.ts";

export interface HookUser {
	readonly id: string;
	readonly username: string;
	readonly roles: readonly string[];
}

export interface ConnectionEvent {
	readonly user: HookUser;
	readonly sessionId: string;
	readonly deviceId: string;
	readonly ip: string;
}

export interface SubscribeEvent {
	readonly user: HookUser;
	readonly channel: string;
}

/** What a chat message holds. */
export interface HookContent {
	readonly kind: "text" | "image" | "file" | "link" | "custom";
	readonly text?: string;
	readonly url?: string;
	readonly fileName?: string;
	readonly fileBytes?: number;
	readonly mimeType?: string;
	readonly customType?: string;
	readonly custom?: Uint8Array;
}

export interface MessageDraftEvent {
	readonly user: HookUser;
	readonly conversationId: string;
	/** "" in a room. */
	readonly toUserId: string;
	readonly clientMsgId: string;
	readonly replyToId: string;
	readonly content: HookContent;
}

export interface MessageEvent {
	readonly user: HookUser;
	readonly id: string;
	readonly conversationId: string;
	readonly sequence: number;
	readonly content: HookContent;
	readonly sentAtMs: number;
}

export interface LoginEvent {
	readonly user: HookUser;
	readonly sessionId: string;
	readonly deviceId: string;
	readonly deviceName: string;
	readonly ip: string;
}

export interface RegisterEvent {
	readonly username: string;
	readonly email: string;
	readonly nickname: string;
	readonly ip: string;
}

export interface RoomEvent {
	readonly kind: "chat" | "game";
	readonly roomId: string;
	/** `CREATED`, `JOINED`, `LEFT` and so on: the kinds of `ChatRoomEvent` and of `RoomEvent` in the protocol. */
	readonly change: string;
	/** Whom it is about; "" for the room as such. */
	readonly userId: string;
	/** Who did it; "" where that is not known. */
	readonly byUserId: string;
	/** An event that comes twice, which a failure can cause, has the number that it had. */
	readonly eventNumber: number;
}

export interface HookOptions<Event, Result> {
	/** Those with a lower one run first, then by the module's name; 0 by default. */
	readonly order?: number;
	/** 1 to 10,000; 1,000 by default. */
	readonly timeoutMs?: number;
	/**
	 * What happens when the hook takes too long or throws anything but a CallError: `refuse` (the default; the client gets UNAVAILABLE, and
	 * may retry) or `allow` (as if the hook were not there). Of no meaning after something has happened.
	 */
	readonly onFailure?: "refuse" | "allow";
	readonly run: (event: Event, call: ModuleCall) => Result | Promise<Result>;
}

/** A hook; a function alone has the default options. */
export type ModuleHook<Event, Result = void> = HookOptions<Event, Result>["run"] | HookOptions<Event, Result>;

/** Before something happens, a hook refuses it by a CallError, whose code and message the client gets. */
export interface ModuleHooks {
	/** Before a connection takes up a session by its access token, also when it reconnects. */
	readonly connect?: ModuleHook<ConnectionEvent>;
	/** After a connection with a session has closed or logged out. */
	readonly disconnect?: ModuleHook<ConnectionEvent>;
	/** Before a user subscribes to a channel that its own rules allow; also when the gateway checks that again. */
	readonly subscribe?: ModuleHook<SubscribeEvent>;
	/** Before a chat message is stored. What it returns is sent in place of the content. */
	// biome-ignore lint/suspicious/noConfusingVoidType: a hook that changes nothing returns nothing.
	readonly beforeMessage?: ModuleHook<MessageDraftEvent, HookContent | void>;
	/** After a chat message was stored. */
	readonly afterMessage?: ModuleHook<MessageEvent>;
	/** Before a session is opened, by a password, as a guest or by a token of another issuer. */
	readonly login?: ModuleHook<LoginEvent>;
	/** Before an account with a password is made by its owner. */
	readonly register?: ModuleHook<RegisterEvent>;
	/** After a room of chat or of a game has changed. */
	readonly room?: ModuleHook<RoomEvent>;
}

export type HookPoint = keyof ModuleHooks;

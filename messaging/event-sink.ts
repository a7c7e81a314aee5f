// Where events go that systems outside the gateway want: webhooks, a broker of the plant. What happens is published to clients by its
// domain as ever; an event is what a backend that has no connection gets of it. Implementation: services/outputs.
import type { AnyMessageType, MessageType } from "../protocol/contract.ts";

/** What outputs choose by. The kind of an event begins with its group: `message.sent`. */
export const eventGroups = ["message", "user", "room", "game", "alarm", "command"] as const;
export type EventGroup = (typeof eventGroups)[number];

export interface GatewayEvent {
	/** `message.sent`, `user.offline`. */
	readonly kind: `${EventGroup}.${string}`;
	/** The same for a repeat of the event, which a failure of the gateway can cause, and unique otherwise. */
	readonly id: string;
	/** Events of one key are delivered in their order: a conversation, a user, a room, a box. */
	readonly key: string;
	/** Unix milliseconds. */
	readonly atMs: number;
	/** What `body` is: a message of the protocol, so that each output may write it as protobuf or as its JSON. */
	readonly type: AnyMessageType;
	readonly body: Uint8Array;
}

export interface EventSink {
	/** Whether any output wants events of a group; otherwise none need be made. */
	wants(group: EventGroup): boolean;
	/**
	 * Hands an event over to those that want it. For a producer that keeps what it has to publish, and repeats what failed.
	 *
	 * @returns when it is on disk, or there is no room for it and it is counted as dropped.
	 * @throws GatewayError UNAVAILABLE: it is not known to be on disk.
	 */
	keep(event: GatewayEvent): Promise<void>;
	/** The same for a producer that repeats nothing: kept in memory until it is on disk, and lost with the process. Never throws. */
	offer(event: GatewayEvent): void;
}

/** An event about a message of the protocol. */
export function gatewayEvent<Properties>(
	head: Pick<GatewayEvent, "kind" | "id" | "key" | "atMs">,
	// biome-ignore lint/suspicious/noExplicitAny: what it decodes to is of no interest here.
	type: MessageType<any, Properties>,
	properties: Properties,
): GatewayEvent {
	return { ...head, type, body: type.encode(properties).finish() };
}

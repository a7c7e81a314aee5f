// Events as records of Kafka. They wait in memory: what does not fit is dropped and counted.
import { v7 as uuidv7 } from "uuid";
import type { Clock } from "../../common/clock.ts";
import type { GatewayEventProperties } from "../../protocol/gen/schema.ts";
import type { UplinkOptions } from "./options.ts";
import { CONTENT_TYPES, encodeEvent, RECORD_HEADERS } from "./records.ts";
import type { Uplink } from "./uplink.ts";

export interface EventUplinkParts {
	readonly uplink: Pick<Uplink, "offer">;
	readonly topic: string;
	/** Of this node. */
	readonly gatewayId: string;
	readonly clock: Clock;
	readonly options: Pick<UplinkOptions, "format">;
}

export interface EventDraft {
	/** `connect`, `room.joined` and so on. */
	readonly type: string;
	readonly userId: string;
	readonly sessionId?: string;
	/** Of a room or a private conversation, whose events keep their order; without it, those of a user do. */
	readonly conversationId?: string;
	readonly details?: Readonly<Record<string, string>>;
}

export class EventUplink {
	private readonly parts: EventUplinkParts;

	constructor(parts: EventUplinkParts) {
		this.parts = parts;
	}

	/** Never throws, never waits. */
	emit({ type, userId, sessionId = "", conversationId = "", details = {} }: EventDraft): void {
		const { uplink, topic, gatewayId, clock, options } = this.parts;
		const atMs = clock.now();
		const eventId = uuidv7({ msecs: atMs });
		const event: GatewayEventProperties = {
			eventId,
			type,
			gatewayId,
			atMs,
			userId,
			sessionId,
			conversationId,
			details: { ...details },
		};
		uplink.offer(topic, {
			key: conversationId === "" ? userId : conversationId,
			value: encodeEvent(event, options.format),
			headers: {
				[RECORD_HEADERS.contentType]: CONTENT_TYPES[options.format],
				[RECORD_HEADERS.type]: "event",
				[RECORD_HEADERS.messageId]: eventId,
			},
		});
	}
}

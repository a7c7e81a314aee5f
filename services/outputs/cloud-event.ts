// Events as webhooks get them: CloudEvents 1.0 in JSON (cloudevents.io, JSON event format, section 3), with the event's message of the
// protocol in its own JSON as `data`.
import type { GatewayEvent } from "../../messaging/event-sink.ts";
import type { AnyMessageType } from "../../protocol/contract.ts";

/** Larger ones are not sent: a chat message of the largest size has less, also where every character is escaped. */
export const MAX_BODY_BYTES = 131_072;

/** Turns a message of the protocol into its JSON. */
export interface MessageJson {
	bodyToJson(type: AnyMessageType, bytes: Uint8Array): unknown;
}

/** @returns undefined when it is larger than any event should be. */
export function cloudEvent(event: GatewayEvent, json: MessageJson): Uint8Array | undefined {
	const { id, kind, key, atMs, type, body } = event;
	const text = JSON.stringify({
		specversion: "1.0",
		id,
		source: "/framegate",
		type: `framegate.${kind}`,
		subject: key,
		time: new Date(atMs).toISOString(),
		datacontenttype: "application/json",
		data: json.bodyToJson(type, body),
	});
	const bytes = Buffer.from(text);
	return bytes.length > MAX_BODY_BYTES ? undefined : bytes;
}

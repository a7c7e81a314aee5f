// From messages that users want to send to records for those who get them.
import type { DownlinkRecord, Draft } from "./records.ts";
import type { Accepted, Store } from "./store.ts";

/** Appends records in their order, those of one key to one partition. Resolves when Kafka has them. */
export type Produce = (records: readonly OutgoingRecord[]) => Promise<void>;

export interface OutgoingRecord {
	readonly topic: string;
	readonly key: string;
	readonly value: string;
	readonly headers: Readonly<Record<string, string>>;
}

export class Delivery {
	private readonly store: Store;
	private readonly produce: Produce;
	private readonly topicOf: (gatewayId: string) => string;

	constructor(store: Store, produce: Produce, topicOf: (gatewayId: string) => string) {
		this.store = store;
		this.produce = produce;
		this.topicOf = topicOf;
	}

	/**
	 * Stores messages, then writes them for their receivers. What is repeated is written again, since it is not known whether it was; the
	 * gateways drop what they have published, by its id.
	 *
	 * @returns what became of each; undefined: its sender is no member.
	 */
	async send(drafts: readonly Draft[]): Promise<readonly (Accepted | undefined)[]> {
		const accepted = this.store.accept(drafts);
		const records = drafts.flatMap((draft, index) => {
			const topic = this.topicOf(draft.gatewayId);
			const one = accepted[index];
			return one === undefined
				? [rejection(draft, topic)]
				: one.members.map((userId) => recordFor(userId, one, topic, draft.traceparent));
		});
		if (records.length > 0) await this.produce(records);
		return accepted;
	}
}

function outgoing(topic: string, record: DownlinkRecord, traceparent: string): OutgoingRecord {
	const headers = {
		"content-type": "application/json",
		"framegate-message-id": record.message_id,
		// The gateway that delivers it continues the trace of the one that took it.
		...(traceparent !== "" && { traceparent }),
	};
	// By conversation, so that its messages keep their order.
	return { topic, key: record.conversation_id, value: JSON.stringify(record), headers };
}

function recordFor(userId: string, { message }: Accepted, topic: string, traceparent: string): OutgoingRecord {
	const record = {
		trace_id: message.trace_id,
		target_user_id: userId,
		message_id: message.id,
		conversation_id: message.conversation_id,
		sender_id: message.sender_id,
		message_type: message.message_type,
		content: message.content,
		seq_id: message.seq,
		timestamp: Math.floor(message.sent_at_ms / 1000),
		headers: { client_msg_id: message.client_msg_id, sender_name: message.sender_name },
	};
	return outgoing(topic, record, traceparent);
}

/** The gateway has acknowledged it, and could not know: its sender gets this. */
function rejection(draft: Draft, topic: string): OutgoingRecord {
	const { id, traceId, conversationId, senderId, clientMsgId, traceparent } = draft;
	const record = {
		trace_id: traceId,
		target_user_id: senderId,
		message_id: `refused-${id}`,
		conversation_id: conversationId,
		sender_id: "",
		message_type: 0,
		content: "",
		seq_id: 0,
		timestamp: Math.floor(Date.now() / 1000),
		headers: { error: "PERMISSION_DENIED", client_msg_id: clientMsgId },
	};
	return outgoing(topic, record, traceparent);
}

// Sends pushes to one connection, or to all subscribers of a topic, in the encodings that they use.
import type { FrameTexts, LiveTopics } from "../messaging/live-audience.ts";
import type { AnyMessageType, PushContract } from "../protocol/contract.ts";
import { EnvelopeReader, EnvelopeWriter, type Position } from "../protocol/envelope.ts";
import { pushContracts } from "../protocol/gen/schema.ts";
import { jsonPush } from "../protocol/json-message.ts";
import { isSendable } from "../protocol/message-bounds.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionCounters } from "./connection-counters.ts";
import { topicOf } from "./encoding.ts";
import { type TextDialect, type TextWriter, textWriter } from "./text-dialect.ts";
import type { TopicPublisher } from "./transport.ts";

export interface PushSenderOptions {
	readonly topics: TopicPublisher;
	readonly dialects: readonly TextDialect[];
	readonly counters: ConnectionCounters;
	/** A push was larger than what the gateway sends, in the encoding of its receivers, and was not sent. */
	readonly onOversized?: (protocol: number) => void;
}

export class PushSender implements LiveTopics {
	private readonly options: PushSenderOptions;
	private readonly toText: TextWriter;
	private readonly writer = new EnvelopeWriter();
	private readonly reader = new EnvelopeReader();

	constructor(options: PushSenderOptions) {
		this.options = options;
		this.toText = textWriter(options.dialects);
	}

	/** Sends a push to one connection. */
	push<Message, Properties>(
		connection: Connection,
		contract: PushContract<Message, Properties>,
		message: Properties,
		position?: Position,
	): void {
		const frame = this.writer.push(contract.number, contract.message, message, position);
		if (!connection.send(frame, contract.message)) this.oversized(frame);
	}

	/** Sends a finished push to one connection. @param texts - see `LiveSubscriber.push`. */
	pushFrame(connection: Connection, frame: Uint8Array, texts?: FrameTexts): void {
		const { encoding } = connection;
		if (encoding === "protobuf" || texts === undefined) {
			const type = encoding === "protobuf" ? undefined : this.pushType(frame);
			if (!connection.send(frame, type)) this.oversized(frame);
			return;
		}
		if (!texts.has(encoding)) texts.set(encoding, this.toText(connection, frame, this.pushType(frame)));
		const text = texts.get(encoding);
		if (text === undefined || !connection.isReachable) return;
		if (isSendable(text)) connection.socket.send(text);
		else this.oversized(frame);
	}

	/**
	 * Sends one frame to every subscriber of a topic: the same bytes to all, and once more in each text dialect that
	 * has subscribers.
	 */
	publish(topic: string, frame: Uint8Array): void {
		const { topics, dialects } = this.options;
		const isWhole = isSendable(frame);
		if (isWhole) topics.publish(topicOf(topic, "protobuf"), frame);
		else this.oversized(frame);
		for (const dialect of isWhole ? dialects : []) {
			const textTopic = topicOf(topic, dialect.encoding);
			if (topics.subscriberCount(textTopic) === 0) continue;
			const text = dialect.write(undefined, frame, this.pushType(frame));
			if (text !== undefined && isSendable(text)) topics.publish(textTopic, text);
			else if (text !== undefined) this.oversized(frame);
		}
	}

	private oversized(frame: Uint8Array): void {
		this.options.counters.oversized++;
		this.options.onOversized?.(this.reader.read(frame) ? this.reader.protocol : 0);
	}

	/** The message type of a push frame; needed for text encodings only. */
	private pushType(frame: Uint8Array): AnyMessageType | undefined {
		if (!this.reader.read(frame)) return undefined;
		const { protocol } = this.reader;
		return pushContracts.get(protocol)?.message ?? jsonPush(protocol);
	}
}

// The Publisher that services get: encodes a push once and hands it to the broker.
import type { Tracer } from "../../common/tracing.ts";
import type { Broker, ChannelPosition, Published, PublishOptions } from "../../messaging/broker.ts";
import type { NodeBus } from "../../messaging/node-bus.ts";
import type { BatchPublisher, KeyedMessage, Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import type { PushContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import { MAX_SENT_BYTES, PAGE_RESERVE_BYTES } from "../../protocol/message-bounds.ts";
import { JsonSizer } from "../../protocol/message-size.ts";
import { publicationSpan, publishRecorded } from "./publication-spans.ts";

/** JSON takes at most eight bytes for one of protobuf, in what is published: see test/bounds/sent-messages.test.ts. */
const ALWAYS_SENDABLE_BYTES = MAX_SENT_BYTES / 8 - PAGE_RESERVE_BYTES;

export class ChannelPublisher implements Publisher, BatchPublisher {
	/** Replaced on reload. */
	options: PublishOptions;
	private readonly broker: Broker;
	private readonly bus: NodeBus;
	private readonly writer = new EnvelopeWriter();
	private readonly sizer = new JsonSizer();
	private readonly tracer: Tracer | undefined;

	/** @param tracer - records what recorded calls publish. */
	constructor(broker: Broker, bus: NodeBus, options: PublishOptions, tracer?: Tracer) {
		this.broker = broker;
		this.bus = bus;
		this.options = options;
		this.tracer = tracer;
	}

	publish<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		message: Properties,
		options: PublishOptions = this.options,
	): Promise<Published> {
		const { tracer } = this;
		const span = tracer === undefined ? undefined : publicationSpan(tracer, channel, push.name);
		// Those that are delivered elsewhere are recorded there if this one is exported for certain.
		const context = span?.context.isSampled === true ? span.context : undefined;
		// Offset and epoch are the broker's to add.
		const frame = this.writer.push(push.number, push.message, message, { channel, offset: 0, epoch: "" }, context);
		if (frame.length > ALWAYS_SENDABLE_BYTES) this.checkSize(push, message);
		if (tracer === undefined || span === undefined) return this.broker.publish(channel, frame, options);
		return publishRecorded(tracer, span, this.broker, { channel, frame, options });
	}

	/** Without spans: what is recorded is published by itself. */
	async publishTogether<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		messages: readonly KeyedMessage<Properties>[],
		options: PublishOptions = this.options,
	): Promise<readonly Published[]> {
		const frames = messages.map(({ message, once }) => {
			const frame = this.writer.push(push.number, push.message, message, { channel, offset: 0, epoch: "" });
			if (frame.length > ALWAYS_SENDABLE_BYTES) this.checkSize(push, message);
			// It is the writer's until the next push.
			return { frame: Uint8Array.from(frame), once };
		});
		return await this.broker.publishTogether(channel, frames, options);
	}

	/** Every entry of the log must fit in a frame for every subscriber, also in JSON: larger ones are refused before. */
	private checkSize<Message, Properties>(push: PushContract<Message, Properties>, message: Properties): void {
		if (this.sizer.sizeOf(push.message, message) + PAGE_RESERVE_BYTES <= MAX_SENT_BYTES) return;
		throw new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, `${push.name} would be more than ${MAX_SENT_BYTES} bytes`);
	}

	joinUser(userId: string, channel: string): Promise<void> {
		return this.bus.publish({ type: "membership-changed", userId, channel, follows: true });
	}

	async removeUser(userId: string, channel: string): Promise<void> {
		const after = await this.topOf(channel);
		await this.bus.publish({ type: "membership-changed", userId, channel, follows: false, ...(after && { after }) });
	}

	/** The bus may be faster than the broker. Without an answer the removal takes effect at once. */
	private async topOf(channel: string): Promise<ChannelPosition | undefined> {
		try {
			return (await this.broker.positions([channel]))[0];
		} catch {
			return undefined;
		}
	}
}

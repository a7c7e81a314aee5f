// The Publisher that services get: encodes a push once and hands it to the broker.
import type { Broker, ChannelPosition, Published, PublishOptions } from "../../messaging/broker.ts";
import type { NodeBus } from "../../messaging/node-bus.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import type { PushContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import { MAX_SENT_BYTES, PAGE_RESERVE_BYTES } from "../../protocol/message-bounds.ts";
import { JsonSizer } from "../../protocol/message-size.ts";

/** JSON takes at most eight bytes for one of protobuf, in what is published: see test/bounds/sent-messages.test.ts. */
const ALWAYS_SENDABLE_BYTES = MAX_SENT_BYTES / 8 - PAGE_RESERVE_BYTES;

export class ChannelPublisher implements Publisher {
	/** Replaced on reload. */
	options: PublishOptions;
	private readonly broker: Broker;
	private readonly bus: NodeBus;
	private readonly writer = new EnvelopeWriter();
	private readonly sizer = new JsonSizer();

	constructor(broker: Broker, bus: NodeBus, options: PublishOptions) {
		this.broker = broker;
		this.bus = bus;
		this.options = options;
	}

	publish<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		message: Properties,
		options: PublishOptions = this.options,
	): Promise<Published> {
		// Offset and epoch are the broker's to add.
		const frame = this.writer.push(push.number, push.message, message, { channel, offset: 0, epoch: "" });
		if (frame.length > ALWAYS_SENDABLE_BYTES) this.checkSize(push, message);
		return this.broker.publish(channel, frame, options);
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

// The Publisher that services get: encodes a push once and hands it to the broker.
import type { Broker, ChannelPosition, PublishOptions } from "../../ports/broker.ts";
import type { NodeBus } from "../../ports/node-bus.ts";
import type { Publisher } from "../../ports/publisher.ts";
import type { PushContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";

export class ChannelPublisher implements Publisher {
	/** Replaced on reload. */
	options: PublishOptions;
	private readonly broker: Broker;
	private readonly bus: NodeBus;
	private readonly writer = new EnvelopeWriter();

	constructor(broker: Broker, bus: NodeBus, options: PublishOptions) {
		this.broker = broker;
		this.bus = bus;
		this.options = options;
	}

	publish<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		message: Properties,
	): Promise<ChannelPosition> {
		// Offset and epoch are the broker's to add.
		const frame = this.writer.push(push.number, push.message, message, { channel, offset: 0, epoch: "" });
		return this.broker.publish(channel, frame, this.options);
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

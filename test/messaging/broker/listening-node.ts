// A node that subscribes to channels, for tests: a broker and what its listener received.
import type { Broker, BrokerListener, ChannelPosition, Publication } from "../../../messaging/broker.ts";
import { RedisBroker, type RedisBrokerOptions } from "../../../messaging/broker-redis.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { pushes } from "../../../protocol/gen/schema.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

export class ListeningNode implements BrokerListener {
	readonly broker: Broker;
	interruptions = 0;
	private readonly received = new Map<string, Publication[]>();

	constructor(broker: Broker) {
		this.broker = broker;
		broker.listen(this);
	}

	onPublication(channel: string, publication: Publication): void {
		const list = this.received.get(channel);
		if (list) list.push(publication);
		else this.received.set(channel, [publication]);
	}

	onInterrupted(): void {
		this.interruptions++;
	}

	/** What came on a channel, oldest first. */
	on(channel: string): readonly Publication[] {
		return this.received.get(channel) ?? [];
	}

	/** Resolves when `count` publications came on a channel. */
	async untilGot(channel: string, count: number): Promise<readonly Publication[]> {
		await until(() => this.on(channel).length >= count);
		return this.on(channel);
	}
}

interface RedisNode extends ListeningNode {
	readonly broker: RedisBroker;
	readonly redis: RedisConnection;
	close(): Promise<void>;
}

/** A node on a real Redis, not waited for. */
export function redisNode(url: string, options: RedisBrokerOptions = {}, commandTimeoutMs = 2000): RedisNode {
	const redis = openRedis({ url, keyPrefix: "t:", maxReconnectDelayMs: 50, commandTimeoutMs }, quietLogger());
	const broker = new RedisBroker(redis, quietLogger(), options);
	const close = async () => {
		await broker.close();
		await redis.close();
	};
	return Object.assign(new ListeningNode(broker), { broker, redis, close });
}

export async function readyRedisNode(url: string, options: RedisBrokerOptions = {}): Promise<RedisNode> {
	const node = redisNode(url, options);
	await until(() => node.broker.isReady);
	return node;
}

export const kept = { historySize: 100, historyBytes: 8 * 1024 * 1024, historyTtlMs: 60_000 };

const writer = new EnvelopeWriter();

/** An envelope as the gateway hands it to a broker. */
export function frameOf(channel: string, text: string): Uint8Array {
	const { channelReset } = pushes;
	const at = { channel, offset: 0, epoch: "" };
	return writer.push(channelReset.number, channelReset.message, { channel: text, offset: 1, epoch: "" }, at).slice();
}

/** Publishes `count` frames, one after another. Returns their positions. */
export async function publishMany(broker: Broker, channel: string, count: number): Promise<ChannelPosition[]> {
	const positions: ChannelPosition[] = [];
	for (let n = 0; n < count; n++) positions.push(await broker.publish(channel, frameOf(channel, `${n}`), kept));
	return positions;
}

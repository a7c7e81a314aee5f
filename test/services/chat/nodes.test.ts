// Two nodes' services on one PostgreSQL and one Redis: the order on the channel is the order of the sequence.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChannelPublisher } from "../../../core/channels/channel-publisher.ts";
import type { ChannelPosition } from "../../../messaging/broker.ts";
import { RedisBroker } from "../../../messaging/broker-redis.ts";
import { MemoryNodeBus } from "../../../messaging/node-bus-memory.ts";
import { EnvelopeReader } from "../../../protocol/envelope.ts";
import { MessagePosted, pushes } from "../../../protocol/gen/schema.ts";
import { ConversationAudience } from "../../../services/chat/audience.ts";
import { ChatMessages } from "../../../services/chat/messages.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";
import { type ChatFixture, chatFixture, draft, noLimits, range } from "./fixture.ts";

const kept = { historySize: 10_000, historyBytes: 1_000_000, historyTtlMs: 600_000 };

async function node(fixture: ChatFixture, redisUrl: string) {
	const logger = quietLogger();
	const redis = openRedis({ url: redisUrl, keyPrefix: "t:" }, logger);
	await untilReady(redis);
	const broker = new RedisBroker(redis, logger);
	const publisher = new ChannelPublisher(broker, new MemoryNodeBus(), kept);
	const { clock, stores, services } = fixture;
	const users = { byId: async () => undefined } as never;
	const audience = new ConversationAudience(stores);
	const shared = { ...stores, audience, relay: services.relay, users, publisher, clock, logger };
	const messages = new ChatMessages(shared, noLimits);
	return {
		broker,
		messages,
		rooms: services.rooms,
		close: async () => {
			await messages.close();
			await broker.close();
			await redis.close();
			await fixture.close();
		},
	};
}

test("members on two nodes see one order, and it is the sequence's", async () => {
	const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
	const fixture = await chatFixture({ url: postgres.url });
	const [one, other] = [
		await node(fixture, redis.url),
		await node(await chatFixture({ url: postgres.url }), redis.url),
	];
	const senders = await Promise.all(range(1, 10).map((n) => fixture.user(`sender${n}`)));
	const [owner, ...others] = senders as [(typeof senders)[0], ...typeof senders];
	assert.ok(owner);
	const roomId = await fixture.room(owner, ...others);
	const total = 600;
	const receipts = await Promise.all(
		range(1, total / 10).flatMap((round) =>
			senders.map((sender, n) => {
				const { messages } = (round + n) % 2 === 0 ? one : other;
				return messages.sendToRoom(sender, roomId, draft("x"));
			}),
		),
	);
	assert.equal(new Set(receipts.map((receipt) => receipt.message.sequence)).size, total);

	const channel = `chat:${roomId}`;
	const top = async () => (await one.broker.history(channel, undefined, 1)).top;
	await until(async () => (await top()).offset >= total);
	const { epoch } = await top();
	const beginning: ChannelPosition = { offset: 0, epoch };
	const { publications, isComplete } = await other.broker.history(channel, beginning, 10_000);
	assert.ok(isComplete);
	const reader = new EnvelopeReader();
	const sequences = publications.map(({ frame }) => {
		assert.ok(reader.read(frame));
		assert.equal(reader.protocol, pushes.messagePosted.number);
		return MessagePosted.decode(frame.subarray(reader.bodyStart, reader.bodyEnd)).message?.sequence;
	});
	assert.deepEqual(sequences, range(1, total));
	await one.close();
	await other.close();
	await Promise.all([postgres.stop(), redis.stop()]);
});

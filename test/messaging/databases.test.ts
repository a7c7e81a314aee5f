// Two installations in two databases of one Redis: pub/sub knows no databases, so that the names must.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { NodeEvent } from "../../messaging/node-bus.ts";
import { RedisNodeBus } from "../../messaging/node-bus-redis.ts";
import { RedisNodeRpc } from "../../messaging/node-rpc-redis.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { frameOf, kept, readyRedisNode } from "./broker/listening-node.ts";

const CHANNEL = "room:1";

const revoked = (id: string): NodeEvent => ({ type: "sessions-revoked", sessionIds: [id], reason: "logged-out" });
const sessionOf = (event: NodeEvent) => (event.type === "sessions-revoked" ? String(event.sessionIds[0]) : event.type);

async function installation(url: string) {
	const node = await readyRedisNode(url);
	const logger = quietLogger();
	const bus = new RedisNodeBus(node.redis, logger);
	// Equal ids, as a supervisor may give: "node-1".
	const rpc = new RedisNodeRpc("node-1", node.redis, logger);
	await node.broker.subscribe(CHANNEL);
	// Subscriptions stand, and arrive.
	await until(async () => {
		await Promise.all([node.broker.probe.check(), bus.probe.check(), rpc.probe.check()]);
		return true;
	});
	const close = async () => {
		await rpc.close();
		await bus.close();
		await node.close();
	};
	return { node, bus, rpc, close };
}

describe("two installations in two databases of one Redis", () => {
	let server: RealServer;
	let zero: Awaited<ReturnType<typeof installation>>;
	let one: Awaited<ReturnType<typeof installation>>;

	before(async () => {
		server = await startRedis();
		[zero, one] = await Promise.all([installation(server.url), installation(`${server.url}/1`)]);
	});
	after(async () => {
		await Promise.all([zero.close(), one.close()]);
		await server.stop();
	});

	test("each gets the publications, events and calls of its own nodes only", async () => {
		// Redis keeps the order of what it delivers to one connection: a stray message would have come before the last ones here.
		for (const { node } of [zero, one, zero]) await node.broker.publish(CHANNEL, frameOf(CHANNEL, "x"), kept);
		await Promise.all([zero.node.untilGot(CHANNEL, 2), one.node.untilGot(CHANNEL, 1)]);
		const epochs = [zero, one].map(({ node }) => node.on(CHANNEL).map(({ epoch }) => epoch));
		assert.deepEqual(
			epochs.map((each) => [each.length, new Set(each).size]),
			[
				[2, 1],
				[1, 1],
			],
		);

		const events: [string, string][] = [];
		for (const [name, { bus }] of Object.entries({ zero, one })) {
			bus.subscribe((event) => events.push([name, sessionOf(event)]));
		}
		const second = new RedisNodeBus(one.node.redis, quietLogger());
		await zero.bus.publish(revoked("of zero"));
		await second.publish(revoked("of one"));
		await until(() => events.length >= 2);
		await second.close();
		assert.deepEqual(events, [
			["zero", "of zero"],
			["one", "of one"],
		]);

		for (const [name, { rpc }] of Object.entries({ zero, one })) rpc.serve(async () => Buffer.from(name));
		const answers = await Promise.all([zero, one].map(({ rpc }) => rpc.call("node-1", new Uint8Array(1), 5000)));
		assert.deepEqual(
			answers.map((answer) => Buffer.from(answer).toString()),
			["zero", "one"],
		);
	});

	test("the names of database 0 are those of earlier versions; those of others hold the database", async () => {
		const { client } = zero.node.redis;
		const names = async (command: "CHANNELS" | "SHARDCHANNELS") => {
			const found = (await client.call("PUBSUB", command)) as string[];
			return found.map((name) => name.replace(/[\w-]{12}$/, "*")).sort();
		};
		assert.deepEqual(await names("CHANNELS"), [
			"t:db1:node-events",
			"t:db1:node:node-1",
			"t:node-events",
			"t:node:node-1",
		]);
		const shard = ["t:ch:{room:1}", "t:db1:ch:{room:1}", "t:db1:probe:{0}:*", "t:probe:{0}:*"];
		assert.deepEqual(await names("SHARDCHANNELS"), shard);
	});

	test("a node that does not exist there is not found in the other database", async () => {
		const rpc = new RedisNodeRpc("node-2", one.node.redis, quietLogger());
		try {
			await until(async () => {
				await rpc.probe.check();
				return true;
			});
			const isUnavailable = (error: unknown) => error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE;
			await assert.rejects(zero.rpc.call("node-2", new Uint8Array(1), 5000), isUnavailable);
		} finally {
			await rpc.close();
		}
	});
});

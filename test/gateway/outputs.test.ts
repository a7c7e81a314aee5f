// Webhooks of whole gateways: what happens reaches a backend, in order and at least once, whatever fails: the receiver, the node that
// delivers. And what operators do about what could not be delivered.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { chatRoutes, gameRoutes, MessageKind } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { startReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";
import { WireClient } from "../support/wire-client.ts";

const main = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
const SECRET = "the secret of a receiver, with 32 bytes or more";
const run = promisify(execFile);

describe("webhooks of gateways", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-outputs-"));
	let redis: RealServer;
	let receiver: WebhookReceiver;
	let other: WebhookReceiver;
	let env: Record<string, string>;
	let nodes: GatewayProcess[] = [];
	const open: WireClient[] = [];
	let number = 0;

	before(async () => {
		redis = await startRedis();
		receiver = await startReceiver();
		other = await startReceiver();
		const webhooks = [
			{
				name: "all",
				url: receiver.url,
				secret: SECRET,
				events: ["message", "user", "room", "game", "alarm", "command"],
			},
			{ name: "users", url: other.url, secret: SECRET, events: ["user"] },
		].map((webhook) => ({ ...webhook, private: true, timeoutMs: 1000 }));
		env = {
			REDIS_URL: redis.url,
			EDGE_REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${join(directory, "shared.db")}`,
			JWT_SECRET: "the secret of sessions of all these nodes here",
			FRAMEGATE_PRESENCE_GRACE_MS: "0",
			FRAMEGATE_OUTPUTS_WEBHOOKS: JSON.stringify(webhooks),
			FRAMEGATE_OUTPUTS_LEASE_MS: "1500",
			FRAMEGATE_OUTPUTS_POLL_INTERVAL_MS: "50",
			FRAMEGATE_OUTPUTS_FIRST_RETRY_MS: "50",
			FRAMEGATE_OUTPUTS_MAX_RETRY_MS: "200",
			FRAMEGATE_OUTPUTS_MAX_ATTEMPTS: "3",
		};
		nodes = [await startGateway({ env }), await startGateway({ env })];
	});
	after(async () => {
		for (const client of open) await client.close();
		for (const node of nodes) await node.kill9();
		await Promise.all([receiver.stop(), other.stop(), redis.stop()]);
		rmSync(directory, { recursive: true });
	});

	const eventsOf = (type: string, from = receiver) =>
		from.posts.filter(({ event }) => event.type === type).map(({ event }) => event);

	async function user(name: string, node = 0) {
		const { client, login } = await WireClient.member((nodes[node] as GatewayProcess).url, name);
		open.push(client);
		return { client, userId: login.user?.id ?? "", token: login.tokens?.accessToken ?? "" };
	}

	async function room(client: WireClient): Promise<string> {
		const { body } = await client.ask(chatRoutes.createChatRoom, { name: "general", isPublic: true });
		return chatRoutes.createChatRoom.reply.decode(body ?? new Uint8Array()).room?.id ?? "";
	}

	async function send(client: WireClient, roomId: string, text: string): Promise<void> {
		const content = { kind: MessageKind.TEXT, text };
		const reply = await client.ask(chatRoutes.sendMessage, { roomId, clientMsgId: `m${number++}`, content });
		assert.equal(reply.code ?? 0, 0, reply.error?.message);
	}

	const textsOf = (conversationId: string) => {
		const seen = new Set<string>();
		const messages = eventsOf("framegate.message.sent").filter(({ subject }) => subject === conversationId);
		// A repeat has the id that it had.
		const fresh = messages.filter(({ id }) => !seen.has(id) && seen.add(id));
		return fresh.map(({ data }) => data.content.text);
	};

	it("says who is online, what happens in rooms and what is written, to each receiver what it wants", async () => {
		const ada = await user("ada");
		await until(() => eventsOf("framegate.user.online").some(({ subject }) => subject === ada.userId));
		const bob = await user("bob", 1);
		const roomId = await room(ada.client);
		await bob.client.ask(chatRoutes.joinChatRoom, { roomId });
		await send(bob.client, roomId, "Grüße");
		await until(() => eventsOf("framegate.message.sent").length === 1);
		const [sent] = eventsOf("framegate.message.sent");
		assert.deepEqual(
			[sent.specversion, sent.source, sent.subject, sent.datacontenttype],
			["1.0", "/framegate", roomId, "application/json"],
		);
		assert.ok(Math.abs(Date.parse(sent.time) - Date.now()) < 60_000);
		assert.deepEqual([sent.data.senderId, sent.data.content.text, sent.data.sequence], [bob.userId, "Grüße", "1"]);
		const { body } = await ada.client.ask(chatRoutes.recallMessage, { messageId: sent.data.id });
		assert.ok(body !== undefined);
		await until(() => eventsOf("framegate.room.joined").some(({ data }) => data.member?.userId === bob.userId));
		await bob.client.close();
		await until(() => eventsOf("framegate.user.offline").some(({ subject }) => subject === bob.userId));
		await until(() => eventsOf("framegate.user.offline", other).some(({ subject }) => subject === bob.userId));
		assert.deepEqual([...new Set(other.posts.map(({ event }) => event.type))].sort(), [
			"framegate.user.offline",
			"framegate.user.online",
		]);
	});

	it("delivers events of game rooms and alarms", async () => {
		const { client } = await user("gamer");
		const { body } = await client.ask(gameRoutes.createRoom, { name: "table", game: "relay", capacity: 2 });
		const { room: made } = gameRoutes.createRoom.reply.decode(body ?? new Uint8Array());
		await client.ask(gameRoutes.leaveRoom, { roomId: made?.id ?? "" });
		await until(() => eventsOf("framegate.game.left").length + eventsOf("framegate.game.closed").length > 0);
		const field = new Redis(redis.url);
		await field.hset("alarmsrv:a1", { id: "a1", title: "Hot", level: "High", status: "Active", timestamp: Date.now() });
		await field.sadd("alarmsrv:index", "a1");
		await field.publish("event:alarm:created", "a1");
		field.disconnect();
		await until(() => receiver.posts.some(({ event }) => event.type.startsWith("framegate.alarm.")));
	});

	it("loses nothing and keeps the order while the receiver fails and the node that delivers is killed", async () => {
		const writer = await user("writer", 1);
		const roomId = await room(writer.client);
		let count = 0;
		receiver.answer = () => (count++ % 3 === 0 ? 503 : 200);
		const texts = Array.from({ length: 60 }, (_, n) => `m${n}`);
		for (const [index, text] of texts.entries()) {
			await send(writer.client, roomId, text);
			if (index === 30) {
				await (nodes[0] as GatewayProcess).kill9();
				receiver.answer = () => 200;
			}
		}
		await until(() => textsOf(roomId).length === texts.length);
		assert.deepEqual(textsOf(roomId), texts);
		nodes[0] = await startGateway({ env });
	});

	it("has what was given up listed, replayed and discarded by operators", async () => {
		const writer = await user("late", 1);
		const roomId = await room(writer.client);
		const isDead = ({ event }: { event: { type: string } }) => event.type === "framegate.message.sent";
		receiver.answer = (post) => (isDead(post) ? 400 : 200);
		for (const text of ["one", "two", "three"]) await send(writer.client, roomId, text);
		const cli = async (...args: string[]) => {
			const { stdout } = await run(process.execPath, [main, "webhooks", ...args], {
				cwd: directory,
				env: { PATH: process.env["PATH"] ?? "", FRAMEGATE_PROFILE: "test", ...env },
			});
			return stdout;
		};
		const letters = async () => {
			const lines = (await cli("dead", "all", "--json", "--body")).trim().split("\n").filter(Boolean);
			return lines.map((line) => JSON.parse(line));
		};
		await until(async () => (await letters()).length === 3);
		const [newest] = await letters();
		assert.deepEqual(
			[newest.kind, newest.key, newest.attempts, newest.error],
			["message.sent", roomId, 1, "the answer is 400"],
		);
		assert.equal(JSON.parse(newest.body).data.content.text, "three");
		// Others, as who is online, may still be on their way.
		await until(async () => /^all +0 .* 3\n/m.test(await cli("list")));
		assert.match(await cli("dead", "all"), /message\.sent .*the answer is 400/);
		const metrics = (await get(`${(nodes[1] as GatewayProcess).httpUrl}/metrics`)).body as string;
		assert.match(metrics, /framegate_output_events_total\{output="all",outcome="delivered"\} \d+/);

		receiver.answer = () => 200;
		assert.equal(await cli("replay", "all", newest.id), "1 to be delivered again\n");
		await until(() => textsOf(roomId).includes("three") && receiver.accepted().includes(newest.id));
		assert.equal(await cli("discard", "all", "--all"), "2 removed\n");
		assert.deepEqual(await letters(), []);
		await assert.rejects(cli("replay", "all"), /--all/);
	});
});

// Which clients receive what on two real nodes with Redis between them: removals that are late or lost, positions that are invented,
// and many members who come back at once.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Redis } from "ioredis";
import { ErrorCode } from "../../protocol/codes.ts";
import type { RouteContract } from "../../protocol/contract.ts";
import {
	authRoutes,
	type ChannelRecovery,
	chatRoutes,
	type Envelope,
	gameRoutes,
	MemberAction,
	MessageKind,
	pushes,
	RoomEvent,
	RoomEvent_Kind,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const { createChatRoom, joinChatRoom, leaveChatRoom, sendMessage, getHistory } = chatRoutes;

describe("channels on two nodes", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-channels-"));
	let redis: RealServer;
	let direct: Redis;
	const nodes: GatewayProcess[] = [];
	before(async () => {
		redis = await startRedis();
		direct = new Redis(redis.url);
		const env = {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${directory}/shared.db`,
			FRAMEGATE_CHAT_MEMBERSHIP_RATE_PER_SECOND: "0",
			FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "1000",
			FRAMEGATE_AUTH_ATTEMPTS_LOGIN_PER_IP_POINTS: "1000",
		};
		for (let i = 0; i < 2; i++) nodes.push(await startGateway({ env, dataDirectory: directory }));
	});
	after(async () => {
		for (const node of nodes) await node.kill9();
		direct.disconnect();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});
	const url = (index: number) => (nodes[index] as GatewayProcess).url;

	async function openRoom(owner: WireClient): Promise<string> {
		const { room } = await ok(owner, createChatRoom, { name: "tea", isPublic: true });
		return room?.id ?? "";
	}
	async function say(client: WireClient, roomId: string, text: string): Promise<void> {
		await ok(client, sendMessage, { roomId, clientMsgId: text, content: { kind: MessageKind.TEXT, text } });
	}
	/** Everything that was published so far has come. */
	async function posted(client: WireClient, roomId: string, count: number): Promise<void> {
		await until(() => client.pushes.filter((push) => isMessage(push, roomId)).length === count);
	}

	it("spectators are notified that a game room closed, on its own node and on another", async () => {
		const { client: host } = await WireClient.member(url(0), "host");
		const watchers = [
			(await WireClient.member(url(0), "near")).client,
			(await WireClient.member(url(1), "far")).client,
		];
		for (let round = 0; round < 5; round++) {
			const created = await ok(host, gameRoutes.createRoom, { name: "r", game: "relay", allowSpectators: true });
			const roomId = created.room?.id ?? "";
			for (const watcher of watchers) await ok(watcher, gameRoutes.joinRoom, { roomId, asSpectator: true });
			await ok(host, gameRoutes.leaveRoom, { roomId });
			for (const watcher of watchers) await until(() => watcher.pushes.some((push) => isClosing(push, roomId)));
		}
		for (const client of [host, ...watchers]) await client.close();
	});

	it("a ban that a node did not receive reaches it once its link is back", async () => {
		const { client: owner } = await WireClient.member(url(0), "owner");
		const { client: guest, login } = await WireClient.member(url(1), "guest");
		const { client: witness } = await WireClient.member(url(1), "witness");
		const roomId = await openRoom(owner);
		for (const client of [guest, witness]) await ok(client, joinChatRoom, { roomId });
		await say(owner, roomId, "before");
		await posted(guest, roomId, 1);
		// Neither node receives events of the other until its link is back.
		await direct.call("CLIENT", "KILL", "TYPE", "pubsub");
		const ban = { roomId, action: MemberAction.BAN, userId: login.user?.id ?? "" };
		await ok(owner, leaveChatRoom, ban);
		await until(async () => (await hearers(direct)).some((count) => count === 2));
		let sent = 0;
		await until(async () => {
			const received = guest.pushes.length;
			await say(owner, roomId, `secret-${sent++}`);
			await posted(witness, roomId, sent + 1);
			await guest.ask(authRoutes.heartbeat, {});
			return guest.pushes.length === received;
		});
		assert.equal((await guest.ask(getHistory, { roomId })).code, ErrorCode.PERMISSION_DENIED);
		for (const client of [owner, guest, witness]) await client.close();
	});

	it("a user who is removed from a room while joining receives nothing of it", async () => {
		const { client: owner } = await WireClient.member(url(0), "owner");
		const { client: guest, login } = await WireClient.member(url(1), "guest");
		const { client: witness } = await WireClient.member(url(1), "witness");
		let removals = 0;
		for (let round = 0; round < 20; round++) {
			const roomId = await openRoom(owner);
			await ok(witness, joinChatRoom, { roomId });
			const joining = guest.ask(joinChatRoom, { roomId });
			const kick = { roomId, action: MemberAction.KICK, userId: login.user?.id ?? "" };
			const kicked = await until(async () => {
				const reply = await owner.ask(leaveChatRoom, kick);
				return (reply.code ?? 0) === 0;
			}).then(() => true);
			await joining;
			const isOut = (await guest.ask(getHistory, { roomId })).code === ErrorCode.PERMISSION_DENIED;
			if (!kicked || !isOut) continue;
			removals++;
			// What is not let through comes with the witness' copy, which is published in the same step.
			await say(owner, roomId, "secret");
			await posted(witness, roomId, 1);
			await guest.ask(authRoutes.heartbeat, {});
			assert.ok(!guest.pushes.some((push) => isMessage(push, roomId)), `round ${round}`);
		}
		assert.ok(removals > 0, `${removals} removals`);
		for (const client of [owner, guest, witness]) await client.close();
	});

	it("positions that are none are refused by name, before anything is done", async () => {
		const { client, login } = await WireClient.member(url(0), "owner");
		await client.close();
		const accessToken = login.tokens?.accessToken ?? "";
		const cases = [
			[{ channel: "room:1" }, { channel: "a b" }, "positions[1].channel"],
			[{ channel: "room:1", offset: 2 ** 53 }, undefined, "positions[0].offset"],
			[{ channel: "room:1", offset: -1 }, undefined, "positions[0].offset"],
		] as const;
		for (const [first, second, field] of cases) {
			const fresh = await WireClient.open(url(0));
			const positions = second === undefined ? [first] : [first, second];
			const reply = await fresh.ask(authRoutes.connect, { accessToken, positions });
			assert.deepEqual(
				[reply.code, reply.error?.violations?.map((one) => one.field)],
				[ErrorCode.VALIDATION_FAILED, [field]],
			);
			assert.equal((await fresh.ask(authRoutes.heartbeat, {})).code, ErrorCode.UNAUTHENTICATED);
			await fresh.close();
		}
	});

	it("channels that are invented leave nothing behind, and what was not asked for is not recovered", async () => {
		const { client, login } = await WireClient.member(url(0), "owner");
		await client.close();
		const before = await direct.keys("*ch:{*");
		const fresh = await WireClient.open(url(0));
		const invented = Array.from({ length: 700 }, (_, index) => {
			const id = `0198f0a2-0000-7000-8000-${String(index).padStart(12, "0")}`;
			return { channel: `${["presence", "chat", "room", "x"][index % 4]}:${id}`, offset: 1, epoch: "e" };
		});
		const accessToken = login.tokens?.accessToken ?? "";
		const { recoveries = [] } = await ok(fresh, authRoutes.connect, { accessToken, positions: invented });
		const inbox = recoveries?.at(-1) as ChannelRecovery;
		assert.deepEqual([inbox.channel, inbox.recovered ?? false], [`user:${login.user?.id}`, false]);
		assert.notEqual(inbox.epoch ?? "", "", "subscribed from here on");
		const others = recoveries?.slice(0, -2) ?? [];
		assert.equal(others.length, 700);
		assert.ok(others.every(({ recovered, epoch }) => !recovered && !epoch));
		assert.deepEqual((await direct.keys("*ch:{*")).sort(), before.sort());
		await fresh.close();
	});

	it("members of many rooms who come back at once all get in, and get everything", async () => {
		const { client: owner } = await WireClient.member(url(0), "owner");
		const roomIds = await Promise.all(Array.from({ length: 10 }, () => openRoom(owner)));
		const members = await Promise.all(
			Array.from({ length: 20 }, (_, index) => WireClient.member(url(0), `member-${index}`)),
		);
		const positions = new Map<WireClient, { channel: string; offset: number; epoch: string }[]>();
		for (const { client } of members) {
			const joined = await Promise.all(roomIds.map((roomId) => ok(client, joinChatRoom, { roomId })));
			const places = joined.map(({ channel, offset, epoch }) => {
				return { channel: channel ?? "", offset: Number(offset ?? 0), epoch: epoch ?? "" };
			});
			positions.set(client, places);
			await client.close();
		}
		for (const roomId of roomIds) await say(owner, roomId, "meanwhile");
		await Promise.all(
			members.map(async ({ client, login }) => {
				const again = await WireClient.open(url(0));
				const request = { accessToken: login.tokens?.accessToken ?? "", positions: positions.get(client) ?? [] };
				const { recoveries } = await ok(again, authRoutes.connect, request);
				assert.equal(recoveries?.filter(({ recovered }) => recovered).length, roomIds.length);
				for (const roomId of roomIds) assert.ok(again.pushes.some((push) => isMessage(push, roomId)));
				await again.close();
			}),
		);
		await owner.close();
	});
});

async function ok<Request, Properties, Reply, ReplyProperties>(
	client: WireClient,
	contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
	request: Properties,
): Promise<Reply> {
	const reply = await client.ask(contract, request);
	assert.equal(reply.code ?? 0, 0, `${contract.name}: ${reply.error?.message}`);
	return contract.reply.decode(reply.body ?? new Uint8Array());
}

function isMessage({ protocol, channel }: Envelope, roomId: string): boolean {
	return protocol === pushes.messagePosted.number && channel === `chat:${roomId}`;
}

function isClosing({ protocol, channel, body }: Envelope, roomId: string): boolean {
	if (protocol !== pushes.roomEvent.number || channel !== `room:${roomId}`) return false;
	return RoomEvent.decode(body ?? new Uint8Array()).kind === RoomEvent_Kind.CLOSED;
}

/** Subscribers of the events between nodes. */
async function hearers(redis: Redis): Promise<number[]> {
	const channels = (await redis.pubsub("CHANNELS", "*node-events")) as string[];
	const reply = (await redis.pubsub("NUMSUB", ...channels)) as (string | number)[];
	return reply.filter((entry) => typeof entry === "number");
}

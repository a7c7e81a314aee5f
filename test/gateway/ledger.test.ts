// The ledger: every message of a room numbered, every member's log compared, through lost connections and a node that
// dies.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { authRoutes, chatRoutes, MessageKind } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { LedgerClient } from "../support/ledger-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const MEMBERS = 12;
const MESSAGES = 600;

describe("a room on two nodes", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-ledger-"));
	let redis: RealServer;
	let nodes: GatewayProcess[];
	const env = () => ({
		REDIS_URL: redis.url,
		DATABASE_URL: `sqlite:${directory}/shared.db`,
		FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "64",
		FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
		FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "1000",
		FRAMEGATE_CHAT_USER_RATE_PER_SECOND: "100000",
		FRAMEGATE_CHAT_USER_RATE_BURST: "100000",
		FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "100000",
		FRAMEGATE_CHAT_CONVERSATION_RATE_BURST: "100000",
		FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0",
		FRAMEGATE_RATES_USER_PER_SECOND: "0",
		FRAMEGATE_RATES_IP_PER_SECOND: "0",
	});
	before(async () => {
		redis = await startRedis();
		nodes = [await startGateway({ env: env(), dataDirectory: directory })];
		nodes.push(await startGateway({ env: env(), dataDirectory: directory }));
	});
	after(async () => {
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});

	/** A room with members on both nodes, and somebody to send. */
	async function room(name: string) {
		const [home] = nodes as [GatewayProcess, GatewayProcess];
		const sender = await WireClient.member(home.url, `${name}-sender`);
		const created = await sender.client.ask(chatRoutes.createChatRoom, { name, isPublic: true });
		const { room } = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array());
		const roomId = room?.id ?? "";
		const members = await Promise.all(
			Array.from({ length: MEMBERS }, async (_, index) => {
				const { client, login } = await WireClient.member(home.url, `${name}-${index}`);
				await client.close();
				const urls = nodes.map((node) => node.url);
				const order = index % 2 === 0 ? urls : [...urls].reverse();
				const member = new LedgerClient(order, login.tokens?.accessToken ?? "");
				await member.join(roomId);
				return member;
			}),
		);
		const token = sender.login.tokens?.accessToken ?? "";
		return { roomId, members, sender: sender.client, token };
	}

	function check(members: readonly LedgerClient[], acked: readonly number[]): void {
		const all = [...acked].sort((a, b) => a - b);
		for (const [index, member] of members.entries()) {
			assert.equal(member.holes, 0, `member ${index} was told of a hole`);
			assert.deepEqual(member.received, all, `member ${index} after ${member.reconnects} reconnects`);
			assert.equal(member.duplicates, 0, `member ${index} got something twice`);
		}
	}

	it("members that drop at random get every message once, in order", { timeout: 120_000 }, async () => {
		const { roomId, members, sender } = await room("drops");
		const acked: number[] = [];
		let sent = 0;
		let drops: Promise<void>[] = [];
		while (sent < MESSAGES) {
			const batch = Array.from({ length: 20 }, async () => {
				const content = { kind: MessageKind.TEXT, text: `message ${sent}` };
				const request = { roomId, clientMsgId: `m${sent++}`, content };
				const reply = await sender.ask(chatRoutes.sendMessage, request);
				assert.equal(reply.code ?? 0, 0, reply.error?.message);
				acked.push(chatRoutes.sendMessage.reply.decode(reply.body ?? new Uint8Array()).sequence ?? 0);
			});
			// Two of them lose their connection while this batch is on its way.
			const unlucky = [sent / 20, sent / 20 + 5].map((n) => members[n % MEMBERS] as LedgerClient);
			drops = [...drops, ...unlucky.map((member) => member.drop())];
			await Promise.all(batch);
		}
		await Promise.all(drops);
		await until(() => members.every(({ received }) => received.length >= MESSAGES));
		check(members, acked);
		assert.ok(members.every(({ reconnects }) => reconnects >= 3));
		for (const member of members) member.leave();
		await sender.close();
	});

	it("a node that is killed takes nothing acknowledged with it", { timeout: 120_000 }, async () => {
		const { roomId, members, sender, token } = await room("killed");
		const acked = new Set<number>();
		const send = async (client: WireClient, from: number, to: number) => {
			for (let n = from; n < to; n++) {
				const content = { kind: MessageKind.TEXT, text: `message ${n}` };
				const reply = await client.ask(chatRoutes.sendMessage, { roomId, clientMsgId: `k${n}`, content });
				if (!reply.code) acked.add(chatRoutes.sendMessage.reply.decode(reply.body ?? new Uint8Array()).sequence ?? 0);
			}
		};
		await send(sender, 0, 50);
		const [dying, staying] = nodes as [GatewayProcess, GatewayProcess];
		const lost = assert.rejects(send(sender, 50, 10_000), /closed/);
		await until(() => acked.size > 100);
		await dying.kill9();
		await lost;
		// The sender does what it should: it comes back elsewhere and repeats what was not acknowledged.
		const again = await WireClient.open(staying.url);
		await again.ask(authRoutes.connect, { accessToken: token });
		const from = acked.size;
		await send(again, from, from + 50);
		const total = Math.max(...acked);
		await until(() => members.every(({ received }) => received.length >= total));
		check(
			members,
			Array.from({ length: total }, (_, index) => index + 1),
		);
		assert.ok(members.every(({ repeats }) => repeats < 10));
		assert.equal(acked.size, total, "every message of the room was acknowledged, by the first send or its repeat");
		for (const member of members) member.leave();
		await again.close();
		nodes[0] = await startGateway({ env: env(), dataDirectory: directory, port: dying.port });
	});
});

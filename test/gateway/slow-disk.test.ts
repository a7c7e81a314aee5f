// A disk that does not finish a sync, under SQLite: the event loop goes on, reads are answered, writes wait or are refused in time,
// and nothing that was acknowledged is missing afterwards.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes, chatRoutes, type Envelope, MessageKind } from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { startGateway } from "../support/gateway.ts";
import { dataDirectory } from "../support/real-server.ts";
import { SyncGate } from "../support/sync-gate.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const HEARTBEATS = 20;
/** SQLite syncs when it copies its log into the database: by default when the log has 1000 pages of 4 KiB. */
const LONG = { kind: MessageKind.CUSTOM, customType: "blob", custom: new Uint8Array(32_768).fill(0x61) };
const MAX_MESSAGES = 400;

async function started(t: TestContext, env: Readonly<Record<string, string>>) {
	const directory = dataDirectory("slow-disk");
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	const gate = new SyncGate(directory);
	const database = `sqlite:${join(directory, "framegate.db")}`;
	const gateway = await startGateway({ env: { ...UNLIMITED, ...gate.env, DATABASE_URL: database, ...env } });
	t.after(async () => {
		gate.open();
		await gateway.kill9();
	});
	const { client } = await WireClient.member(gateway.url, "ann");
	const created = await client.ask(chatRoutes.createChatRoom, { name: "Ann's room", isPublic: true });
	const roomId = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
	let sent = 0;
	const send = () => client.ask(chatRoutes.sendMessage, { roomId, clientMsgId: `m${sent++}`, content: LONG });
	/** Sends until a sync waits. */
	const fill = async (): Promise<Promise<Envelope>[]> => {
		gate.close();
		const sends: Promise<Envelope>[] = [];
		while (!gate.isWaiting && sends.length < MAX_MESSAGES) {
			const sending = send();
			sends.push(sending);
			// One that waits for the sync is answered behind it.
			await Promise.race([sending, until(() => gate.isWaiting)]);
		}
		assert.ok(gate.isWaiting, `no sync in ${sends.length} messages`);
		return sends;
	};
	return { gateway, gate, client, send, fill };
}

const isOk = ({ code }: Envelope): boolean => (code ?? ErrorCode.OK) === ErrorCode.OK;

test("while a sync does not end, heartbeats, /health and reads are answered; then what was written is", async (t) => {
	const { gateway, gate, client, send, fill } = await started(t, {
		FRAMEGATE_DATABASE_TIMEOUT_MS: "60000",
		FRAMEGATE_LIMITS_REQUEST_TIMEOUT_MS: "60000",
	});
	const sends = await fill();
	const order: string[] = [];
	const written = send().then((reply) => {
		order.push("written");
		return reply;
	});
	for (let index = 0; index < HEARTBEATS; index++) {
		assert.ok(isOk(await client.ask(authRoutes.heartbeat, {})));
		assert.equal((await fetch(`${gateway.httpUrl}/health`)).status, 200);
	}
	assert.ok(isOk(await client.ask(chatRoutes.listConversations, {})));
	order.push("released");
	gate.open();
	assert.ok(isOk(await written));
	assert.deepEqual(order, ["released", "written"]);
	assert.ok((await Promise.all(sends)).every(isOk));
});

test("writes behind a sync that does not end are refused with a time to wait, and come once when they are repeated", async (t) => {
	const { gateway, gate, client, fill, send } = await started(t, {
		FRAMEGATE_DATABASE_TIMEOUT_MS: "300",
		FRAMEGATE_STORAGE_PROBE_INTERVAL_MS: "100",
	});
	const sends = await fill();
	const refused = await send();
	assert.equal(refused.code, ErrorCode.UNAVAILABLE);
	assert.ok(refused.error?.retryable && refused.error.retryAfterMs > 0);
	await until(async () => !(await fetch(`${gateway.httpUrl}/ready`)).ok);
	gate.open();
	await until(async () => (await fetch(`${gateway.httpUrl}/ready`)).ok);
	const acknowledged = (await Promise.all(sends)).filter(isOk).length;
	assert.ok(isOk(await send()));
	const { body } = await client.ask(chatRoutes.listConversations, {});
	const [conversation] = chatRoutes.listConversations.reply.decode(body ?? new Uint8Array()).conversations ?? [];
	// What was refused may have been written: whether it was is known by a repeat alone.
	const last = Number(conversation?.room?.lastSequence ?? 0);
	assert.ok(last >= acknowledged + 1, `${last} of ${acknowledged + 1}`);
});

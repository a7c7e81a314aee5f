// Application channels as different clients see them, on two nodes: JSON and protobuf, with and without deltas; a user whom a backend
// removes; names and data that no channel takes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SignJWT } from "jose";
import WebSocket from "ws";
import { ErrorCode } from "../../protocol/codes.ts";
import { applyDelta } from "../../protocol/fossil-delta.ts";
import {
	authRoutes,
	Publication,
	pushes,
	applicationChannelRoutes as routes,
	SubscriptionRevoked,
	SubscriptionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const SECRET = "a secret of a backend, with 32 bytes or more";
const KEY = "the-key-of-a-backend-that-may-all-1";
const PUBLICATION = pushes.publication.number;
const REVOKED = pushes.subscriptionRevoked.number;
const NAMESPACES = {
	docs: { subscribe: ["session"], publish: ["session"], delta: true, userRate: { perSecond: 0 } },
	desk: { subscribe: ["token"], publish: ["session"], userRate: { perSecond: 0 } },
	brief: { subscribe: ["session"], publish: ["session"], maxDataBytes: 10 },
};

interface JsonFrame {
	readonly protocol: number;
	readonly code?: number;
	readonly offset?: string | number;
	readonly body?: { readonly data?: string; readonly delta?: boolean };
}

describe("clients of application channels", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-channel-clients-"));
	let redis: RealServer;
	let nodes: GatewayProcess[] = [];
	const open: { close(): unknown }[] = [];
	let number = 0;

	before(async () => {
		redis = await startRedis();
		const env = {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${join(directory, "shared.db")}`,
			JWT_SECRET: "the secret of sessions, which signs no subscriptions",
			FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
			FRAMEGATE_APPLICATION_CHANNELS_TOKENS_SECRET: SECRET,
			FRAMEGATE_KEYS_FIXED: JSON.stringify([{ name: "all", secret: KEY, permissions: ["*"], channels: ["*"] }]),
		};
		nodes = [await startGateway({ env }), await startGateway({ env })];
	});
	after(async () => {
		await Promise.all(open.map((client) => client.close()));
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true });
	});

	const urlOf = (node: number) => (nodes[node] as GatewayProcess).url;
	const httpOf = (node: number) => (nodes[node] as GatewayProcess).httpUrl;
	const dataOf = (body: Uint8Array | null | undefined) => Publication.decode(body ?? new Uint8Array());

	async function user(node = 0, name = `client${number++}`) {
		const { client, login } = await WireClient.member(urlOf(node), name);
		open.push(client);
		return { client, name, userId: login.user?.id ?? "", token: login.tokens?.accessToken ?? "" };
	}

	async function subscribe(client: WireClient, request: { channel: string; token?: string; delta?: boolean }) {
		const { code, error } = await client.ask(routes.subscribeChannel, request);
		assert.equal(code ?? 0, 0, error?.message);
	}

	async function publish(client: WireClient, channel: string, data: string) {
		const draft = { channel, data: new TextEncoder().encode(data), publicationId: `p${number++}` };
		const { code, error } = await client.ask(routes.publishChannel, draft);
		assert.equal(code ?? 0, 0, error?.message);
	}

	/** A client that speaks JSON: its frames, and the data of publications made whole. */
	async function jsonUser(node: number, channel: string, delta: boolean) {
		const { name } = await user(node);
		const socket = new WebSocket(urlOf(node), ["framegate.v1.json"]);
		open.push(socket);
		const frames: JsonFrame[] = [];
		socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString())));
		await new Promise((resolve) => socket.once("open", resolve));
		const ask = async (protocol: number, body: object) => {
			socket.send(JSON.stringify({ protocol, seq: ++number, body }));
			await until(() => frames.some((frame) => frame.protocol === protocol));
		};
		await ask(authRoutes.login.number, { username: name, password: PASSWORD });
		await ask(routes.subscribeChannel.number, { channel, delta });
		return () => {
			const all = frames.filter(({ protocol }) => protocol === PUBLICATION).map(({ body }) => body ?? {});
			return documentsOf(
				all.map(({ data = "", delta: isDelta }) => ({ data: Buffer.from(data, "base64"), delta: isDelta })),
			);
		};
	}

	it("JSON and protobuf, with and without deltas, on both nodes: each gets every document, and only those that asked get deltas", async () => {
		const channel = "docs:four";
		const got: { wantsDelta: boolean; read: () => ReturnType<typeof documentsOf> }[] = [];
		for (const node of [0, 1]) {
			for (const wantsDelta of [false, true]) {
				got.push({ wantsDelta, read: await jsonUser(node, channel, wantsDelta) });
				const { client } = await user(node);
				await subscribe(client, { channel, delta: wantsDelta });
				const read = () =>
					documentsOf(client.pushes.filter(({ protocol }) => protocol === PUBLICATION).map(({ body }) => dataOf(body)));
				got.push({ wantsDelta, read });
			}
		}
		const { client: publisher } = await user();
		const lines = Array.from({ length: 60 }, (_, line) => `line ${line} of the document`);
		const documents: string[] = [];
		for (let n = 0; n < 5; n++) {
			lines[n * 7] = `changed in version ${n}`;
			documents.push(lines.join("\n"));
			await publish(publisher, channel, documents.at(-1) as string);
		}
		for (const { wantsDelta, read } of got) {
			await until(() => read().texts.length === documents.length);
			assert.deepEqual(read(), { texts: documents, deltas: wantsDelta ? documents.length - 1 : 0 });
		}
	});

	it("a user whom a backend removes gets everything published before, then the end of it, on both nodes, and comes back with a newer token only", async () => {
		const channel = "desk:removed";
		const [removed, publisher] = [await user(0), await user(1)];
		const elsewhere = await WireClient.open(urlOf(1));
		open.push(elsewhere);
		await elsewhere.login(removed.name, "another device");
		const token = await tokenOf(removed.userId, channel);
		const both = [removed.client, elsewhere];
		for (const client of both) await subscribe(client, { channel, token });
		for (let n = 0; n < 20; n++) await publish(publisher.client, channel, `${n}`);
		const body = { channel, user_id: removed.userId };
		assert.equal((await post(`${httpOf(1)}/api/v1/server/unsubscribe`, body, KEY)).status, 200);
		await publish(publisher.client, channel, "afterwards");
		for (const client of both) {
			await until(() => client.pushes.some(({ protocol }) => protocol === REVOKED));
			const seen = client.pushes.filter(({ protocol }) => protocol === PUBLICATION || protocol === REVOKED);
			assert.deepEqual(
				seen.slice(0, 20).map((push) => Buffer.from(dataOf(push.body).data ?? []).toString()),
				Array.from({ length: 20 }, (_, n) => `${n}`),
			);
			const end = SubscriptionRevoked.decode(seen[20]?.body ?? new Uint8Array());
			assert.deepEqual([end.channel, end.reason], [channel, SubscriptionRevoked_Reason.UNSUBSCRIBED]);
			assert.equal(seen.length, 21);
			assert.equal((await client.ask(routes.subscribeChannel, { channel, token })).code, ErrorCode.PERMISSION_DENIED);
			const newer = await tokenOf(removed.userId, channel, 2);
			await subscribe(client, { channel, token: newer });
		}
	});

	it("names that no channel has are refused on every surface, with the field", async () => {
		const { client, token } = await user();
		const names = [
			"docs:a b",
			"docs:{x}",
			'docs:"x"',
			"docs:\\x",
			"docs:\u0000",
			"docs:\n",
			"docs:é",
			"docs:x delta",
			`docs:${"x".repeat(190)}`,
			"docs:",
			":x",
			"docs",
			"__proto__:x",
			"constructor:x",
			"joins:docs:x",
			"room:1",
		];
		for (const channel of names) {
			const { code, error } = await client.ask(routes.subscribeChannel, { channel });
			assert.ok(code === ErrorCode.VALIDATION_FAILED || code === ErrorCode.NOT_FOUND, `${channel}: ${code}`);
			assert.equal(error?.violations?.[0]?.field, "channel", channel);
			const presented = [{ channel, offset: 1, epoch: "e" }];
			const again = await WireClient.open(urlOf(1));
			open.push(again);
			const connected = await again.ask(authRoutes.connect, { accessToken: token, positions: presented });
			const { recoveries } = authRoutes.connect.reply.decode(connected.body ?? new Uint8Array());
			const recovery = recoveries?.find((one) => one.channel === channel);
			assert.ok(connected.code || recovery?.epoch === "", `${channel}: ${JSON.stringify(recovery)}`);
			const path = `${httpOf(1)}/api/v1/channels/${encodeURIComponent(channel)}/publications`;
			const answers = [
				await get(path, token),
				await post(path, { data: "eA==", publicationId: "1" }, token),
				await post(`${httpOf(0)}/api/v1/server/publish`, { channel, text: "x" }, KEY),
			];
			for (const { status, body } of answers) {
				assert.ok([400, 404, 422].includes(status), `${channel}: ${status} ${JSON.stringify(body)}`);
			}
		}
		// Those are as good as any other.
		for (const channel of ["docs:*", "docs:[a-z]?", "docs:../../x", "docs:a:b:c", "docs:%2F", "docs:__proto__"]) {
			await subscribe(client, { channel });
			await publish(client, channel, channel);
			await until(() => client.pushes.some((push) => push.channel === channel));
			const path = `${httpOf(1)}/api/v1/channels/${encodeURIComponent(channel)}/publications`;
			const { status, body } = await get(path, token);
			assert.equal(status, 200, `${channel}: ${JSON.stringify(body)}`);
			assert.equal(Buffer.from(body.publications[0].publication.data, "base64").toString(), channel);
		}
	});

	it("data that its namespace does not take is refused on every surface, with the bound, and nothing is published", async () => {
		const { client, token } = await user();
		const channel = "brief:x";
		await subscribe(client, { channel });
		const data = new Uint8Array(11);
		const reply = await client.ask(routes.publishChannel, { channel, data, publicationId: "1" });
		assert.equal(reply.code, ErrorCode.PAYLOAD_TOO_LARGE);
		assert.match(reply.error?.violations?.[0]?.description ?? "", /10 bytes/);
		const path = `${httpOf(1)}/api/v1/channels/${channel}/publications`;
		const base64 = Buffer.from(data).toString("base64");
		assert.equal((await post(path, { data: base64, publicationId: "1" }, token)).status, 413);
		assert.equal((await post(`${httpOf(1)}/api/v1/server/publish`, { channel, data: base64 }, KEY)).status, 413);
		await publish(client, channel, "0123456789");
		await until(() => client.pushes.some(({ protocol }) => protocol === PUBLICATION));
		assert.equal(client.pushes.find(({ protocol }) => protocol === PUBLICATION)?.offset, 1);
	});
});

/** The documents that whole publications and deltas make, and how many were deltas. */
function documentsOf(publications: readonly { data?: Uint8Array | null; delta?: boolean | undefined }[]) {
	const texts: string[] = [];
	let [state, deltas] = [new Uint8Array(), 0];
	for (const { data, delta } of publications) {
		const bytes = data ?? new Uint8Array();
		state = Uint8Array.from(delta ? applyDelta(state, bytes, 100_000) : bytes);
		if (delta) deltas++;
		texts.push(Buffer.from(state).toString());
	}
	return { texts, deltas };
}

/** @param laterS - than now, as a backend's clock that is ahead would have it. */
async function tokenOf(sub: string, channel: string, laterS = 0): Promise<string> {
	const nowS = Math.floor(Date.now() / 1000) + laterS;
	return await new SignJWT({ sub, channel })
		.setProtectedHeader({ alg: "HS256", typ: "subscription+jwt" })
		.setAudience("framegate-channels")
		.setIssuedAt(nowS)
		.setExpirationTime(nowS + 60)
		.sign(Buffer.from(SECRET));
}

// Application channels of the client on a real gateway: what subscriptions receive over broken connections, deltas, tokens,
// presence, and how a subscription ends.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { SignJWT } from "jose";
import { type AppPublication, type Client, createClient, type Recovery } from "../../client/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { applicationChannelRoutes, PresenceEvent_Kind } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { network } from "./network.ts";

const PASSWORD = "correct horse battery";
const SECRET = "a secret of a backend, with 32 bytes or more";
const UNLIMITED = { perSecond: 0, burst: 1 };
const NAMESPACES = {
	docs: { subscribe: ["session"], publish: ["session"], delta: true, userRate: UNLIMITED, channelRate: UNLIMITED },
	desk: { subscribe: ["token"], publish: ["session"] },
	lobby: { subscribe: ["session"], presence: true, presenceEvents: true },
	closed: {},
};

function tokenOf(sub: string, channel: string, lifeS: number): Promise<string> {
	const nowS = Math.floor(Date.now() / 1000);
	return new SignJWT({ channel })
		.setProtectedHeader({ alg: "HS256", typ: "subscription+jwt" })
		.setSubject(sub)
		.setAudience("framegate-channels")
		.setIssuedAt(nowS)
		.setExpirationTime(nowS + lifeS)
		.sign(Buffer.from(SECRET));
}

describe("application channels of the client", () => {
	let gateway: GatewayProcess;
	const clients: Client[] = [];
	let number = 0;

	before(async () => {
		gateway = await startGateway({
			env: {
				FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
				FRAMEGATE_APPLICATION_CHANNELS_TOKENS_SECRET: SECRET,
				FRAMEGATE_APPLICATION_CHANNELS_PRESENCE_GRACE_MS: "0",
				FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0",
				FRAMEGATE_RATES_USER_PER_SECOND: "0",
				FRAMEGATE_RATES_IP_PER_SECOND: "0",
			},
		});
	});
	afterEach(() => {
		for (const client of clients.splice(0)) client.close();
	});
	after(() => gateway.kill9());

	async function member() {
		const net = network();
		const client = createClient({ url: gateway.url, WebSocket: net.WebSocket, backoff: { minMs: 5, maxMs: 50 } });
		clients.push(client);
		await client.connect();
		const username = `member${number++}`;
		await client.auth.register({ username, password: PASSWORD });
		await client.login({ username, password: PASSWORD });
		return { client, net, userId: client.user?.id ?? "" };
	}

	/** Breaks the connection, and waits until another one is there. */
	async function drop({ client, net }: Awaited<ReturnType<typeof member>>): Promise<void> {
		net.cut();
		await until(() => client.state === "backoff");
		net.mend();
		await until(() => client.state === "ready");
	}

	it("everything arrives once and in order over broken connections, whole or as deltas, and the state is the same", async () => {
		const [plain, delta, publisher] = [await member(), await member(), await member()];
		const name = `docs:${number++}`;
		const received = new Map<string, AppPublication[]>();
		const recoveries: Recovery[] = [];
		for (const [key, each, wantsDelta] of [
			["plain", plain, false],
			["delta", delta, true],
		] as const) {
			const list: AppPublication[] = [];
			received.set(key, list);
			await each.client.channel(name).subscribe({
				delta: wantsDelta,
				onPublication: (publication) => {
					list.push(publication);
					// What a listener does with the bytes is its own matter.
					publication.data.fill(0, 0, 0);
				},
				onRecovery: (recovery) => recoveries.push(recovery),
			});
		}
		const document = Array.from({ length: 60 }, (_, id) => ({ id, text: `line ${id}`, version: 0 }));
		const sent: string[] = [];
		for (let n = 0; n < 60; n++) {
			(document[n] as { version: number }).version = n + 1;
			sent.push(JSON.stringify(document));
			const publishing = publisher.client.channel(name).publish(sent[n] as string);
			if (n % 20 === 10) await Promise.all([drop(plain), drop(delta)]);
			if (n % 20 === 15) await drop(publisher);
			await publishing;
		}
		for (const [key, list] of received) {
			await until(() => list.length >= sent.length);
			assert.deepEqual(
				list.map(({ offset }) => offset),
				sent.map((_, index) => index + 1),
				key,
			);
			assert.deepEqual(
				list.map((publication) => publication.text()),
				sent,
				key,
			);
		}
		assert.ok(recoveries.length >= 6);
		assert.ok(recoveries.every(({ recovered }) => recovered));
		const last = received.get("delta")?.at(-1);
		assert.equal(last?.publisherId, publisher.userId);
		assert.deepEqual(last?.json(), document);
	});

	it("a delta that does not fit is not applied: what is missing comes again, whole", async () => {
		const [reader, publisher] = [await member(), await member()];
		const name = `docs:${number++}`;
		const list: string[] = [];
		const channel = reader.client.channel(name);
		await channel.subscribe({ delta: true, onPublication: (publication) => list.push(publication.text()) });
		const text = (n: number) => `${"the same text again and again; ".repeat(20)}${n}`;
		for (let n = 0; n < 3; n++) await publisher.client.channel(name).publish(text(n));
		await until(() => list.length === 3);
		// A foreign subscription of this connection without deltas, and with them again: the gateway begins with a whole one.
		await reader.client.request(applicationChannelRoutes.subscribeChannel, { channel: name });
		await publisher.client.channel(name).publish(text(3));
		await reader.client.request(applicationChannelRoutes.subscribeChannel, { channel: name, delta: true });
		for (let n = 4; n < 7; n++) await publisher.client.channel(name).publish(text(n));
		await until(() => list.length === 7);
		assert.deepEqual(
			list,
			Array.from({ length: 7 }, (_, n) => text(n)),
		);
	});

	it("tokens are asked for before each subscription and renewed before they expire; a reconnect continues at the position", async () => {
		const [reader, publisher] = [await member(), await member()];
		const name = `desk:${number++}`;
		let asked = 0;
		const list: number[] = [];
		const subscription = await reader.client.channel(name).subscribe({
			token: () => {
				asked++;
				return tokenOf(reader.userId, name, asked < 3 ? 2 : 600);
			},
			onPublication: ({ offset }) => list.push(offset),
		});
		assert.equal(asked, 1);
		await until(() => asked >= 2);
		await publisher.client.channel(name).publish("1");
		await until(() => list.length === 1);
		reader.net.cut();
		await until(() => reader.client.state === "backoff");
		await publisher.client.channel(name).publish("2");
		reader.net.mend();
		await until(() => list.length === 2);
		await publisher.client.channel(name).publish("3");
		await until(() => list.length === 3);
		assert.deepEqual(list, [1, 2, 3]);
		assert.equal(subscription.isClosed, false);
		await assert.rejects(publisher.client.channel(name).subscribe(), { code: ErrorCode.PERMISSION_DENIED });
	});

	it("a token that is not renewed ends the subscription", async () => {
		const reader = await member();
		const name = `desk:${number++}`;
		const token = await tokenOf(reader.userId, name, 1);
		const end = await new Promise((resolve, reject) => {
			reader.client.channel(name).subscribe({ token, onEnded: resolve }).catch(reject);
		});
		assert.equal(end, 2);
		assert.equal(reader.client.channel(name).state, "idle");
	});

	it("subscriptions of one channel share it, and the last one that is closed ends it", async () => {
		const [reader, publisher] = [await member(), await member()];
		const name = `docs:${number++}`;
		const lists: string[][] = [[], []];
		const both = await Promise.all(
			lists.map((list) =>
				reader.client.channel(name).subscribe({ onPublication: (publication) => list.push(publication.text()) }),
			),
		);
		await publisher.client.channel(name).publish("one");
		await until(() => lists.every((list) => list.length === 1));
		await both[0]?.close();
		await publisher.client.channel(name).publish("two");
		await until(() => lists[1]?.length === 2);
		assert.deepEqual(lists, [["one"], ["one", "two"]]);
		await both[1]?.close();
		assert.equal(reader.client.channel(name).state, "idle");
		const { position } = await publisher.client.channel(name).history();
		const from = { offset: 0, epoch: position.epoch };
		const again: number[] = [];
		const third = await reader.client.channel(name).subscribe({
			since: from,
			onPublication: ({ offset }) => again.push(offset),
		});
		assert.deepEqual([third.recovered, again], [true, [1, 2]]);
	});

	it("presence, its events, history, and a namespace that permits nobody", async () => {
		const [ada, bob] = [await member(), await member()];
		const name = `lobby:${number++}`;
		const events: [string, PresenceEvent_Kind][] = [];
		await ada.client.channel(name).subscribe({
			onPresence: ({ userId, kind }) => events.push([userId ?? "", kind ?? PresenceEvent_Kind.UNSPECIFIED]),
		});
		const there = await bob.client.channel(name).subscribe();
		await until(() => events.length === 2);
		const users: string[] = [];
		for await (const { userId } of bob.client.channel(name).presence()) users.push(userId ?? "");
		assert.deepEqual(users.sort(), [ada.userId, bob.userId].sort());
		await there.close();
		await until(() => events.length === 3);
		const { JOINED, LEFT } = PresenceEvent_Kind;
		assert.deepEqual(events, [
			[ada.userId, JOINED],
			[bob.userId, JOINED],
			[bob.userId, LEFT],
		]);
		for (const attempt of [
			() => ada.client.channel("closed:1").subscribe(),
			() => ada.client.channel("closed:1").publish("x"),
			() => ada.client.channel("closed:1").history(),
			() => ada.client.channel(name).publish("x"),
		]) {
			await assert.rejects(attempt, { code: ErrorCode.PERMISSION_DENIED });
		}
	});
});

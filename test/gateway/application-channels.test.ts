// Application channels on two nodes with a real Redis: who may, what is sent, what is kept, and what becomes of it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SignJWT } from "jose";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract, RouteContract } from "../../protocol/contract.ts";
import { applyDelta } from "../../protocol/fossil-delta.ts";
import {
	authRoutes,
	type ChannelPositionProperties,
	type Envelope,
	PresenceEvent,
	PresenceEvent_Kind,
	Publication,
	pushes,
	applicationChannelRoutes as routes,
	SubscriptionRevoked,
	SubscriptionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const SECRET = "a secret of a backend, with 32 bytes or more";
const LISTING = "the-key-of-a-backend-that-lists-1";
const NAMESPACES = {
	scores: { subscribe: ["session"], publish: ["session"], presence: true, presenceEvents: true, delta: true },
	desk: { subscribe: ["token"], publish: ["token"] },
	inbox: { subscribe: ["own"], publish: [] },
	ops: { subscribe: ["permission:edge.read"], publish: ["session"], maxDataBytes: 10 },
	ticker: { subscribe: ["everyone"], publish: ["session"], historySize: 0, userRate: { perSecond: 0.001, burst: 2 } },
	live: { subscribe: ["session"], publish: ["session"], recovery: false },
};

const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();
const bytes = (value: string) => new TextEncoder().encode(value);

function tokenOf(claims: { sub: string; channel: string; publish?: boolean }, expiresInS = 60): Promise<string> {
	const nowS = Math.floor(Date.now() / 1000);
	return new SignJWT({ ...claims })
		.setProtectedHeader({ alg: "HS256", typ: "subscription+jwt" })
		.setAudience("framegate-channels")
		.setIssuedAt(nowS)
		.setExpirationTime(nowS + expiresInS)
		.sign(Buffer.from(SECRET));
}

describe("application channels", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-channels-"));
	let redis: RealServer;
	let nodes: GatewayProcess[] = [];
	const clients: WireClient[] = [];
	let number = 0;

	before(async () => {
		redis = await startRedis();
		const env = {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${join(directory, "shared.db")}`,
			FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
			FRAMEGATE_APPLICATION_CHANNELS_TOKENS_SECRET: SECRET,
			FRAMEGATE_APPLICATION_CHANNELS_PRESENCE_GRACE_MS: "0",
			FRAMEGATE_AUTH_SECRET: "the secret of sessions, which signs no subscriptions",
			FRAMEGATE_KEYS_FIXED: JSON.stringify([
				{ name: "listing", secret: LISTING, permissions: ["channels.list"], channels: ["scores:listed-"] },
			]),
		};
		nodes = [await startGateway({ env }), await startGateway({ env })];
	});
	after(async () => {
		await Promise.all(clients.map((client) => client.close()));
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true });
	});

	async function user(node = 0): Promise<{ client: WireClient; userId: string; token: string }> {
		const { client, login } = await WireClient.member((nodes[node] as GatewayProcess).url, `user${number++}`);
		clients.push(client);
		return { client, userId: login.user?.id ?? "", token: login.tokens?.accessToken ?? "" };
	}

	async function ok<Request, Properties, Reply, ReplyProperties>(
		client: WireClient,
		contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
		request: Properties,
	): Promise<Reply> {
		const reply = await client.ask(contract, request);
		assert.equal(reply.code ?? 0, 0, `${contract.name}: ${reply.error?.message}`);
		return contract.reply.decode(reply.body ?? new Uint8Array());
	}

	async function codeOf(client: WireClient, contract: AnyRouteContract, request: object): Promise<number> {
		return (await client.ask(contract as RouteContract<unknown, object, unknown, unknown>, request)).code ?? 0;
	}

	const publish = (client: WireClient, channel: string, data: string, id = `p${number++}`, token = "") =>
		ok(client, routes.publishChannel, { channel, data: bytes(data), publicationId: id, token });

	/** The next push of a kind; others in between are left out. */
	async function next(client: WireClient, protocol: number): Promise<Envelope> {
		for (;;) {
			const push = await client.push();
			if (push.protocol === protocol) return push;
		}
	}

	const publicationOf = (push: Envelope) => Publication.decode(push.body ?? new Uint8Array());

	it("what is published on one node reaches subscribers on the other, with publisher, id and position", async () => {
		const [ada, bob] = [await user(0), await user(1)];
		const channel = `scores:${number++}`;
		const subscribed = await ok(bob.client, routes.subscribeChannel, { channel });
		assert.equal(subscribed.offset ?? 0, 0);
		assert.equal(subscribed.recovered ?? false, false);
		const position = await publish(ada.client, channel, "hello", "first");
		const push = await next(bob.client, pushes.publication.number);
		assert.deepEqual([push.channel, push.offset, push.epoch], [channel, position.offset, position.epoch]);
		const { data, publisherId, publicationId, publishedAtMs } = publicationOf(push);
		assert.deepEqual([text(data), publisherId, publicationId], ["hello", ada.userId, "first"]);
		assert.ok(Math.abs(Date.now() - (publishedAtMs ?? 0)) < 60_000);
		// A repeat, on the other node or not, is not published again; another user's id is another id.
		assert.deepEqual(await publish(ada.client, channel, "hello again", "first"), position);
		assert.equal((await publish(bob.client, channel, "mine", "first")).offset, 2);
		assert.equal(text(publicationOf(await next(bob.client, pushes.publication.number)).data), "mine");
		await ok(bob.client, routes.unsubscribeChannel, { channel });
		await publish(ada.client, channel, "missed");
		const again = await ok(bob.client, routes.subscribeChannel, { channel, offset: 2, epoch: position.epoch });
		assert.deepEqual([again.offset, again.recovered], [3, true]);
		assert.equal(text(publicationOf(await next(bob.client, pushes.publication.number)).data), "missed");
	});

	it("recovers by Connect on another node; not where the namespace does not recover, or keeps nothing", async () => {
		const ada = await user(0);
		const names = [`scores:${number++}`, `live:${number++}`, `ticker:${number++}`];
		const positions: ChannelPositionProperties[] = [];
		for (const channel of names) {
			const { offset, epoch } = await ok(ada.client, routes.subscribeChannel, { channel });
			positions.push({ channel, offset, epoch });
		}
		const bob = await user(1);
		await ada.client.close();
		for (const channel of names) await publish(bob.client, channel, channel);
		const again = await WireClient.open((nodes[1] as GatewayProcess).url);
		clients.push(again);
		const { recoveries } = await ok(again, authRoutes.connect, { accessToken: ada.token, positions });
		const recovered = new Map(recoveries?.map((recovery) => [recovery.channel, recovery]));
		assert.deepEqual(
			names.map((channel) => [recovered.get(channel)?.recovered ?? false, recovered.get(channel)?.offset]),
			[
				[true, 1],
				[false, 1],
				[false, 1],
			],
		);
		assert.deepEqual(
			again.pushes.filter(({ protocol }) => protocol === pushes.publication.number).map(({ channel }) => channel),
			[names[0]],
		);
	});

	it("rules: who is not permitted cannot subscribe, publish or read, and names of no namespace are refused", async () => {
		const { client, userId } = await user();
		const { PERMISSION_DENIED, NOT_FOUND, VALIDATION_FAILED, PAYLOAD_TOO_LARGE, PRECONDITION_FAILED } = ErrorCode;
		const draft = { data: bytes("x"), publicationId: "1" };
		const { subscribeChannel, publishChannel, channelHistory, channelPresence, listActiveChannels } = routes;
		const cases: [AnyRouteContract, object, ErrorCode][] = [
			[subscribeChannel, { channel: `inbox:${userId}` }, ErrorCode.OK],
			[subscribeChannel, { channel: `inbox:${userId}:orders` }, ErrorCode.OK],
			[subscribeChannel, { channel: `inbox:${userId}x` }, PERMISSION_DENIED],
			[channelHistory, { channel: "inbox:somebody" }, PERMISSION_DENIED],
			[publishChannel, { channel: `inbox:${userId}`, ...draft }, PERMISSION_DENIED],
			[subscribeChannel, { channel: "ops:alerts" }, PERMISSION_DENIED],
			[channelPresence, { channel: "ops:alerts" }, PERMISSION_DENIED],
			[publishChannel, { channel: "ops:alerts", ...draft }, ErrorCode.OK],
			[publishChannel, { channel: "ops:alerts", ...draft, data: bytes("01234567890") }, PAYLOAD_TOO_LARGE],
			[subscribeChannel, { channel: "ticker:a" }, ErrorCode.OK],
			[channelHistory, { channel: "ticker:a" }, PRECONDITION_FAILED],
			[channelPresence, { channel: "ticker:a" }, PRECONDITION_FAILED],
			[subscribeChannel, { channel: "nowhere:a" }, NOT_FOUND],
			[subscribeChannel, { channel: `user:${userId}` }, NOT_FOUND],
			[publishChannel, { channel: `user:${userId}`, ...draft }, NOT_FOUND],
			[publishChannel, { channel: "joins:scores:1", ...draft }, NOT_FOUND],
			[subscribeChannel, { channel: "scores" }, VALIDATION_FAILED],
			[subscribeChannel, { channel: "scores:" }, VALIDATION_FAILED],
			[listActiveChannels, { namespace: "scores" }, PERMISSION_DENIED],
		];
		for (const [contract, request, code] of cases) {
			assert.equal(await codeOf(client, contract, request), code, `${contract.name} ${JSON.stringify(request)}`);
		}
	});

	it("an API key lists the active channels of its scope only", async () => {
		const { client } = await user();
		for (const channel of ["scores:other", "scores:listed-1"]) await ok(client, routes.subscribeChannel, { channel });
		const { status, body } = await get(`${nodes[0]?.httpUrl}/api/v1/namespaces/scores/channels`, LISTING);
		assert.deepEqual([status, body.channels], [200, ["scores:listed-1"]]);
	});

	it("rates: a user's publications in a namespace are limited, with a time to wait", async () => {
		const { client } = await user();
		for (let n = 0; n < 2; n++) await publish(client, "ticker:rate", "x");
		const third = await client.ask(routes.publishChannel, { channel: "ticker:rate", publicationId: "third" });
		assert.equal(third.code, ErrorCode.RATE_LIMITED);
		assert.ok((third.error?.retryAfterMs ?? 0) > 0);
	});

	it("tokens: for this user and channel only, of our type, with our key, and of no longer life than allowed", async () => {
		const { client, userId, token: accessToken } = await user();
		const channel = "desk:1";
		const good = { sub: userId, channel };
		const signed = (header: object, key: string, claims: object = good) =>
			new SignJWT({ iat: Math.floor(Date.now() / 1000), ...claims })
				.setProtectedHeader({ alg: "HS256", typ: "subscription+jwt", ...header })
				.setAudience("framegate-channels")
				.setExpirationTime("1m")
				.sign(Buffer.from(key));
		const unsigned = `${Buffer.from('{"alg":"none","typ":"subscription+jwt"}').toString("base64url")}.${(await tokenOf(good)).split(".")[1]}.`;
		const refused = {
			none: "",
			"no token": "abc",
			"another user's": await tokenOf({ ...good, sub: "somebody" }),
			"another channel's": await tokenOf({ ...good, channel: "desk:2" }),
			"an access token": accessToken,
			unsigned,
			"another key's": await signed({}, "another secret, which is also long enough"),
			"another type's": await signed({ typ: "at+jwt" }, SECRET),
			"another algorithm's": await signed({ alg: "HS512" }, SECRET),
			"an unknown key's": await signed({ kid: "7" }, SECRET),
			"too long a life's": await tokenOf(good, 2 * 86_400),
			// It would outlast a removal of the user.
			"one of the future": await signed({}, SECRET, { ...good, iat: Math.ceil(Date.now() / 1000) + 20 }),
		};
		for (const [what, token] of Object.entries(refused)) {
			assert.equal(
				await codeOf(client, routes.subscribeChannel, { channel, token }),
				ErrorCode.PERMISSION_DENIED,
				what,
			);
		}
		const expired = await client.ask(routes.subscribeChannel, { channel, token: await tokenOf(good, -60) });
		assert.deepEqual([expired.code, expired.error?.violations?.[0]?.field], [ErrorCode.VALIDATION_FAILED, "token"]);
		const reply = await ok(client, routes.subscribeChannel, { channel, token: await tokenOf(good) });
		assert.ok((reply.expiresAtMs ?? 0) > Date.now());
		// It permits to read, and to publish only if it says so.
		await ok(client, routes.channelHistory, { channel, token: await tokenOf(good) });
		const draft = { channel, data: bytes("x"), publicationId: "1" };
		const plain = { ...draft, token: await tokenOf(good) };
		assert.equal(await codeOf(client, routes.publishChannel, plain), ErrorCode.PERMISSION_DENIED);
		await ok(client, routes.publishChannel, { ...draft, token: await tokenOf({ ...good, publish: true }) });
		assert.equal(text(publicationOf(await next(client, pushes.publication.number)).data), "x");
		// And it is no access token.
		const stranger = await WireClient.open((nodes[0] as GatewayProcess).url);
		clients.push(stranger);
		const asAccess = { accessToken: await tokenOf(good) };
		assert.equal(await codeOf(stranger, authRoutes.connect, asAccess), ErrorCode.UNAUTHENTICATED);
	});

	it("a subscription ends with its token, unless it was renewed, and the client is notified at which channel", async () => {
		const [renewing, ending] = [await user(), await user()];
		const channel = "desk:ends";
		const brief = (sub: string) => tokenOf({ sub, channel }, 1);
		for (const { client, userId } of [renewing, ending]) {
			await ok(client, routes.subscribeChannel, { channel, token: await brief(userId) });
		}
		await ok(renewing.client, routes.subscribeChannel, {
			channel,
			token: await tokenOf({ sub: renewing.userId, channel }),
		});
		const push = await next(ending.client, pushes.subscriptionRevoked.number);
		const revoked = SubscriptionRevoked.decode(push.body ?? new Uint8Array());
		assert.deepEqual([revoked.channel, revoked.reason], [channel, SubscriptionRevoked_Reason.EXPIRED]);
		const publisher = { sub: renewing.userId, channel, publish: true };
		await publish(renewing.client, channel, "after", "after", await tokenOf(publisher));
		await next(renewing.client, pushes.publication.number);
		assert.equal(ending.client.pushes.length, 0);
	});

	it("history: the latest, after a position, before an offset, and that something is missing", async () => {
		const { client } = await user();
		const channel = `scores:${number++}`;
		let epoch = "";
		for (let n = 1; n <= 120; n++) {
			// Faster than one user may.
			const author = n % 40 === 1 ? (await user()).client : (clients.at(-1) as WireClient);
			({ epoch = "" } = await publish(author, channel, `${n}`));
		}
		const read = async (query: object) => {
			const reply = await ok(client, routes.channelHistory, { channel, ...query });
			const page = reply.publications ?? [];
			for (const { offset, publication } of page) assert.equal(text(publication?.data), `${offset}`);
			return [page[0]?.offset, page.at(-1)?.offset, page.length, reply.complete ?? false];
		};
		assert.deepEqual(await read({ limit: 10 }), [111, 120, 10, true]);
		assert.deepEqual(await read({}), [21, 120, 100, true]);
		assert.deepEqual(await read({ limit: 5, epoch, afterOffset: 50 }), [51, 55, 5, true]);
		assert.deepEqual(await read({ limit: 5, epoch, beforeOffset: 50 }), [45, 49, 5, true]);
		assert.deepEqual(await read({ limit: 5, epoch, afterOffset: 120 }), [undefined, undefined, 0, true]);
		// What is left of it.
		assert.deepEqual(await read({ limit: 5, epoch, afterOffset: 0 }), [21, 25, 5, false]);
		assert.deepEqual(await read({ limit: 5, epoch: "other", afterOffset: 50 }), [undefined, undefined, 0, false]);
		assert.deepEqual(await read({ limit: 5, epoch: "other", beforeOffset: 50 }), [undefined, undefined, 0, false]);
	});

	it("presence: who is there, on both nodes, once each, and who comes and goes", async () => {
		const channel = `scores:${number++}`;
		const [ada, bob] = [await user(0), await user(1)];
		const presenceEvents = true;
		const { positions } = await ok(ada.client, routes.subscribeChannel, { channel, presenceEvents });
		assert.deepEqual(
			positions?.map((position) => position.channel),
			[`joins:${channel}`],
		);
		const event = async () => {
			const push = await next(ada.client, pushes.presenceEvent.number);
			const { channel: of, kind, userId } = PresenceEvent.decode(push.body ?? new Uint8Array());
			assert.equal(of, channel);
			return [kind, userId];
		};
		assert.deepEqual(await event(), [PresenceEvent_Kind.JOINED, ada.userId]);
		await ok(bob.client, routes.subscribeChannel, { channel });
		assert.deepEqual(await event(), [PresenceEvent_Kind.JOINED, bob.userId]);
		// A second connection of one user is no further user.
		const second = await WireClient.open((nodes[0] as GatewayProcess).url);
		clients.push(second);
		await ok(second, authRoutes.connect, { accessToken: bob.token });
		await ok(second, routes.subscribeChannel, { channel });
		const present = async () => {
			const { users, count } = await ok(ada.client, routes.channelPresence, { channel });
			assert.equal(count ?? 0, users?.length);
			return (users ?? []).map(({ userId }) => userId).sort();
		};
		assert.deepEqual(await present(), [ada.userId, bob.userId].sort());
		await second.close();
		await ok(bob.client, routes.unsubscribeChannel, { channel });
		assert.deepEqual(await event(), [PresenceEvent_Kind.LEFT, bob.userId]);
		assert.deepEqual(await present(), [ada.userId]);
	});

	it("deltas: a key frame first, then differences of which the document is made again, and whole ones for others", async () => {
		const [ada, bob, publisher] = [await user(0), await user(1), await user(0)];
		const channel = `scores:${number++}`;
		const document = Array.from({ length: 100 }, (_, id) => ({ id, name: `item ${id}`, price: 100 }));
		const withDelta = await ok(ada.client, routes.subscribeChannel, { channel, delta: true });
		assert.equal(withDelta.delta, true);
		await ok(bob.client, routes.subscribeChannel, { channel });
		let state = new Uint8Array();
		const kinds: boolean[] = [];
		for (let n = 0; n < 5; n++) {
			(document[n * 10] as { price: number }).price = n;
			const json = JSON.stringify(document);
			await publish(publisher.client, channel, json);
			const [forAda, forBob] = [await next(ada.client, 5501), await next(bob.client, 5501)];
			assert.deepEqual([forAda.offset, forAda.epoch], [forBob.offset, forBob.epoch]);
			const { data, delta, publisherId } = publicationOf(forAda);
			assert.equal(publisherId, publisher.userId);
			kinds.push(delta ?? false);
			state = Uint8Array.from(delta ? applyDelta(state, data as Uint8Array, 100_000) : (data as Uint8Array));
			assert.equal(text(state), json);
			assert.equal(text(publicationOf(forBob).data), json);
			if (delta) assert.ok((data?.length ?? 0) < json.length / 10);
		}
		assert.deepEqual(kinds, [false, true, true, true, true]);
	});

	it("over HTTP: publish, history and presence; a subscription needs a connection", async () => {
		const { client, token } = await user();
		const channel = `scores:${number++}`;
		await ok(client, routes.subscribeChannel, { channel });
		const base = `${(nodes[1] as GatewayProcess).httpUrl}/api/v1/channels/${encodeURIComponent(channel)}`;
		const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
		const body = JSON.stringify({ data: Buffer.from("over HTTP").toString("base64"), publicationId: "h1" });
		const posted = await fetch(`${base}/publications`, { method: "POST", headers, body });
		assert.equal(posted.status, 200, await posted.clone().text());
		assert.equal(text(publicationOf(await next(client, pushes.publication.number)).data), "over HTTP");
		const kept = (await (await fetch(`${base}/publications?limit=1`, { headers })).json()) as {
			publications: { publication: { data: string } }[];
		};
		assert.equal(Buffer.from(kept.publications[0]?.publication.data ?? "", "base64").toString(), "over HTTP");
		await until(async () => {
			const { count } = (await (await fetch(`${base}/presence`, { headers })).json()) as { count: number };
			return count === 1;
		});
		const unauthorized = await fetch(`${base}/publications`);
		assert.equal(unauthorized.status, 401);
		const connect = await fetch(
			`${(nodes[1] as GatewayProcess).httpUrl}/framegate.v1.ApplicationChannelService/SubscribeChannel`,
			{ method: "POST", headers, body: JSON.stringify({ channel }) },
		);
		assert.equal(((await connect.json()) as { code: string }).code, "failed_precondition");
	});
});

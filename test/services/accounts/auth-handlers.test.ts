// The handlers of block 1xxx, called as the pipeline calls them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hooks } from "../../../common/hooks.ts";
import type { Identity } from "../../../common/identity.ts";
import type { Call, Peer } from "../../../core/call.ts";
import { type AuthServices, authModule } from "../../../handlers/auth.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { RouteContract } from "../../../protocol/contract.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { authRoutes } from "../../../protocol/gen/schema.ts";
import { MAX_SENT_BYTES } from "../../../protocol/message-bounds.ts";
import { Credentials, sessionTokens } from "../../../services/accounts/credentials.ts";
import { type AccountServices, accountServices } from "../../support/account-services.ts";

interface TestPeer extends Peer {
	identity: Identity | undefined;
	isOpen: boolean;
}

function makePeer(): TestPeer {
	return {
		...{
			id: 1,
			ip: "192.0.2.1",
			userAgent: "test",
			encoding: "protobuf",
			identity: undefined,
			isOpen: true,
			isReachable: true,
			takesPushes: true,
		},
		subscribeChannel: async () => ({ offset: 3, epoch: "e", isRecovered: true }),
		unsubscribeChannel() {},
		bufferedBytes: () => 0,
		push() {},
		join() {},
		leave() {},
	};
}

const settings = { nodeId: "n1", heartbeatIntervalMs: 30_000, maxMessageBytes: 65_536 };

function client(services: AccountServices, peer: TestPeer = makePeer(), takeTokens: Call["takeTokens"] = () => 0) {
	const handlerServices: AuthServices = {
		...services,
		credentials: new Credentials([sessionTokens(services.sessions)]),
		settings,
		hooks: new Hooks(),
	};
	const call = <Request, RequestProperties, Reply, ReplyProperties>(
		contract: RouteContract<Request, RequestProperties, Reply, ReplyProperties>,
		request: RequestProperties,
	): Promise<ReplyProperties> | ReplyProperties => {
		const route = authModule.routes.find((candidate) => candidate.contract === contract);
		assert.ok(route);
		const context: Call = {
			...{ peer, contract, seq: 1, traceId: "", idempotencyKey: "", receivedAtMs: 0 },
			authenticate(identity) {
				peer.identity = identity;
			},
			takeTokens,
			signOut() {
				peer.identity = undefined;
			},
			identity() {
				if (!peer.identity) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "not authenticated");
				return peer.identity;
			},
		};
		// Encoded and decoded, as on the wire: what the handler gets lacks what the client left out.
		const decoded = contract.request.decode(contract.request.encode(request).finish());
		return route.handler(decoded, context, handlerServices);
	};
	return { call, peer, identity: () => peer.identity };
}

const credentials = { username: "alice", password: "correct horse" };

test("every route of the block has its handler", () => {
	const implemented = authModule.routes.map((route) => route.contract.number);
	assert.deepEqual(
		[...implemented].sort(),
		Object.values(authRoutes).map((route) => route.number),
	);
});

describe("a client's account", () => {
	test("register, log in, resume elsewhere, refresh, look around, log out", async () => {
		const services = await accountServices();
		const { call, peer, identity } = client(services);
		const registered = await call(authRoutes.register, { ...credentials, email: "a@example.org", nickname: "Al" });
		assert.equal(peer.identity, undefined, "registering does not log in");
		const login = await call(authRoutes.login, { ...credentials, deviceId: "d1" });
		assert.equal(identity()?.deviceId, "d1");
		assert.deepEqual(login.user, registered.user);
		assert.deepEqual(login.session, {
			...{ sessionId: identity()?.sessionId, serverTimeMs: services.clock.now(), permissions: ["game.play"] },
			...settings,
			maxSentMessageBytes: MAX_SENT_BYTES,
			expiresAtMs: login.tokens?.accessExpiresAtMs,
		});

		const subscribeChannel: Peer["subscribeChannel"] = async (channel, since) => {
			if (channel === "room:1") throw new GatewayError(ErrorCode.PERMISSION_DENIED, "not allowed");
			return { offset: 3, epoch: "e", isRecovered: since !== undefined };
		};
		const second = client(services, { ...makePeer(), subscribeChannel });
		const accessToken = login.tokens?.accessToken as string;
		const positions = [{ channel: "room:1", offset: 7, epoch: "e" }];
		const connected = await second.call(authRoutes.connect, { accessToken, positions });
		assert.deepEqual(second.peer.identity, peer.identity);
		assert.deepEqual(connected.recoveries, [
			{ channel: "room:1", recovered: false },
			// Subscribed from this position on; earlier messages were not requested.
			{ channel: `events:${connected.user?.id}`, recovered: false, offset: 3, epoch: "e" },
			{ channel: `user:${connected.user?.id}`, recovered: false, offset: 3, epoch: "e" },
		]);
		// A session keeps no metadata, which may be long.
		const { metadata: _, updatedAtMs: _at, ...known } = { ...registered.user };
		assert.deepEqual({ ...connected.user }, known, "nickname, email and time included: a client loses nothing");

		services.clock.advance(2000);
		const refreshed = await call(authRoutes.refreshToken, { refreshToken: login.tokens?.refreshToken as string });
		assert.equal(identity()?.expiresAtMs, refreshed.tokens?.accessExpiresAtMs);

		const own = await call(authRoutes.getUserInfo, {});
		assert.deepEqual(own.user, registered.user);
		assert.deepEqual((await call(authRoutes.getUserInfo, { userId: own.user?.id as string })).user, own.user);

		assert.deepEqual(await call(authRoutes.logout, {}), { sessionsEnded: 1 });
		assert.equal(peer.identity, undefined);
		await assert.rejects(async () => second.call(authRoutes.connect, { accessToken }), {
			code: ErrorCode.UNAUTHENTICATED,
		});
		await services.close();
	});

	test("others see the public part only", async () => {
		const services = await accountServices();
		const alice = client(services);
		const { user } = await alice.call(authRoutes.register, { ...credentials, email: "a@example.org", nickname: "Al" });
		const bob = client(services);
		await bob.call(authRoutes.register, { username: "bobby", password: "correct horse" });
		await bob.call(authRoutes.login, { username: "bobby", password: "correct horse" });
		const seen = await bob.call(authRoutes.getUserInfo, { userId: user?.id as string });
		assert.deepEqual(Object.keys(seen.user ?? {}).sort(), ["avatarUrl", "createdAtMs", "id", "nickname", "username"]);
		await assert.rejects(async () => bob.call(authRoutes.getUserInfo, { userId: "nobody" }), {
			code: ErrorCode.NOT_FOUND,
		});
		await services.close();
	});

	test("logging out of all sessions returns their number", async () => {
		const services = await accountServices();
		const one = client(services);
		await one.call(authRoutes.register, credentials);
		for (const deviceId of ["d1", "d2", "d3"]) await one.call(authRoutes.login, { ...credentials, deviceId });
		assert.deepEqual(await one.call(authRoutes.logout, { allSessions: true }), { sessionsEnded: 3 });
		await services.close();
	});

	test("a forgotten password is set in two steps", async () => {
		const services = await accountServices();
		const { call } = client(services);
		await call(authRoutes.register, { ...credentials, email: "a@example.org" });
		const asked = await call(authRoutes.forgotPassword, { requestCode: { account: "alice" } });
		assert.deepEqual(asked, { codeExpiresInMs: 900_000 });
		await services.reset.close();
		const code = /Code: (\S+)/.exec(services.notices[0]?.text ?? "")?.[1] as string;
		const confirm = { account: "alice", code, newPassword: "new password" };
		assert.deepEqual(await call(authRoutes.forgotPassword, { confirm }), { passwordChanged: true });
		await call(authRoutes.login, { username: "alice", password: "new password" });
		await services.close();
	});
});

test("a heartbeat is answered synchronously", async () => {
	const services = await accountServices();
	const reply = client(services).call(authRoutes.heartbeat, { clientTimeMs: 42 });
	assert.deepEqual(reply, { clientTimeMs: 42, serverTimeMs: services.clock.now() });
	await services.close();
});

test("a refresh on a connection of another user replaces its identity", async () => {
	const services = await accountServices();
	const [alice, bob] = [client(services), client(services)];
	for (const [who, username] of [
		[alice, "alice"],
		[bob, "bobby"],
	] as const) {
		await who.call(authRoutes.register, { ...credentials, username });
	}
	const { tokens } = await alice.call(authRoutes.login, credentials);
	await bob.call(authRoutes.login, { ...credentials, username: "bobby" });
	await bob.call(authRoutes.refreshToken, { refreshToken: tokens?.refreshToken as string });
	assert.equal(bob.peer.identity?.username, "alice");
	await services.close();
});

test("a login that is refused leaves the connection as it was", async () => {
	const services = await accountServices();
	const { call, peer } = client(services);
	await call(authRoutes.register, credentials);
	await call(authRoutes.login, credentials);
	const before = peer.identity;
	await assert.rejects(async () => call(authRoutes.login, { ...credentials, password: "wrong" }), {
		code: ErrorCode.UNAUTHENTICATED,
	});
	assert.equal(peer.identity, before);
	await services.close();
});

test("a client that presents more channels than its limit still connects, with its inbox", async () => {
	const services = await accountServices();
	const { call } = client(services);
	await call(authRoutes.register, credentials);
	const { tokens } = await call(authRoutes.login, credentials);
	const subscribed: string[] = [];
	const subscribeChannel: Peer["subscribeChannel"] = async (channel) => {
		if (subscribed.length === 3) throw new GatewayError(ErrorCode.RATE_LIMITED, "too many channels");
		subscribed.push(channel);
		return { offset: 3, epoch: "e", isRecovered: true };
	};
	const again = client(services, { ...makePeer(), subscribeChannel });
	const positions = ["room:1", "room:2"].map((channel) => ({ channel, offset: 3, epoch: "e" }));
	const accessToken = tokens?.accessToken ?? "";
	const { user, recoveries } = await again.call(authRoutes.connect, { accessToken, positions });
	assert.deepEqual(subscribed, [`user:${user?.id}`, `events:${user?.id}`, "room:1"]);
	assert.deepEqual(
		recoveries?.find(({ channel }) => channel === "room:2"),
		{ channel: "room:2", recovered: false },
	);

	const cutOff: Peer["subscribeChannel"] = async () => {
		throw unavailable("Redis", 1000);
	};
	const waiting = client(services, { ...makePeer(), subscribeChannel: cutOff });
	const connecting = Promise.resolve(waiting.call(authRoutes.connect, { accessToken, positions }));
	await assert.rejects(connecting, { code: ErrorCode.UNAVAILABLE }, "it will be better served in a moment");
});

test("positions cost rate-limit tokens of the user, not only of the connection", async () => {
	const services = await accountServices();
	const { call } = client(services);
	await call(authRoutes.register, credentials);
	const { tokens } = await call(authRoutes.login, credentials);
	const accessToken = tokens?.accessToken ?? "";
	const costs: number[] = [];
	const peer = makePeer();
	const paying = client(services, peer, (cost) => {
		assert.ok(peer.identity, "or the tokens of no user are taken");
		costs.push(cost);
		return cost > 10 ? 1500 : 0;
	});
	const positions = (count: number) =>
		Array.from({ length: count }, (_, index) => ({ channel: `room:${index}`, offset: 3, epoch: "e" }));
	await paying.call(authRoutes.connect, { accessToken, positions: positions(100) });
	const tooMany = Promise.resolve(paying.call(authRoutes.connect, { accessToken, positions: positions(1000) }));
	await assert.rejects(tooMany, { code: ErrorCode.RATE_LIMITED, retryAfterMs: 1500 });
	assert.deepEqual(costs, [5, 50]);
	await services.close();
});

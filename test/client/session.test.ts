// The client's session by itself: when tokens are renewed, what a failed renewal means, and loading stored tokens.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Session } from "../../client/connection/session.ts";
import { ReplyLostError } from "../../client/errors.ts";
import type { TokenStorage } from "../../client/token-storage.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { tokenPair } from "./fake-gateway.ts";

const HOUR_MS = 3_600_000;

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
afterEach(() => mock.timers.reset());

/** A session whose refresh requests fail with the given errors, one after the other, and then succeed. */
function signedIn(failures: readonly Error[]) {
	const used: string[] = [];
	let endings = 0;
	const session: Session = new Session({}, (error) => assert.fail(String(error)), {
		sendRefreshToken: async (refreshToken) => {
			used.push(refreshToken);
			const failure = failures[used.length - 1];
			if (failure) throw failure;
			session.observe(authRoutes.refreshToken, { tokens: tokenPair("a2", "r2") });
		},
		presentToken: async () => assert.fail("nobody else has renewed it"),
		onEnded: () => {
			endings++;
		},
	});
	session.adopt(tokenPair("a1", "r1"));
	session.keepFresh();
	return {
		session,
		used,
		endings: () => endings,
		/** Lets time pass, and what was due then run to its end. */
		async pass(ms: number) {
			mock.timers.tick(ms);
			for (let i = 0; i < 20; i++) await Promise.resolve();
		},
	};
}

const reply = (code: ErrorCode) => new GatewayError(code, "refused");
const untilRenewal = HOUR_MS - 60_000;

for (const lost of [
	reply(ErrorCode.TIMEOUT),
	reply(ErrorCode.INTERNAL),
	new ReplyLostError(ErrorCode.UNAVAILABLE, "the connection was lost"),
	new ReplyLostError(ErrorCode.PERMISSION_DENIED, "the server closed the connection"),
]) {
	test(`an unknown outcome (${lost.name} ${lost.code}) leads to one more attempt after a second`, async () => {
		const { session, used, pass, endings } = signedIn([lost]);
		await pass(untilRenewal);
		assert.deepEqual(used, ["r1"]);
		await pass(999);
		assert.deepEqual(used, ["r1"]);
		await pass(1);
		assert.deepEqual(used, ["r1", "r1"]);
		assert.equal(session.tokens?.refreshToken, "r2");
		assert.equal(endings(), 0);
	});
}

test("after a second unknown outcome renews at the usual time", async () => {
	const { used, pass } = signedIn([reply(ErrorCode.TIMEOUT), reply(ErrorCode.TIMEOUT)]);
	await pass(untilRenewal);
	await pass(1000);
	assert.equal(used.length, 2);
	await pass(10_000);
	assert.equal(used.length, 2);
	await pass(40_000);
	assert.equal(used.length, 3);
});

test("ends the session when the second attempt is refused", async () => {
	const { session, used, pass, endings } = signedIn([reply(ErrorCode.TIMEOUT), reply(ErrorCode.UNAUTHENTICATED)]);
	await pass(untilRenewal);
	await pass(1000);
	assert.equal(session.tokens, undefined);
	assert.equal(endings(), 1);
	await pass(HOUR_MS);
	assert.equal(used.length, 2);
});

test("repeats a renewal that did not use the token up, in the time that is left", async () => {
	for (const code of [ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED]) {
		const { session, used, pass } = signedIn([reply(code)]);
		await pass(untilRenewal);
		await pass(10_000);
		assert.equal(used.length, 1);
		await pass(40_000);
		assert.equal(used.length, 2);
		assert.equal(session.tokens?.refreshToken, "r2");
		session.pause();
	}
});

test("a paused session does not start renewing again when a renewal in flight ends", async () => {
	for (const failures of [[reply(ErrorCode.TIMEOUT)], [reply(ErrorCode.UNAVAILABLE)], []]) {
		const { session, used, pass } = signedIn(failures);
		const renewal = session.refresh();
		session.pause();
		await renewal.catch(() => {});
		await pass(HOUR_MS * 2);
		assert.equal(used.length, 1);
	}
});

function loading() {
	let resolve: (tokens: ReturnType<typeof tokenPair>) => void = () => {};
	const promise = new Promise<ReturnType<typeof tokenPair>>((done) => {
		resolve = done;
	});
	let loads = 0;
	const storage: TokenStorage = {
		load: () => {
			loads++;
			return promise;
		},
	};
	const session = new Session(storage, (error) => assert.fail(String(error)), {
		sendRefreshToken: async () => {},
		presentToken: async () => {},
		onEnded: () => {},
	});
	return { session, resolve, loads: () => loads };
}

test("a second caller of load waits for the same tokens", async () => {
	const { session, resolve, loads } = loading();
	const first = session.load();
	const second = session.load().then(() => session.tokens?.accessToken);
	resolve(tokenPair("a1", "r1"));
	assert.equal(await second, "a1");
	await first;
	await session.load();
	assert.equal(loads(), 1);
});

test("ignores stored tokens that come after a login or a logout", async () => {
	for (const [act, expected] of [
		[(session: Session) => session.adopt(tokenPair("a9", "r9")), "a9"],
		[(session: Session) => session.forget(), undefined],
	] as const) {
		const { session, resolve } = loading();
		const loaded = session.load();
		act(session);
		resolve(tokenPair("a1", "r1"));
		await loaded;
		assert.equal(session.tokens?.accessToken, expected);
	}
});

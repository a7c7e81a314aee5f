// Keys of an issuer: how often it is asked, how long anybody waits for it, and what of its answers is used.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JWK } from "jose";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { GatewayError } from "../../../../protocol/error.ts";
import { IssuerKeys, UnknownKeyError } from "../../../../services/accounts/issuers/issuer-keys.ts";
import { deferred } from "../../../support/deferred.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { HeldKeys, issuerOptions, signingKey } from "./issuer-fixture.ts";

const [first, second] = await Promise.all([signingKey("k1"), signingKey("k2")]);
const header = (kid?: string) => ({ alg: "ES256", ...(kid === undefined ? {} : { kid }) });

function unavailableFor(error: unknown): number {
	assert.ok(error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE, String(error));
	return error.retryAfterMs;
}

async function waitOf(promise: Promise<unknown>): Promise<number> {
	return await promise.then(
		() => assert.fail("there is a key"),
		(error: unknown) => unavailableFor(error),
	);
}

function fixture(fields: object = {}, source = new HeldKeys(first)) {
	const clock = handClock();
	const keys = new IssuerKeys({ source, clock, logger: quietLogger() }, issuerOptions(fields));
	return { clock, source, keys };
}

describe("keys of an issuer", () => {
	test("are fetched once for all who wait, and then never for a key that is there", async () => {
		const { keys, source } = fixture();
		await Promise.all(Array.from({ length: 100 }, () => keys.keyFor(header("k1"))));
		for (let n = 0; n < 100; n++) await keys.keyFor(header("k1"));
		assert.equal(source.asked, 1);
		assert.equal(keys.size, 1);
	});

	test("a new key is fetched when a token names it, and one that was taken out counts no more", async () => {
		const { keys, source, clock } = fixture();
		await keys.keyFor(header("k1"));
		source.keys = [second.publicJwk];
		clock.advance(5_000);
		await keys.keyFor(header("k2"));
		assert.equal(source.asked, 2);
		await waitOf(keys.keyFor(header("k1")));
	});

	test("unknown keys, however many, cause a fetch in 5 s", async () => {
		const { keys, source, clock } = fixture();
		await keys.keyFor(header("k1"));
		const flood = async () =>
			await Promise.allSettled(Array.from({ length: 500 }, (_, n) => keys.keyFor(header(`x${n}`))));
		await flood();
		assert.equal(source.asked, 1);
		// They come back when it may be asked again, and are then known to be none.
		assert.equal(await waitOf(keys.keyFor(header("x"))), 5_000);
		clock.advance(5_000);
		for (const result of await flood())
			assert.ok(result.status === "rejected" && result.reason instanceof UnknownKeyError);
		await flood();
		assert.equal(source.asked, 2);
		await keys.keyFor(header("k1"));
	});

	test("an issuer that fails is asked again after a time that doubles, and refuses at once until then", async () => {
		const { keys, source, clock } = fixture();
		source.gate = Promise.reject(new Error("down"));
		source.gate.catch(() => {});
		const waits: number[] = [];
		for (let n = 0; n < 7; n++) {
			const waitMs = await waitOf(keys.keyFor(header("k1")));
			waits.push(waitMs);
			assert.equal(await waitOf(keys.keyFor(header("k1"))), waitMs);
			clock.advance(waitMs);
		}
		assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
		assert.equal(source.asked, 7);
		source.gate = Promise.resolve();
		await keys.keyFor(header("k1"));
		assert.deepEqual(keys.fetches, { ok: 1, failed: 7 });
	});

	test("an issuer that hangs is given up after the time-out, for all who wait", async () => {
		const { keys, source } = fixture({ timeoutMs: 100 });
		source.gate = deferred<void>().promise;
		// The time-out by itself keeps no process alive.
		const alive = setInterval(() => {}, 1000);
		const waiting = Array.from({ length: 1000 }, () => waitOf(keys.keyFor(header("k1"))));
		// One more is not even queued.
		await waitOf(keys.keyFor(header("k1")));
		for (const waitMs of await Promise.all(waiting)) assert.equal(waitMs, 1000);
		clearInterval(alive);
		assert.equal(source.asked, 1);
	});

	test("known keys are used without the issuer, until they are too old", async () => {
		const { keys, source, clock } = fixture({ maxStaleMs: 3_600_000, refreshMs: 600_000 });
		await keys.keyFor(header("k1"));
		source.gate = Promise.reject(new Error("down"));
		source.gate.catch(() => {});
		clock.advance(4_200_000);
		await keys.keyFor(header("k1"));
		clock.advance(1);
		await waitOf(keys.keyFor(header("k1")));
		assert.equal(keys.size, 0);
	});

	test("are refreshed in the background, from the start on, and a failure there is nobody's error", async () => {
		const { keys, source } = fixture();
		source.gate = Promise.reject(new Error("down"));
		source.gate.catch(() => {});
		keys.start();
		await keys.close();
		assert.equal(source.asked, 1);
		assert.deepEqual(keys.fetches, { ok: 0, failed: 1 });
	});

	test("a token without a key id is taken where there is one key for it", async () => {
		const { keys, source, clock } = fixture();
		await keys.keyFor(header());
		source.keys = [first.publicJwk, second.publicJwk];
		clock.advance(5_000);
		await keys.keyFor(header("k2"));
		await waitOf(keys.keyFor(header()));
	});
});

describe("the answer of an issuer", () => {
	const usable = async (...jwks: readonly object[]): Promise<number> => {
		const source = new HeldKeys();
		source.keys = jwks as JWK[];
		const { keys } = fixture({ algorithms: ["ES256", "RS256"] }, source);
		await keys.keyFor(header("none of them")).catch(() => {});
		return keys.size;
	};

	test("gives the keys that verify by an algorithm of ours, without their private part", async () => {
		const { publicJwk } = first;
		assert.equal(await usable(publicJwk), 1);
		assert.equal(await usable({ ...publicJwk, use: "sig", alg: "ES256", key_ops: ["verify"] }), 1);
		assert.equal(await usable({ ...publicJwk, d: "private" }), 1);
		for (const other of [
			{ ...publicJwk, use: "enc" },
			{ ...publicJwk, alg: "ES512" },
			{ ...publicJwk, alg: "HS256" },
			{ ...publicJwk, key_ops: ["sign"] },
			{ ...publicJwk, key_ops: "verify" },
			{ ...publicJwk, kid: 7 },
			{ ...publicJwk, kid: "k".repeat(257) },
			{ kty: "oct", k: "c2VjcmV0", kid: "k1" },
			{ kty: "RSA", n: "n".repeat(1367), e: "AQAB" },
			{ kty: "RSA", n: 7, e: "AQAB" },
			{},
		]) {
			assert.equal(await usable(other), 0, JSON.stringify(other));
		}
	});

	test("may be large, and a hundred keys of it count", async () => {
		assert.equal(await usable(...Array.from({ length: 1000 }, (_, n) => ({ ...first.publicJwk, kid: `k${n}` }))), 100);
	});
});

// The short way of verification against jose: it accepts what jose accepts of our own tokens, and never anything else.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { jwtVerify, SignJWT } from "jose";
import { QuickHs256 } from "../../../services/accounts/quick-hs256.ts";

const secret = Buffer.from("0123456789abcdef0123456789abcdef");
const nowMs = Date.UTC(2026, 0, 1);
const nowSeconds = nowMs / 1000;
const options = { issuer: "framegate", audience: "clients", clockToleranceMs: 2000 };
const quick = new QuickHs256("k1", secret, "at+jwt", options);

const good = { sub: "u", sid: "s", iss: "framegate", aud: "clients", iat: nowSeconds, exp: nowSeconds + 60 };

function sign(header: object, payload: unknown): string {
	const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
	const input = `${encode(header)}.${encode(payload)}`;
	return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

async function byJose(token: string): Promise<unknown> {
	const { payload } = await jwtVerify(token, secret, {
		algorithms: ["HS256"],
		typ: "at+jwt",
		issuer: "framegate",
		audience: "clients",
		requiredClaims: ["sub", "sid", "exp", "iat"],
		clockTolerance: 2,
		currentDate: new Date(nowMs),
	});
	return payload;
}

describe("quick HS256", () => {
	it("accepts what jose signs with our header", async () => {
		const token = await new SignJWT({ sid: "s", name: "Zoë" })
			.setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "k1" })
			.setSubject("u")
			.setIssuer("framegate")
			.setAudience("clients")
			.setIssuedAt(nowSeconds)
			.setExpirationTime(nowSeconds + 60)
			.sign(secret);
		assert.deepEqual(quick.verify(token, nowMs), await byJose(token));
	});

	it("never accepts what jose does not, whatever the claims are", async () => {
		const scalar = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.array(fc.string()));
		// Mostly what is good, or hardly any token would be: each claim spoils the whole.
		const mostly = (usual: fc.Arbitrary<unknown>) =>
			fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: scalar });
		const seconds = fc.integer({ min: nowSeconds - 5, max: nowSeconds + 5 });
		const payload = fc
			.record(
				{
					sub: mostly(fc.constant("u")),
					sid: mostly(fc.constant("s")),
					iss: mostly(fc.constant("framegate")),
					aud: mostly(fc.constantFrom("clients", ["clients"])),
					iat: mostly(seconds),
					exp: mostly(seconds),
					nbf: mostly(seconds),
				},
				{ requiredKeys: [] },
			)
			.map((changes) => ({ ...good, ...changes }));
		let accepted = 0;
		await fc.assert(
			fc.asyncProperty(payload, async (claims) => {
				const token = sign({ alg: "HS256", typ: "at+jwt", kid: "k1" }, claims);
				const result = quick.verify(token, nowMs);
				if (result === undefined) return;
				accepted++;
				assert.deepEqual(result, await byJose(token));
			}),
			{ numRuns: 2_000 },
		);
		assert.ok(accepted > 20, `only ${accepted} were accepted: the test proves little`);
	});

	it("accepts no token with a single character changed, added or taken away", () => {
		const token = sign({ alg: "HS256", typ: "at+jwt", kid: "k1" }, good);
		assert.ok(quick.verify(token, nowMs));
		const alphabet = [..."Az09-_=. é\u{1F600}"];
		for (let at = 0; at <= token.length; at++) {
			for (const character of alphabet) {
				const added = token.slice(0, at) + character + token.slice(at);
				assert.equal(quick.verify(added, nowMs), undefined);
				const changed = token.slice(0, at) + character + token.slice(at + 1);
				if (changed !== token) assert.equal(quick.verify(changed, nowMs), undefined);
			}
			if (at < token.length) assert.equal(quick.verify(token.slice(0, at) + token.slice(at + 1), nowMs), undefined);
		}
	});

	it("leaves other headers, bodies that are no objects and all else to jose", () => {
		for (const header of [
			{ alg: "none", typ: "at+jwt", kid: "k1" },
			{ alg: "HS256", typ: "rt+jwt", kid: "k1" },
			{ alg: "HS256", typ: "at+jwt", kid: "k2" },
			{ alg: "HS256", typ: "at+jwt", kid: "k1", crit: ["x"], x: 1 },
		]) {
			assert.equal(quick.verify(sign(header, good), nowMs), undefined);
		}
		for (const body of [null, 5, "text", []]) {
			assert.equal(quick.verify(sign({ alg: "HS256", typ: "at+jwt", kid: "k1" }, body), nowMs), undefined);
		}
		for (const text of ["", ".", "..", "a.b.c", "é".repeat(200)]) assert.equal(quick.verify(text, nowMs), undefined);
	});
});

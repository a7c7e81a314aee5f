// Which tokens of an issuer count, and what they say: everything that RFC 8725 warns of, signed by the issuer's own key where it can be.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportSPKI, importJWK } from "jose";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { GatewayError } from "../../../../protocol/error.ts";
import { issuerSchema } from "../../../../services/accounts/issuers/options.ts";
import { TokenIssuer } from "../../../../services/accounts/issuers/token-issuer.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { AUDIENCE, HeldKeys, ISS, issuerFixture, issuerOptions, signingKey, signToken } from "./issuer-fixture.ts";

const code = (value: ErrorCode) => (error: unknown) => error instanceof GatewayError && error.code === value;
const REFUSED = code(ErrorCode.UNAUTHENTICATED);
const EXPIRED = code(ErrorCode.TOKEN_EXPIRED);

function unsigned(header: object, payload: object): string {
	const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
	return `${part(header)}.${part(payload)}.`;
}

describe("a token of an issuer", () => {
	test("says who it is about", async () => {
		const { issuer, token, clock } = await issuerFixture();
		const claims = { sid: "s1", jti: "t1", preferred_username: "ada", name: "Ada L.", email: "ada@example.org" };
		const read = await issuer.verify(await token({ ...claims, email_verified: true }));
		const { iat } = { iat: Math.floor(clock.now() / 1000) * 1000 };
		assert.deepEqual(read, {
			issuer: "company",
			iss: ISS,
			subject: "u1",
			sessionId: "s1",
			tokenId: "t1",
			issuedAtMs: iat,
			expiresAtMs: iat + 300_000,
			roles: ["user"],
			profile: { username: "ada", nickname: "Ada L.", email: "ada@example.org" },
		});
		assert.deepEqual(issuer.counts, { accepted: 1, rejected: 0, expired: 0, unavailable: 0 });
	});

	test("is for us, of that issuer, and of a type that logs in", async () => {
		const { issuer, token } = await issuerFixture();
		await issuer.verify(await token({ aud: ["https://other.example", AUDIENCE] }));
		await issuer.verify(await token({}, { typ: undefined }));
		for (const claims of [
			{ aud: "https://other.example" },
			{ aud: undefined },
			{ aud: [] },
			{ iss: "https://evil.example" },
			{ iss: `${ISS}/` },
			{ iss: undefined },
			{ sub: undefined },
			{ sub: "" },
			{ sub: "x".repeat(256) },
			{ sub: "nul\0" },
			{ sub: { id: "u1" } },
			{ iat: undefined },
			{ exp: undefined },
			{ exp: "soon" },
		]) {
			await assert.rejects(
				token(claims).then((text) => issuer.verify(text)),
				REFUSED,
				JSON.stringify(claims),
			);
		}
		for (const typ of ["logout+jwt", "secevent+jwt", "dpop+jwt", "rt+jwt"]) {
			await assert.rejects(
				token({}, { typ }).then((text) => issuer.verify(text)),
				REFUSED,
				typ,
			);
		}
		await assert.rejects(
			token({}, { crit: ["x"], x: 1 }).then((text) => issuer.verify(text)),
			"an unknown critical header",
		);
		for (const text of ["", ".", "..", "a.b.c", "x".repeat(8000)]) await assert.rejects(issuer.verify(text), REFUSED);
	});

	test("counts from its beginning to its end, by clocks that may be apart by the tolerance and no more", async () => {
		const { issuer, token, clock } = await issuerFixture({ clockSkewMs: 30_000 });
		const now = Math.floor(clock.now() / 1000);
		const at = async (claims: object) => await issuer.verify(await token({ ...claims }));
		await at({ iat: now - 320, exp: now - 20 });
		await assert.rejects(at({ iat: now - 331, exp: now - 31 }), EXPIRED);
		await at({ nbf: now + 29 });
		await assert.rejects(at({ nbf: now + 40 }), REFUSED);
		await at({ iat: now + 29 });
		await assert.rejects(at({ iat: now + 40 }), REFUSED);
		assert.equal(issuer.counts.expired, 1);
	});

	test("lives no longer than revocations are kept", async () => {
		const { issuer, token, clock } = await issuerFixture({ maxTokenLifetimeMs: 3_600_000 });
		const now = Math.floor(clock.now() / 1000);
		await issuer.verify(await token({ exp: now + 3600 }));
		await assert.rejects(
			token({ exp: now + 3601 }).then((text) => issuer.verify(text)),
			REFUSED,
		);
	});

	test("was given to one of the clients that are listed", async () => {
		const { issuer, token } = await issuerFixture({ authorizedParties: ["app"] });
		await issuer.verify(await token({ azp: "app" }));
		await issuer.verify(await token({ client_id: "app" }));
		for (const claims of [{}, { azp: "other" }, { azp: "other", client_id: "app" }, { azp: ["app", "other"] }]) {
			await assert.rejects(
				token(claims).then((text) => issuer.verify(text)),
				REFUSED,
				JSON.stringify(claims),
			);
		}
	});
});

describe("the algorithm of a token", () => {
	test("is no choice of the token: none, and the public key as a secret", async () => {
		const { issuer, key, clock } = await issuerFixture({}, "RS256");
		const iat = Math.floor(clock.now() / 1000);
		const payload = { iss: ISS, aud: AUDIENCE, sub: "u1", iat, exp: iat + 300 };
		for (const alg of ["none", "None", "NONE", ""]) {
			await assert.rejects(issuer.verify(unsigned({ alg, typ: "at+jwt", kid: "k1" }, payload)), REFUSED, alg);
		}
		const publicKey = (await importJWK(key.publicJwk, "RS256", { extractable: true })) as CryptoKey;
		const pem = await exportSPKI(publicKey);
		const secrets = [pem, pem.trim(), JSON.stringify(key.publicJwk), key.publicJwk.n as string];
		for (const secret of secrets) {
			const forger = { kid: "k1", algorithm: "HS256", privateKey: Buffer.from(secret) };
			await assert.rejects(
				signToken(forger, clock.now()).then((text) => issuer.verify(text)),
				REFUSED,
			);
		}
	});

	test("is one of the list, although the issuer has a key for it", async () => {
		const { issuer, token } = await issuerFixture({ algorithms: ["RS256"] }, "ES256");
		await assert.rejects(
			token().then((text) => issuer.verify(text)),
			REFUSED,
		);
	});

	test("HS256 needs a secret, and then nothing else counts", async () => {
		const secret = "a secret of the issuer, which is long enough";
		const clock = handClock();
		const rsa = await signingKey("k1", "RS256");
		const source = new HeldKeys(rsa);
		const issuer = new TokenIssuer({ source, clock, logger: quietLogger() }, issuerOptions({ secret }));
		const owner = { kid: "any", algorithm: "HS256", privateKey: Buffer.from(secret) };
		assert.equal((await issuer.verify(await signToken(owner, clock.now()))).subject, "u1");
		const other = { ...owner, privateKey: Buffer.from(`${secret}!`) };
		await assert.rejects(
			signToken(other, clock.now()).then((text) => issuer.verify(text)),
			REFUSED,
		);
		await assert.rejects(
			signToken(rsa, clock.now()).then((text) => issuer.verify(text)),
			REFUSED,
		);
		assert.equal(source.asked, 0);
	});

	test("a token that brings its own key is checked with ours", async () => {
		const { issuer, clock } = await issuerFixture();
		const forger = await signingKey("k1");
		const header = { jwk: forger.publicJwk, jku: "https://evil.example/jwks" };
		await assert.rejects(
			signToken(forger, clock.now(), {}, header).then((text) => issuer.verify(text)),
			REFUSED,
		);
	});
});

describe("roles of a token", () => {
	const roles = {
		claim: "realm_access.roles",
		map: { staff: "engineer" },
		allowed: ["engineer", "viewer"],
		default: ["user"],
	};

	test("are those that its issuer may give", async () => {
		const { issuer, token } = await issuerFixture({ roles });
		const of = async (list: unknown) => (await issuer.verify(await token({ realm_access: { roles: list } }))).roles;
		assert.deepEqual(await of(["staff", "viewer", "admin", 7, "*"]), ["engineer", "user", "viewer"]);
		assert.deepEqual(await of("viewer admin"), ["user", "viewer"]);
		for (const nothing of [undefined, null, {}, "", 7]) assert.deepEqual(await of(nothing), ["user"]);
	});

	test("make nobody administrator unless the operator has written that", async () => {
		const { issuer, token } = await issuerFixture();
		assert.deepEqual((await issuer.verify(await token({ roles: ["admin", "engineer"] }))).roles, ["user"]);
		const trusted = await issuerFixture({ roles: { claim: "roles", allowed: ["admin"] } });
		assert.deepEqual((await trusted.issuer.verify(await trusted.token({ roles: ["admin"] }))).roles, ["admin", "user"]);
	});

	test("a claim's name may hold dots, and names no property of objects", async () => {
		const { issuer, token } = await issuerFixture({
			roles: { claim: "https://example.org/roles", allowed: ["viewer"] },
		});
		const read = await issuer.verify(await token({ "https://example.org/roles": ["viewer"] }));
		assert.deepEqual(read.roles, ["user", "viewer"]);
		const proto = await issuerFixture({ roles: { claim: "constructor.name", allowed: ["Object"] } });
		assert.deepEqual((await proto.issuer.verify(await proto.token())).roles, ["user"]);
	});
});

describe("the profile of a token", () => {
	test("leaves out what cannot be shown, and addresses that nobody has checked", async () => {
		const { issuer, token } = await issuerFixture();
		const of = async (claims: object) => (await issuer.verify(await token({ ...claims }))).profile;
		const empty = { username: "", nickname: "", email: "" };
		assert.deepEqual(await of({ email: "ada@example.org" }), empty);
		assert.deepEqual(await of({ email: "ada@example.org", email_verified: "true" }), empty);
		assert.deepEqual(await of({ email: "no address", email_verified: true }), empty);
		assert.deepEqual(await of({ preferred_username: 7, name: "a\nb", nickname: "x" }), empty);
		assert.deepEqual(await of({ name: "x".repeat(65) }), empty);
	});

	test("another stable claim may name the user, a number too", async () => {
		const { issuer, token } = await issuerFixture({ claims: { userId: "oid" } });
		assert.equal((await issuer.verify(await token({ oid: "o-1" }))).subject, "o-1");
		assert.equal((await issuer.verify(await token({ oid: 42 }))).subject, "42");
		await assert.rejects(
			token().then((text) => issuer.verify(text)),
			REFUSED,
		);
	});
});

describe("the configuration of an issuer", () => {
	const issue = (fields: object) => {
		const result = issuerSchema.safeParse({ name: "company", issuer: ISS, audience: [AUDIENCE], ...fields });
		return result.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
	};

	test("refuses what would let others in", () => {
		assert.deepEqual(issue({}), []);
		for (const [fields, path] of [
			[{ audience: [] }, "audience"],
			[{ algorithms: ["none"] }, "algorithms.0"],
			[{ algorithms: ["HS256"] }, "algorithms"],
			[{ algorithms: ["RS256", "HS256"] }, "algorithms"],
			[{ secret: "s".repeat(32), algorithms: ["RS256"] }, "algorithms"],
			[{ secret: "s".repeat(32), jwksUrl: "https://id.example.org/jwks" }, "jwksUrl"],
			[{ secret: "s", secretFile: "f" }, "secretFile"],
			[{ issuer: "http://id.example.org" }, "issuer"],
			[{ issuer: "company" }, "issuer"],
			[{ jwksUrl: "http://id.example.org/jwks" }, "jwksUrl"],
			[{ jwksUrl: "https://user:secret@id.example.org/jwks" }, "jwksUrl"],
			[{ jwksUrl: "file:///etc/passwd" }, "jwksUrl"],
			[{ claims: { userId: "email" } }, "claims.userId"],
			[{ claims: { userId: "preferred_username" } }, "claims.userId"],
			[{ clockSkewMs: 300_001 }, "clockSkewMs"],
		] as const) {
			const [first = "nothing"] = issue(fields);
			assert.ok(first.startsWith(`${path}: `), `${JSON.stringify(fields)}: ${first}`);
		}
		assert.deepEqual(issue({ issuer: "http://127.0.0.1:3000" }), []);
		assert.deepEqual(issue({ issuer: "company", jwksUrl: "https://id.example.org/jwks" }), []);
	});
});

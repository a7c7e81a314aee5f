// Tokens: what is issued verifies, and nothing else does.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { type JWTPayload, SignJWT } from "jose";
import { GatewayError } from "../../../protocol/error.ts";
import { importKeyRing, loadOrCreateDevKeys, type TokenKeyOptions } from "../../../services/accounts/token-keys.ts";
import { type TokenOptions, Tokens } from "../../../services/accounts/tokens.ts";
import { handClock } from "../../support/hand-clock.ts";
import { dataDirectory } from "../../support/real-server.ts";
import { tied } from "../../support/tied-process.ts";

const secret = "0123456789abcdef0123456789abcdef";
const hs: TokenKeyOptions = { kid: "hs", algorithm: "HS256", secret };
const pair = generateKeyPairSync("ed25519");
const ed: TokenKeyOptions = {
	kid: "ed",
	algorithm: "EdDSA",
	privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
};
const edPublicPem = pair.publicKey.export({ type: "spki", format: "pem" }) as string;
const base = { issuer: "framegate", audience: "clients", clockToleranceMs: 2000 };

const UNAUTHENTICATED = 2;
const TOKEN_EXPIRED = 3;

const clock = handClock();
const claims = {
	userId: "u1",
	sessionId: "s1",
	username: "Zoë",
	deviceId: "d1",
	roles: ["player", "admin"],
	expiresAtMs: clock.now() + 60_000,
};

const make = (keys: readonly TokenKeyOptions[], options: Partial<TokenOptions> = {}) =>
	Tokens.create({ ...base, keys, ...options }, clock);

const refused = (code: number) => (error: unknown) => error instanceof GatewayError && error.code === code;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

const nowSeconds = Math.floor(clock.now() / 1000);
const payload: JWTPayload = {
	...{ sub: "u1", sid: "s1", name: "x", dev: "", roles: ["admin"] },
	...{ iss: "framegate", aud: "clients", iat: nowSeconds, exp: nowSeconds + 60 },
};

/** A token with a right HS256 signature over whatever is asked for. */
function forge(header: object, body: object = payload, key: string = secret): string {
	const input = `${part(header)}.${part(body)}`;
	return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

for (const key of [hs, ed]) {
	test(`${key.algorithm}: what was issued verifies`, async () => {
		const tokens = await make([key]);
		assert.deepEqual(await tokens.verifyAccess(await tokens.issueAccess(claims)), claims);
		const refresh = { userId: "u1", sessionId: "s1", generation: 7, expiresAtMs: claims.expiresAtMs };
		assert.deepEqual(await tokens.verifyRefresh(await tokens.issueRefresh(refresh)), refresh);
	});
}

describe("refused tokens", () => {
	const good = { alg: "HS256", typ: "at+jwt", kid: "hs" };

	test("the forger's own tools work, or the cases below would prove nothing", async () => {
		assert.equal((await (await make([hs])).verifyAccess(forge(good))).userId, "u1");
	});

	const without = (claim: string) => Object.fromEntries(Object.entries(payload).filter(([name]) => name !== claim));
	const cases: Record<string, () => string> = {
		empty: () => "",
		"not a token": () => "abc.def.ghi",
		"alg none": () => `${part({ ...good, alg: "none" })}.${part(payload)}.`,
		"alg none, with a signature": () => forge({ ...good, alg: "none" }),
		"alg NONE": () => `${part({ ...good, alg: "NONE" })}.${part(payload)}.`,
		"another algorithm than the key's": () => forge({ ...good, alg: "HS512" }),
		"HMAC with the public key of an EdDSA key": () => forge({ ...good, kid: "ed" }, payload, edPublicPem),
		"the same, its algorithm named EdDSA": () => forge({ ...good, kid: "ed", alg: "EdDSA" }, payload, edPublicPem),
		"another secret": () => forge(good, payload, "another-secret-of-32-bytes-or-more!"),
		"no kid": () => forge({ alg: "HS256", typ: "at+jwt" }),
		"unknown kid": () => forge({ ...good, kid: "other" }),
		"kid of the prototype": () => forge({ ...good, kid: "__proto__" }),
		"a key brought along": () => forge({ ...good, jwk: { kty: "oct", k: "AAAA" } }, payload, "\0\0\0"),
		"refresh type": () => forge({ ...good, typ: "rt+jwt" }),
		"no type": () => forge({ alg: "HS256", kid: "hs" }),
		"plain JWT type": () => forge({ ...good, typ: "JWT" }),
		"other issuer": () => forge(good, { ...payload, iss: "someone" }),
		"other audience": () => forge(good, { ...payload, aud: "others" }),
		"expired, but of another issuer": () => forge(good, { ...payload, iss: "someone", exp: nowSeconds - 60 }),
		"no expiry": () => forge(good, without("exp")),
		"no session": () => forge(good, without("sid")),
		"no subject": () => forge(good, without("sub")),
		"empty subject": () => forge(good, { ...payload, sub: "" }),
		"roles that are no list": () => forge(good, { ...payload, roles: "admin" }),
		"not valid yet": () => forge(good, { ...payload, nbf: nowSeconds + 60 }),
	};
	for (const [name, token] of Object.entries(cases)) {
		test(name, async () => {
			await assert.rejects((await make([hs, ed])).verifyAccess(token()), refused(UNAUTHENTICATED));
		});
	}

	test("any changed character of the signed part", async () => {
		const tokens = await make([hs]);
		const token = await tokens.issueAccess(claims);
		const [header = "", body = ""] = token.split(".");
		for (let at = 0; at < header.length + body.length + 1; at += 7) {
			const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
			await assert.rejects(tokens.verifyAccess(changed), refused(UNAUTHENTICATED));
		}
	});

	test("a refresh token is no access token, nor the reverse", async () => {
		const tokens = await make([hs]);
		const refresh = await tokens.issueRefresh({
			userId: "u",
			sessionId: "s",
			generation: 0,
			expiresAtMs: claims.expiresAtMs,
		});
		await assert.rejects(tokens.verifyAccess(refresh), refused(UNAUTHENTICATED));
		await assert.rejects(tokens.verifyRefresh(await tokens.issueAccess(claims)), refused(UNAUTHENTICATED));
	});

	test("expired, after the tolerance", async () => {
		const tokens = await make([hs]);
		const expiring = (expiresAtMs: number) => tokens.issueAccess({ ...claims, expiresAtMs });
		await tokens.verifyAccess(await expiring(clock.now() - 1000));
		await assert.rejects(tokens.verifyAccess(await expiring(clock.now() - 3000)), refused(TOKEN_EXPIRED));
		const outdated = { userId: "u", sessionId: "s", generation: 0, expiresAtMs: clock.now() - 3000 };
		await assert.rejects(tokens.verifyRefresh(await tokens.issueRefresh(outdated)), refused(UNAUTHENTICATED));
	});
});

describe("key rotation", () => {
	const newKey = { ...hs, kid: "new", secret: `${secret}-new` };

	test("older keys verify, the first signs", async () => {
		const before = await (await make([hs])).issueAccess(claims);
		const rotated = await make([newKey, hs]);
		assert.equal((await rotated.verifyAccess(before)).userId, "u1");
		const after = await rotated.issueAccess(claims);
		await assert.rejects((await make([hs])).verifyAccess(after), refused(UNAUTHENTICATED));
		await assert.rejects((await make([newKey])).verifyAccess(before), refused(UNAUTHENTICATED));
	});

	test("an EdDSA key may stay behind with its public half, as PEM or JWK", async () => {
		const token = await (await make([ed])).issueAccess(claims);
		const jwk = JSON.stringify(pair.publicKey.export({ format: "jwk" }));
		for (const publicKey of [edPublicPem, jwk]) {
			const tokens = await make([newKey, { kid: "ed", algorithm: "EdDSA", publicKey }]);
			assert.equal((await tokens.verifyAccess(token)).userId, "u1");
		}
	});

	test("a private key may be a JWK", async () => {
		const privateKey = JSON.stringify(pair.privateKey.export({ format: "jwk" }));
		const token = await (await make([{ kid: "ed", algorithm: "EdDSA", privateKey }])).issueAccess(claims);
		assert.equal((await (await make([ed])).verifyAccess(token)).userId, "u1");
	});
});

test("the JWKS shows public keys only, and verifies our tokens", async () => {
	const { keys } = (await make([hs, ed])).jwks();
	assert.deepEqual(
		keys.map((key) => Object.keys(key).sort()),
		[["alg", "crv", "kid", "kty", "use", "x"]],
	);
	assert.equal(keys[0]?.kid, "ed");
	assert.ok(!JSON.stringify(keys).includes(secret));
});

test("bad keys are refused by name, without their content", async () => {
	const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
	const bad: Record<string, TokenKeyOptions[]> = {
		"no keys": [],
		"short secret": [{ ...hs, secret: "geheim" }],
		"no secret": [{ kid: "hs", algorithm: "HS256" }],
		"the same kid twice": [hs, hs],
		"empty kid": [{ ...hs, kid: "" }],
		"not a key": [{ kid: "x", algorithm: "EdDSA", privateKey: "geheim" }],
		"broken JWK": [{ kid: "x", algorithm: "EdDSA", privateKey: "{geheim" }],
		"RSA for EdDSA": [
			{ kid: "x", algorithm: "EdDSA", privateKey: rsa.export({ type: "pkcs8", format: "pem" }) as string },
		],
		"a first key that cannot sign": [{ kid: "x", algorithm: "EdDSA", publicKey: edPublicPem }],
	};
	for (const [name, keys] of Object.entries(bad)) {
		const shown = (error: Error) => !`${error.message}${String(error.cause)}`.includes("geheim");
		await assert.rejects(importKeyRing(keys), (error: Error) => shown(error), name);
	}
});

test("the algorithm of a foreign signer's valid EdDSA token does not help it", async () => {
	const foreign = generateKeyPairSync("ed25519").privateKey;
	const token = await new SignJWT(payload).setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "ed" }).sign(foreign);
	await assert.rejects((await make([ed])).verifyAccess(token), refused(UNAUTHENTICATED));
});

describe("development keys", () => {
	test("survive a restart, are private, and differ between directories", async () => {
		const directories = [dataDirectory("keys"), dataDirectory("keys")] as const;
		const first = await loadOrCreateDevKeys(directories[0]);
		assert.deepEqual(await loadOrCreateDevKeys(directories[0]), first);
		assert.notDeepEqual(await loadOrCreateDevKeys(directories[1]), first);
		const files = readdirSync(directories[0]);
		assert.equal(files.length, 1, "no draft is left behind");
		const file = path.join(directories[0], files[0] as string);
		assert.equal(statSync(file).mode & 0o777, 0o600);
		await make(first);
		writeFileSync(file, "short");
		await assert.rejects(loadOrCreateDevKeys(directories[0]), /damaged/);
		for (const directory of directories) rmSync(directory, { recursive: true });
	});

	test("processes that start at once agree", async () => {
		const directory = dataDirectory("keys");
		const script = `
			import { loadOrCreateDevKeys } from ${JSON.stringify(path.resolve("services/accounts/token-keys.ts"))};
			console.log((await loadOrCreateDevKeys(${JSON.stringify(directory)}))[0].kid);
		`;
		const kids = await Promise.all(
			[1, 2, 3, 4].map(async () => {
				const child = spawn(...tied(process.execPath, ["--input-type=module", "--eval", script]));
				let output = "";
				child.stdout.on("data", (chunk) => (output += chunk));
				await new Promise((resolve) => child.once("close", resolve));
				return output.trim();
			}),
		);
		assert.match(kids[0] as string, /^dev-/);
		assert.equal(new Set(kids).size, 1);
		rmSync(directory, { recursive: true });
	});
});

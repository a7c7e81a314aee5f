// Rules over several keys, above all which secrets and keys are good enough.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ConfigError } from "../../../server/config/config.ts";
import { secretWeakness } from "../../../server/config/key-files.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { configWarnings } from "../../../server/config/rules.ts";

const STRONG = "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-";
const OTHER = "Xc7Vb2Nm9Qw4Er1Ty6Ui3Op8As5Df0Gh_";
let cwd = "";

before(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-rules-"));
	const ed = generateKeyPairSync("ed25519");
	const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
	writeFileSync(join(cwd, "ed.pem"), ed.privateKey.export({ type: "pkcs8", format: "pem" }));
	writeFileSync(join(cwd, "ed.pub"), ed.publicKey.export({ type: "spki", format: "pem" }));
	writeFileSync(join(cwd, "rsa.pem"), rsa.privateKey.export({ type: "pkcs8", format: "pem" }));
	writeFileSync(join(cwd, "secret.txt"), `${STRONG}\n`);
	writeFileSync(join(cwd, "empty.txt"), "\n");
});

after(() => rmSync(cwd, { recursive: true }));

const load = (overrides: object, env: Record<string, string> = {}) => loadConfig({ env, cwd, overrides });

function problems(overrides: object, env: Record<string, string> = {}): string[] {
	try {
		load(overrides, env);
	} catch (error) {
		assert.ok(error instanceof ConfigError, String(error));
		return error.problems.map(({ key, message }) => `${key}: ${message}`);
	}
	return [];
}

describe("production", () => {
	const production = { NODE_ENV: "production" };

	test("needs a signing key", () => {
		assert.match(problems({}, production).join(), /^auth\.keys: production needs a signing key/);
	});

	for (const secret of [
		"hunter2",
		"changeme",
		"your-secret-key-change-in-production!!",
		"jwt-secret-key".repeat(4),
		"a".repeat(64),
	]) {
		test(`refuses the secret ${secret.slice(0, 20)}`, () => {
			const found = problems({}, { ...production, JWT_SECRET: secret });
			assert.equal(found.length, 1);
			assert.match(found[0] ?? "", /^auth\.keys: the secret of key "default"/);
			assert.ok(!found[0]?.includes(secret));
		});
	}

	test("refuses a weak key that only verifies, too", () => {
		const keys = [
			{ id: "new", secret: STRONG },
			{ id: "old", secret: "changeme" },
		];
		assert.match(problems({ auth: { keys } }, production).join(), /key "old"/);
	});

	test("takes a strong secret, and warns of what is hardly meant", () => {
		const config = load({}, { ...production, JWT_SECRET: STRONG });
		assert.equal(config.log.format, "json");
		const warnings = configWarnings(config).join("\n");
		for (const key of ["notifier.kind", "redis.url", "server.allowedOrigins"]) assert.ok(warnings.includes(key), key);
	});

	test("warns of permissions and route numbers that nothing has", () => {
		const secret = STRONG;
		const config = load({
			auth: { roles: { user: [], guest: [], admin: ["*"], operator: ["edge.raed", "edge.write", "shop.sell"] } },
			keys: { fixed: [{ name: "shop", secret, permissions: ["server.publsh"], channels: ["*"] }] },
			applicationChannels: { namespaces: { scores: { subscribe: ["session", "permission:users.raed"] } } },
			rates: {
				protocols: {
					"1020": { perSecond: 1, burst: 1 },
					"1002": { perSecond: 1, burst: 1 },
					"7001": { perSecond: 1, burst: 1 },
				},
			},
		});
		const found = configWarnings(config).map((warning) => warning.split("; there are")[0]);
		assert.deepEqual(found, [
			"auth.roles.operator: no route asks for the permission edge.raed",
			'keys.fixed "shop": no route asks for the permission server.publsh',
			"applicationChannels.namespaces.scores: no route asks for the permission users.raed",
			"rates.protocols.1020: no route has this number",
		]);
		assert.deepEqual(configWarnings(load({})), []);
	});

	test("development takes a well-known secret, with a warning, but none too short for HS256", () => {
		assert.match(configWarnings(load({}, { JWT_SECRET: "jwt-secret-key".repeat(4) })).join(), /weak/);
		assert.match(problems({}, { JWT_SECRET: "hunter2" }).join(), /^auth\.keys: .* shorter than 32 bytes/);
	});
});

test("random secrets of the recommended length are not taken for placeholders", () => {
	assert.equal(secretWeakness(STRONG), undefined);
	assert.equal(secretWeakness(OTHER), undefined);
});

describe("keys", () => {
	test("are read from files, the line feed at the end left out", () => {
		const keys = [{ id: "a", secretFile: "secret.txt" }];
		assert.deepEqual(load({ auth: { keys } }).auth.keys, [{ id: "a", secret: STRONG, file: "secret.txt" }]);
	});

	test("EdDSA: the public key comes from the private one; a public key only verifies", () => {
		const keys = [
			{ id: "old", publicKeyFile: "ed.pub" },
			{ id: "new", privateKeyFile: "ed.pem" },
		];
		const { auth } = load({ auth: { algorithm: "EdDSA", keys, activeKeyId: "new" } });
		assert.equal(auth.activeKeyId, "new");
		assert.equal(auth.keys[0]?.privateKeyPem, undefined);
		assert.equal(auth.keys[0]?.publicKeyPem, auth.keys[1]?.publicKeyPem);
		assert.match(auth.keys[1]?.privateKeyPem ?? "", /BEGIN PRIVATE KEY/);
	});

	const refused: [string, object, RegExp][] = [
		["a key without content", { keys: [{ id: "a" }] }, /exactly one of/],
		["a key with two contents", { keys: [{ id: "a", secret: STRONG, secretFile: "secret.txt" }] }, /exactly one of/],
		["a missing file", { keys: [{ id: "a", secretFile: "none" }] }, /cannot read none \(ENOENT\)/],
		["an empty file", { keys: [{ id: "a", secretFile: "empty.txt" }] }, /empty\.txt is empty/],
		["a key of another kind", { algorithm: "EdDSA", keys: [{ id: "a", privateKeyFile: "rsa.pem" }] }, /not Ed25519/],
		["what is no key", { algorithm: "EdDSA", keys: [{ id: "a", privateKeyFile: "secret.txt" }] }, /no usable key/],
		[
			"equal ids",
			{
				keys: [
					{ id: "a", secret: STRONG },
					{ id: "a", secret: OTHER },
				],
			},
			/two keys have the id "a"/,
		],
		[
			"an active key that is not there",
			{ activeKeyId: "b", keys: [{ id: "a", secret: STRONG }] },
			/no key with the id "b"/,
		],
		["EdDSA without a key", { algorithm: "EdDSA" }, /EdDSA needs an active key/],
		["EdDSA with a secret", { algorithm: "EdDSA", keys: [{ id: "a", secret: STRONG }] }, /EdDSA needs an active key/],
		["EdDSA with a public key", { algorithm: "EdDSA", keys: [{ id: "a", publicKeyFile: "ed.pub" }] }, /EdDSA needs/],
		["HS256 with a private key", { keys: [{ id: "a", privateKeyFile: "ed.pem" }] }, /HS256 needs an active key/],
	];
	for (const [name, auth, expected] of refused) {
		test(`refused: ${name}`, () => assert.match(problems({ auth }).join("\n"), expected));
	}
});

describe("other rules", () => {
	const redis = { url: "redis://localhost" };
	const refused: [string, object, RegExp][] = [
		["workers without Redis", { server: { workers: 2 } }, /^server\.workers: .*needs redis\.url/],
		["workers on port 0", { server: { workers: 2, port: 0 }, redis }, /port 0/],
		["workers on memory", { server: { workers: 2 }, redis, database: { url: "sqlite::memory:" } }, /in memory/],
		[
			"the PROXY protocol with TLS",
			{ server: { proxyProtocol: true, tls: { certFile: "ed.pub", keyFile: "ed.pem" } } },
			/^server\.proxyProtocol: cannot be used with server\.tls/,
		],
		["half a certificate", { server: { tls: { certFile: "ed.pub" } } }, /^server\.tls\.keyFile: .*belong together/],
		[
			"an unreadable certificate",
			{ server: { tls: { certFile: "x", keyFile: "ed.pem" } } },
			/^server\.tls\.certFile: cannot read x/,
		],
		["equal ports", { server: { port: 9000, metricsPort: 9000 } }, /must not be server\.port/],
		["smtp without server", { notifier: { kind: "smtp" } }, /^notifier\.smtp\.url: is needed/],
		["webhook without address", { notifier: { kind: "webhook" } }, /^notifier\.webhook\.url: is needed/],
		[
			"heartbeats longer than silence",
			{ limits: { heartbeatIntervalMs: 90_000 } },
			/^limits\.idleTimeoutMs: must be longer/,
		],
		["backpressure below a message", { limits: { maxMessageBytes: 2_000_000 } }, /^limits\.maxBackpressureBytes/],
		["a proxy that is no address", { server: { trustedProxies: ["10.0.0.0/33"] } }, /IP address or CIDR/],
		["an origin with a path", { server: { allowedOrigins: ["https://a.example/x"] } }, /origin such as/],
		[
			"a protocol that is no number",
			{ rates: { protocols: { login: { perSecond: 1, burst: 1 } } } },
			/protocol number/,
		],
		["rooms larger than any may be", { chat: { maxMembers: 100 } }, /^chat\.defaultMaxMembers: must be at most/],
		[
			"a lease shorter than three ticks",
			{ games: { tickIntervalMs: 2001 } },
			/^games\.leaseMs: must be at least three/,
		],
		[
			"a template of no type",
			{ notifications: { templates: { "Not A Type": { title: "a", text: "b" } } } },
			/^notifications\.templates.*expected a type/,
		],
	];
	for (const [name, overrides, expected] of refused) {
		test(`refused: ${name}`, () => {
			const found = problems(overrides);
			assert.equal(found.length, 1, found.join("\n"));
			assert.match(found[0] ?? "", expected);
		});
	}
});

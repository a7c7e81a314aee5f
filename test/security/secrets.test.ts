// Secrets of the configuration and of users, while everything that can fail fails: none of them is in the log at its
// most talkative, in a reply, or on a page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { authRoutes, gameRoutes } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { freePort } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { WireClient } from "../support/wire-client.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";

/** In every secret, and in nothing else. */
const MARK = "hunter2";
const secret = (what: string): string => `${MARK}${what}${MARK}${MARK}${MARK}${MARK}`;
const PAGES = [
	"/",
	"/health",
	"/ready",
	"/status",
	"/metrics",
	"/.well-known/jwks.json",
	`/nothing?token=${secret("q")}`,
];

/** What a client could read. */
class Received {
	readonly texts: string[] = [];

	async pages(gateway: GatewayProcess): Promise<void> {
		for (const path of PAGES) {
			const headers = { authorization: `Bearer ${secret("header")}`, cookie: `session=${secret("cookie")}` };
			const response = await fetch(gateway.httpUrl + path, { headers });
			this.texts.push(JSON.stringify([...response.headers]), await response.text());
		}
	}

	frames(frames: readonly Uint8Array[]): void {
		for (const frame of frames) this.texts.push(Buffer.from(frame).toString("latin1"));
	}
}

function hasNone(texts: readonly string[], of: readonly string[]): void {
	for (const text of texts) {
		for (const value of of) {
			const at = text.indexOf(value);
			assert.equal(at, -1, `${value}: …${text.slice(Math.max(0, at - 200), at + 60)}…`);
		}
	}
}

async function exercise(gateway: GatewayProcess, received: Received): Promise<void> {
	const client = await WireClient.open(gateway.url);
	client.socket.on("message", (data: Buffer) => received.frames([data]));
	const password = secret("password");
	const account = "somebody";
	await client.ask(authRoutes.register, { username: account, password, email: "a@example.com" });
	await client.ask(authRoutes.login, { username: account, password: `${password}x` });
	await client.ask(authRoutes.login, { username: account, password: secret("long").repeat(20) });
	await client.ask(authRoutes.connect, {
		accessToken: `eyJhbGciOiJub25lIn0.${secret("token")}.${secret("signature")}`,
	});
	await client.ask(authRoutes.refreshToken, { refreshToken: secret("refresh") });
	await client.ask(authRoutes.forgotPassword, { requestCode: { account } });
	await client.ask(authRoutes.forgotPassword, {
		confirm: { account, code: secret("code").slice(0, 32), newPassword: password },
	});
	const { code } = await client.ask(authRoutes.login, { username: account, password });
	if (!code)
		await client.ask(gameRoutes.createRoom, { game: "relay", name: "room", password: secret("room").slice(0, 32) });
	await client.close();
	const peer = await RawPeer.open(`${gateway.url}?token=${secret("query")}`);
	await peer.askJson(authRoutes.login.number, { username: account, password: [secret("type")] });
	await peer.askJson(authRoutes.login.number, { username: account, password: secret("json") });
	await peer.say({ type: "control", id: "x", data: { token: secret("data"), value: secret("value") } });
	peer.close();
	received.frames(peer.frames);
}

describe("secrets", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-secrets-"));
	const keyFile = join(directory, "key.pem");
	before(() => {
		execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", keyFile], { stdio: "ignore" });
	});
	after(() => rmSync(directory, { recursive: true }));

	const common = {
		...UNLIMITED,
		LOG_LEVEL: "trace",
		FRAMEGATE_LIMITS_REQUEST_TIMEOUT_MS: "3000",
		JWT_SECRET: secret("jwt"),
		FRAMEGATE_NOTIFIER_WEBHOOK_SECRET: secret("webhook"),
		FRAMEGATE_AUTH_ACTIVE_KEY_ID: "default",
	};

	it("with SQL, Redis, the box and the mail server away", async () => {
		const port = await freePort();
		const gateway = await startGateway({
			untilLive: true,
			env: {
				...common,
				REDIS_URL: `redis://bot:${secret("redis")}@127.0.0.1:${port}`,
				DATABASE_URL: `postgres://bot:${secret("sql")}@127.0.0.1:${port}/x`,
				EDGE_REDIS_URL: `redis://bot:${secret("box")}@127.0.0.1:${port}`,
				FRAMEGATE_NOTIFIER_KIND: "smtp",
				FRAMEGATE_NOTIFIER_SMTP_URL: `smtp://bot:${secret("smtp")}@127.0.0.1:${port}`,
			},
		});
		after(() => gateway.kill9());
		const received = new Received();
		await exercise(gateway, received);
		await received.pages(gateway);
		await gateway.stop();
		assert.match(gateway.log(), /ECONNREFUSED/);
		hasNone([gateway.log(), ...received.texts], [MARK]);
	});

	it("with passwords that servers refuse, and a mail server and a webhook that fail", async () => {
		const redis = await startRedis({ args: ["--requirepass", "another"] });
		after(() => redis.stop());
		const refused = redis.url.replace("redis://", `redis://:${secret("redis")}@`);
		const webhook = `http://bot:${secret("hook")}@127.0.0.1:${await freePort()}/?token=${secret("hookquery")}`;
		const gateway = await startGateway({
			untilLive: true,
			env: {
				...common,
				EDGE_REDIS_URL: refused,
				FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "a.db")}`,
				FRAMEGATE_NOTIFIER_KIND: "webhook",
				FRAMEGATE_NOTIFIER_WEBHOOK_URL: webhook,
			},
		});
		after(() => gateway.kill9());
		const received = new Received();
		await exercise(gateway, received);
		await received.pages(gateway);
		await gateway.stop();
		assert.match(gateway.log(), /WRONGPASS|ECONNREFUSED/);
		hasNone([gateway.log(), ...received.texts], [MARK]);
	});

	it("tokens and private keys that the gateway itself made", async () => {
		const gateway = await startGateway({
			env: {
				...UNLIMITED,
				LOG_LEVEL: "trace",
				FRAMEGATE_AUTH_ALGORITHM: "EdDSA",
				FRAMEGATE_AUTH_KEYS: JSON.stringify([{ id: "ed", privateKeyFile: keyFile }]),
				FRAMEGATE_NOTIFIER_KIND: "webhook",
				FRAMEGATE_NOTIFIER_WEBHOOK_URL: `http://127.0.0.1:${await freePort()}`,
			},
		});
		after(() => gateway.kill9());
		const { client, login } = await WireClient.member(gateway.url, "somebody");
		const { accessToken = "", refreshToken = "" } = login.tokens ?? {};
		const peer = await RawPeer.open(`${gateway.url}?token=${accessToken}`);
		const refresh = authRoutes.refreshToken.request.encode({ refreshToken }).finish();
		await peer.ask(authRoutes.refreshToken.number, refresh);
		await assert.rejects(peer.ask(authRoutes.refreshToken.number, refresh), /token-reused/);
		peer.close();
		client.socket.terminate();
		const received = new Received();
		await received.pages(gateway);
		await gateway.stop();
		assert.match(gateway.log(), /request auth\.refreshToken/);
		const pem = execFileSync("openssl", ["pkey", "-in", keyFile, "-outform", "DER"]);
		const scalar = pem.subarray(-32);
		const made = [accessToken, refreshToken, scalar.toString("base64url"), pem.toString("base64")];
		assert.ok(made.every((value) => value.length > 40));
		hasNone([gateway.log(), ...received.texts], made);
		// The signature alone would do with the header and the claims that anybody can guess.
		hasNone(
			[gateway.log()],
			[accessToken, refreshToken].map((token) => token.split(".")[2] ?? ""),
		);
	});

	it("a configuration that is refused is refused without them", () => {
		const file = join(directory, "bad.yaml");
		writeFileSync(
			file,
			`auth:\n  secret: [${secret("yaml")}]\n  keys: ${secret("keys")}\nredis:\n  url: ${secret("url")}\n`,
		);
		const run = () =>
			execFileSync(process.execPath, [join(import.meta.dirname, "../../server/main.ts"), "start", "--config", file], {
				cwd: directory,
				env: { PATH: process.env["PATH"] ?? "" },
				stdio: "pipe",
			});
		assert.throws(run, (error: { stdout: Buffer; stderr: Buffer }) => {
			const output = `${String(error.stdout)}${String(error.stderr)}`;
			assert.match(output, /auth\.secret/);
			hasNone([output], [MARK]);
			return true;
		});
	});
});

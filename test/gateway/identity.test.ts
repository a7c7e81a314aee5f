// Identity from elsewhere on real gateways with a real OpenID provider: what its tokens open, what its faults cost, and who does not feel
// them.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { exportSPKI, importJWK, type JWK, SignJWT } from "jose";
import WebSocket from "ws";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	type ConnectResponse,
	type Envelope,
	pushes,
	SessionRevoked,
	SessionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import { RawPeer, UNLIMITED } from "../security/raw-peer.ts";
import { createRoleAccounts } from "../security/role-accounts.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { AUDIENCE, OidcProvider, providerKey } from "../support/oidc/provider.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const { connect, heartbeat } = authRoutes;
const NONE = new Uint8Array();

/** The issuer as an operator configures it. */
function issuersFor({ issuer }: OidcProvider, fields: object = {}): { FRAMEGATE_AUTH_ISSUERS: string } {
	return { FRAMEGATE_AUTH_ISSUERS: JSON.stringify([{ name: "company", issuer, audience: [AUDIENCE], ...fields }]) };
}

async function present(client: WireClient, accessToken: string): Promise<Envelope> {
	return await client.ask(connect, { accessToken });
}

function connected({ code, error, body }: Envelope): ConnectResponse {
	assert.equal(code ?? 0, ErrorCode.OK, error?.message ?? "");
	return connect.reply.decode(body ?? NONE);
}

/** Connects, and comes back when it is asked to, as any client does. */
async function connectInTime(url: string, token: string): Promise<{ client: WireClient; reply: ConnectResponse }> {
	for (;;) {
		const client = await WireClient.open(url);
		const answer = await present(client, token);
		if (answer.code !== ErrorCode.UNAVAILABLE) return { client, reply: connected(answer) };
		await client.close();
		await delay(Number(answer.error?.retryAfterMs));
	}
}

describe("a real OpenID provider and two nodes", () => {
	let redis: RealServer;
	let provider: OidcProvider;
	let keys: JWK[];
	let nodes: [GatewayProcess, GatewayProcess];
	let env: Record<string, string>;
	const shared = mkdtempSync(join(tmpdir(), "framegate-identity-"));
	before(async () => {
		[redis, keys] = await Promise.all([startRedis(), Promise.all([providerKey("k1"), providerKey("k2")])]);
		provider = await OidcProvider.start([keys[0] as JWK]);
		env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${shared}/shared.db`,
			...issuersFor(provider),
		};
		await createRoleAccounts(env, ["admin"]);
		nodes = [await startGateway({ env, dataDirectory: shared }), await startGateway({ env, dataDirectory: shared })];
	});
	after(async () => {
		for (const node of nodes) await node.kill9();
		await provider.stop();
		await redis.stop();
		rmSync(shared, { recursive: true, force: true });
	});

	it("its token is good wherever one of our own is, for the same user on every node", async () => {
		const token = await provider.token({ sub: "u-1", extra: { sid: "s-1", preferred_username: "ada" } });
		const client = await WireClient.open(nodes[0].url);
		const { user, session } = connected(await present(client, token));
		assert.equal(user?.username, "ada");
		assert.match(session?.sessionId ?? "", /^iss_/);
		const { exp } = JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString()) as { exp: number };
		assert.equal(Number(session?.expiresAtMs), exp * 1000);
		const me = await get(`${nodes[1].httpUrl}/api/v1/me`, token);
		assert.deepEqual([me.status, me.body.user.id], [200, user?.id]);
		const byQuery = await WireClient.open(`${nodes[1].url}?token=${token}`);
		assert.equal(connected(await byQuery.push()).user?.id, user?.id);
		// The older dialect, which a browser chooses by bringing its token and no sub-protocol.
		const older = new WebSocket(`${nodes[0].url}?token=${token}`, { headers: { origin: "http://127.0.0.1" } });
		older.once("open", () => older.send(JSON.stringify({ type: "subscribe", id: "s", data: { channels: [1001] } })));
		const [answer] = (await once(older, "message")) as [Buffer];
		// It knows who asks, who may not.
		assert.match(answer.toString(), /WS_PERMISSION_DENIED/);
		older.terminate();
		await client.close();
		await byQuery.close();
	});

	it("a new token on the open connection continues the session", async () => {
		const client = await WireClient.open(nodes[0].url);
		const first = connected(await present(client, await provider.token({ sub: "u-2", ttl: 60 })));
		const second = connected(await present(client, await provider.token({ sub: "u-2", ttl: 120 })));
		assert.equal(second.session?.sessionId, first.session?.sessionId);
		assert.ok(Number(second.session?.expiresAtMs) > Number(first.session?.expiresAtMs));
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		await client.close();
	});

	it("what is not for us, not of it, or not signed by it is refused", async () => {
		const stranger = await OidcProvider.start([await providerKey("k1")]);
		const [header = "", payload = "", signature = ""] = (await provider.token({ sub: "u-3" })).split(".");
		const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
		const jwks = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: JWK[] };
		const publicKey = (await importJWK(jwks.keys[0] as JWK, "RS256", { extractable: true })) as CryptoKey;
		const confused = (secret: string) => {
			const token = new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "k1", typ: "at+jwt" });
			return token.sign(Buffer.from(secret));
		};
		const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url");
		const signed = (fields: object, kid = "k1") => {
			const token = new SignJWT({ ...claims, ...fields }).setProtectedHeader({ alg: "RS256", kid, typ: "at+jwt" });
			return importJWK(keys[0] as JWK, "RS256").then((key) => token.sign(key));
		};
		const now = Math.floor(Date.now() / 1000);
		const tokens: Record<string, [token: string, code: ErrorCode]> = {
			"another audience": [
				await provider.token({ sub: "u-3", aud: "https://other.example" }),
				ErrorCode.UNAUTHENTICATED,
			],
			"another issuer": [await stranger.token({ sub: "u-3" }), ErrorCode.UNAUTHENTICATED],
			"another issuer that names ours": [
				(await stranger.token({ sub: "u-3" })).replace(/\.[^.]+\./, `.${payload}.`),
				ErrorCode.UNAUTHENTICATED,
			],
			"the public key as a secret": [await confused(await exportSPKI(publicKey)), ErrorCode.UNAUTHENTICATED],
			"the key set as a secret": [await confused(JSON.stringify(jwks.keys[0])), ErrorCode.UNAUTHENTICATED],
			"no signature": [`${none}.${payload}.`, ErrorCode.UNAUTHENTICATED],
			"another's signature": [`${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`, ErrorCode.UNAUTHENTICATED],
			expired: [await signed({ iat: now - 400, exp: now - 60 }), ErrorCode.TOKEN_EXPIRED],
			"of the future": [await signed({ nbf: now + 60 }), ErrorCode.UNAUTHENTICATED],
			"of a clock that is ahead": [await signed({ iat: now + 60, exp: now + 120 }), ErrorCode.UNAUTHENTICATED],
			"for a week": [await signed({ exp: now + 7 * 86_400 }), ErrorCode.UNAUTHENTICATED],
		};
		const client = await WireClient.open(nodes[0].url);
		for (const [name, [token, code]] of Object.entries(tokens)) {
			assert.equal((await present(client, token)).code, code, name);
			const { status } = await get(`${nodes[0].httpUrl}/api/v1/me`, token);
			assert.equal(status, 401, name);
		}
		connected(await present(client, await signed({ iat: now - 3, exp: now - 2 })));
		await client.close();
		await stranger.stop();
	});

	it("a revocation by subject, session or token ends connections on the other node, and the token with them", async () => {
		const admin = await WireClient.open(nodes[1].url);
		const { tokens } = await admin.login("admin");
		const revoke = async (body: object) => {
			const url = `${nodes[1].httpUrl}/api/v1/issuer-sessions/revoke`;
			return await post(url, { issuer: "company", ...body }, tokens?.accessToken ?? "");
		};
		const token = () => provider.token({ sub: "u-4", extra: { sid: "s-4" } });
		const jtiOf = (text: string) =>
			JSON.parse(Buffer.from(text.split(".")[1] as string, "base64url").toString()).jti as string;
		for (const request of [
			() => ({ subject: "u-4" }),
			() => ({ sid: "s-4" }),
			(text: string) => ({ subject: "u-4", jti: jtiOf(text) }),
		]) {
			// Tokens of the second in which the one before was revoked are void, and with the tolerance some more.
			let text = await token();
			let client = await WireClient.open(nodes[0].url);
			await until(async () => {
				text = await token();
				const answer = await present(client, text);
				if ((answer.code ?? 0) === ErrorCode.OK) return true;
				await client.close();
				client = await WireClient.open(nodes[0].url);
				await delay(500);
				return false;
			});
			const { status, body } = await revoke(request(text));
			assert.deepEqual([status, body], [200, { sessions_ended: 1 }]);
			const push = await client.push();
			assert.equal(push.protocol, pushes.sessionRevoked.number);
			assert.equal(SessionRevoked.decode(push.body ?? NONE).reason, SessionRevoked_Reason.ADMINISTRATIVE);
			assert.equal((await client.closed).code, CloseCode.REVOKED);
			for (const node of nodes) {
				const again = await WireClient.open(node.url);
				assert.equal((await present(again, text)).code, ErrorCode.UNAUTHENTICATED);
				await again.close();
			}
		}
		assert.equal(
			(await post(`${nodes[1].httpUrl}/api/v1/issuer-sessions/revoke`, { issuer: "company", sid: "x" })).status,
			401,
		);
		await admin.close();
	});

	it("its keys are rotated while clients are connected", async () => {
		const before = await provider.token({ sub: "u-5" });
		const { client: open } = await connectInTime(nodes[0].url, before);
		await provider.stop();
		await provider.run([keys[1] as JWK, keys[0] as JWK]);
		const next = await connectInTime(nodes[0].url, await provider.token({ sub: "u-5" }));
		assert.equal((await open.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		const { client } = await connectInTime(nodes[1].url, before);
		for (const one of [open, next.client, client]) await one.close();
	});

	it("without it, keys that are known go on; a node that knows none refuses at once, and serves everybody else", async () => {
		const token = await provider.token({ sub: "u-6" });
		await (await connectInTime(nodes[0].url, token)).client.close();
		await provider.stop();
		await (await connectInTime(nodes[0].url, token)).client.close();
		const node = await startGateway({ env, dataDirectory: shared });
		const client = await WireClient.open(node.url);
		const answer = await present(client, token);
		assert.equal(answer.code, ErrorCode.UNAVAILABLE);
		assert.equal(answer.error?.retryable, true);
		assert.ok(Number(answer.error?.retryAfterMs) >= 1000);
		const { status, headers } = await get(`${node.httpUrl}/api/v1/me`, token);
		assert.equal(status, 503);
		assert.ok(Number(headers.get("retry-after")) >= 1);
		assert.ok((await client.login("admin")).tokens);
		await client.close();
		await provider.run([keys[1] as JWK, keys[0] as JWK]);
		const { client: later } = await connectInTime(node.url, token);
		await later.close();
		await node.kill9();
	});

	it("while it hangs, its tokens are refused within the deadline, and everybody else is served meanwhile", async () => {
		const token = await provider.token({ sub: "u-7" });
		provider.hang();
		const node = await startGateway({ env, dataDirectory: shared });
		const peers = await Promise.all(Array.from({ length: 50 }, () => RawPeer.open(node.url)));
		let answered = 0;
		const body = connect.request.encode({ accessToken: token }).finish();
		const answers = peers.map(async (peer) => {
			const { code } = await peer.ask(connect.number, body);
			answered++;
			return code;
		});
		const client = await WireClient.open(node.url);
		assert.ok((await client.login("admin")).tokens);
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		assert.equal(answered, 0, "they are still waiting for the provider");
		for (const code of await Promise.all(answers)) assert.equal(code, "UNAVAILABLE");
		for (const peer of peers) peer.close();
		provider.goOn();
		const { client: later } = await connectInTime(node.url, token);
		await Promise.all([client.close(), later.close()]);
		const metrics = await (await fetch(`${node.httpUrl}/metrics`)).text();
		assert.match(metrics, /framegate_issuer_tokens_total\{issuer="company",result="accepted"\} 1\n/);
		assert.match(metrics, /framegate_issuer_keys\{issuer="company"\} 2\n/);
		await node.kill9();
	});
});

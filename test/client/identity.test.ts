// The client with tokens of a real identity provider, and as a guest, against a real gateway.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type Client, createClient, ErrorCode, GatewayError } from "../../client/core.ts";
import { createHttpClient } from "../../client/http/http-client.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { deferred } from "../support/deferred.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { AUDIENCE, OidcProvider, providerKey } from "../support/oidc/provider.ts";

describe("a client of an identity provider", () => {
	let gateway: GatewayProcess;
	let provider: OidcProvider;
	const clients: Client[] = [];
	before(async () => {
		provider = await OidcProvider.start([await providerKey("k1")]);
		const issuers = JSON.stringify([{ name: "company", issuer: provider.issuer, audience: [AUDIENCE] }]);
		gateway = await startGateway({
			env: { ...UNLIMITED, FRAMEGATE_AUTH_ISSUERS: issuers, FRAMEGATE_AUTH_GUESTS_ENABLED: "true" },
		});
	});
	after(async () => {
		for (const client of clients) client.close();
		await gateway.kill9();
		await provider.stop();
	});

	function clientOf(getToken: () => string | undefined | Promise<string | undefined>): Client {
		const client = createClient({ url: gateway.url, getToken, backoff: { minMs: 20, maxMs: 50 }, onError: () => {} });
		clients.push(client);
		return client;
	}

	test("asks for a token before it connects, and for the next one before that expires; the session goes on", async () => {
		const second = deferred<void>();
		let asked = 0;
		const client = clientOf(async () => {
			asked++;
			if (asked === 2) second.resolve();
			return await provider.token({ sub: "u-1", ttl: asked === 1 ? 3 : 300 });
		});
		await client.connect();
		const first = client.sessionInfo;
		assert.equal(asked, 1);
		await second.promise;
		// The next request is answered behind the Connect with the new token.
		await client.auth.getUserInfo();
		while (client.sessionInfo === first) await client.auth.heartbeat({});
		assert.equal(client.sessionInfo?.sessionId, first?.sessionId);
		assert.ok(Number(client.sessionInfo?.expiresAtMs) > Number(first?.expiresAtMs));
		assert.equal(client.state, "ready");
		const { user } = await client.http.auth.getUserInfo();
		assert.equal(user?.id, client.user?.id);
	});

	test("a provider that fails is asked again, and the connection waits for it", async () => {
		let asked = 0;
		const client = clientOf(async () => {
			if (++asked < 3) throw new Error("the provider is down");
			return await provider.token({ sub: "u-2" });
		});
		await client.connect();
		assert.equal(asked, 3);
		assert.equal(client.state, "ready");
	});

	test("where nobody is signed in there, the client stays connected for another login", async () => {
		const client = clientOf(() => undefined);
		await assert.rejects(client.connect(), (error) => {
			return error instanceof GatewayError && error.code === ErrorCode.UNAUTHENTICATED;
		});
		assert.equal(client.state, "open");
		const { created } = await client.loginGuest({ deviceSecret: randomBytes(24).toString("base64url") });
		assert.equal(created, true);
		assert.equal(client.state, "ready");
		assert.equal((await client.auth.getUserInfo()).user?.id, client.user?.id);
	});

	test("a guest joins the account of the provider, with the same user and session", async () => {
		const client = createClient({ url: gateway.url });
		clients.push(client);
		await client.loginGuest({ deviceSecret: randomBytes(24).toString("base64url") });
		const { user, sessionInfo } = client;
		await client.joinAccount({ token: await provider.token({ sub: "u-3" }) });
		assert.equal(client.user?.id, user?.id);
		assert.deepEqual(client.user?.roles, ["user"]);
		await client.refresh();
		assert.equal(client.sessionInfo?.sessionId, sessionInfo?.sessionId);
		const other = clientOf(() => provider.token({ sub: "u-3" }));
		await other.connect();
		assert.equal(other.user?.id, user?.id);
	});

	test("calls over HTTP need no connection for that", async () => {
		let asked = 0;
		const http = createHttpClient({
			url: gateway.httpUrl,
			getToken: async () => {
				asked++;
				return await provider.token({ sub: "u-4" });
			},
		});
		const [one, two] = [await http.auth.getUserInfo(), await http.auth.getUserInfo()];
		assert.equal(one.user?.id, two.user?.id);
		assert.equal(asked, 1);
	});
});

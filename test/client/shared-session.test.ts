// Several clients of one session, as the tabs of one browser are: they share the stored tokens, which one of them renews for
// all, and do not close each other's connections for ever.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, type ClientOptions, CloseCode, createClient, ErrorCode } from "../../client/index.ts";
import type { TokenStorage } from "../../client/token-storage.ts";
import { authRoutes, type TokenPairProperties } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { FakeGateway, tokenPair } from "./fake-gateway.ts";

const PASSWORD = "correct horse battery";
const clients: Client[] = [];
after(() => {
	for (const client of clients) client.close();
});

function tab(url: string, options: Partial<ClientOptions> = {}): Client {
	const client = createClient({ url, backoff: { minMs: 5, maxMs: 20 }, ...options });
	clients.push(client);
	return client;
}

/** What the tabs of one browser share. */
class Browser implements TokenStorage {
	tokens: TokenPairProperties | undefined;
	/** How often the tokens were deleted: never, while a session goes on. */
	deletions = 0;

	async load() {
		return this.tokens;
	}

	async save(tokens: TokenPairProperties | undefined) {
		this.tokens = tokens;
		if (tokens === undefined) this.deletions++;
	}
}

/** Web Locks, as far as they are used: one holder at a time of each name. */
class Locks {
	private last: Promise<unknown> = Promise.resolve();

	request(_name: string, _options: object, work: () => Promise<unknown>): Promise<unknown> {
		const result = this.last.then(work);
		this.last = result.catch(() => {});
		return result;
	}
}

async function withLocks(work: () => Promise<void>): Promise<void> {
	Object.defineProperty(globalThis.navigator, "locks", { value: new Locks(), configurable: true });
	try {
		await work();
	} finally {
		Reflect.deleteProperty(globalThis.navigator, "locks");
	}
}

describe("two tabs of one session", () => {
	let gateway: GatewayProcess;
	let number = 0;
	before(async () => {
		gateway = await startGateway();
	});
	after(() => gateway.stop());

	async function twoTabs() {
		const browser = new Browser();
		const first = tab(gateway.url, { tokens: browser });
		await first.connect();
		const account = { username: `ann${++number}`, password: PASSWORD };
		await first.auth.register(account);
		await first.login(account);
		const second = tab(gateway.url, { tokens: browser });
		await second.connect();
		assert.equal(second.user?.username, account.username);
		return { browser, first, second };
	}

	it("are connected at the same time", async () => {
		const { first, second } = await twoTabs();
		for (const client of [first, second]) assert.ok((await client.auth.heartbeat()).serverTimeMs);
		assert.deepEqual([first.state, second.state], ["ready", "ready"]);
	});

	it("renew the tokens one after the other: the second takes what the first has stored, and goes on with it", async () => {
		const { browser, first, second } = await twoTabs();
		for (const client of [first, second, second, first]) {
			await client.refresh();
			assert.deepEqual(client.tokens, browser.tokens);
			for (const each of [first, second]) assert.ok((await each.auth.getUserInfo()).user);
		}
		assert.deepEqual([first.state, second.state, browser.deletions], ["ready", "ready", 0]);
	});

	it("renew them once when both want to at the same time, where there are Web Locks", async () => {
		await withLocks(async () => {
			const { browser, first, second } = await twoTabs();
			const before = browser.tokens?.refreshToken;
			await Promise.all([first.refresh(), second.refresh()]);
			assert.notEqual(browser.tokens?.refreshToken, before);
			for (const client of [first, second]) {
				assert.deepEqual(client.tokens, browser.tokens);
				assert.ok((await client.auth.getUserInfo()).user);
			}
		});
	});
});

describe("a client whose renewal another program has done", () => {
	const scripted = async () => {
		const gateway = await FakeGateway.start();
		after(() => gateway.stop());
		gateway.servesSessions();
		gateway.on(authRoutes.refreshToken, () => ({ tokens: tokenPair("a9", "r9") }));
		return gateway;
	};
	const sentTokens = (gateway: FakeGateway, name: string, field: string) =>
		gateway.named(name).map(({ body }) => body[field]);

	it("presents the new access token, and spends no refresh token", async () => {
		const gateway = await scripted();
		const browser = new Browser();
		const client = tab(gateway.url, { tokens: browser });
		await client.login({ username: "ann", password: "x" });
		browser.tokens = tokenPair("a2", "r2");
		assert.equal((await client.refresh()).accessToken, "a2");
		assert.deepEqual(sentTokens(gateway, "auth.connect", "accessToken"), ["a2"]);
		assert.deepEqual(sentTokens(gateway, "auth.refreshToken", "refreshToken"), []);
	});

	it("spends the stored refresh token when the access token beside it has expired as well", async () => {
		const gateway = await scripted();
		const browser = new Browser();
		const client = tab(gateway.url, { tokens: browser });
		await client.connectWithToken(tokenPair("a1", "r1", -2_000));
		await until(() => browser.tokens?.accessToken === "a9");
		browser.tokens = { ...tokenPair("a10", "r10"), accessExpiresAtMs: Date.now() - 1_000 };
		await client.connectWithToken(tokenPair("a3", "r3", -5_000));
		assert.ok(sentTokens(gateway, "auth.refreshToken", "refreshToken").length > 1);
	});

	it("does not go back to older tokens of a storage that failed to save, or keeps none", async () => {
		for (const tokens of [
			{ load: () => tokenPair("a0", "r0") },
			{ load: () => tokenPair("a0", "r0"), save: () => Promise.reject(new Error("disk full")) },
			{ load: () => ({ ...tokenPair("a0", "r0"), accessExpiresAtMs: Date.now() - 1 }), save: () => {} },
		] satisfies TokenStorage[]) {
			const gateway = await scripted();
			const client = tab(gateway.url, { tokens, onError: () => {} });
			await client.login({ username: "ann", password: "x" });
			await client.refresh();
			assert.deepEqual(sentTokens(gateway, "auth.refreshToken", "refreshToken"), ["r1"]);
		}
	});

	it("does not delete what another login has stored when its own session ends", async () => {
		const gateway = await scripted();
		const browser = new Browser();
		const client = tab(gateway.url, { tokens: browser });
		await client.login({ username: "ann", password: "x" });
		await until(() => browser.tokens?.accessToken === "a1");
		browser.tokens = tokenPair("b1", "s1");
		gateway.socket.close(CloseCode.REVOKED, "revoked: replaced");
		await until(() => client.state === "closed");
		await new Promise((resolve) => setImmediate(resolve));
		assert.deepEqual([client.tokens, browser.tokens?.accessToken, browser.deletions], [undefined, "b1", 0]);
	});

	it("waits no longer than half a minute for a program that holds the lock, and spends nothing then", async () => {
		const gateway = await scripted();
		const client = tab(gateway.url, { tokens: new Browser() });
		await client.login({ username: "ann", password: "x" });
		const locks = { request: () => Promise.reject(new DOMException("the lock is held", "TimeoutError")) };
		Object.defineProperty(globalThis.navigator, "locks", { value: locks, configurable: true });
		try {
			await assert.rejects(client.refresh(), { code: ErrorCode.UNAVAILABLE });
		} finally {
			Reflect.deleteProperty(globalThis.navigator, "locks");
		}
		assert.equal(client.state, "ready");
		assert.deepEqual(sentTokens(gateway, "auth.refreshToken", "refreshToken"), []);
	});
});

describe("more connections of a session than there may be", () => {
	it("come to rest: the oldest is closed, stays closed, and may be opened again", async () => {
		const gateway = await startGateway({ env: { FRAMEGATE_LIMITS_MAX_CONNECTIONS_PER_SESSION: "1" } });
		after(() => gateway.stop());
		const browser = new Browser();
		const first = tab(gateway.url, { tokens: browser });
		await first.connect();
		await first.auth.register({ username: "ann", password: PASSWORD });
		await first.login({ username: "ann", password: PASSWORD });
		const closed: number[] = [];
		first.onState((state, { close }) => state === "closed" && closed.push(close?.code ?? 0));
		const second = tab(gateway.url, { tokens: browser });
		await second.connect();
		await until(() => first.state === "closed");
		assert.ok((await second.auth.getUserInfo()).user);
		assert.deepEqual([closed, second.state], [[CloseCode.TAKEN_OVER], "ready"]);
		assert.ok(first.tokens, "the session goes on");
		await assert.rejects(first.auth.getUserInfo(), { code: ErrorCode.UNAVAILABLE });
		await first.connect();
		await until(() => second.state === "closed");
		assert.ok((await first.auth.getUserInfo()).user);
	});

	it("also with a gateway that sends the older code", async () => {
		const gateway = await FakeGateway.start();
		after(() => gateway.stop());
		gateway.servesSessions();
		const client = tab(gateway.url);
		await client.login({ username: "ann", password: "x" });
		gateway.socket.close(CloseCode.REPLACED, "replaced");
		await until(() => client.state === "closed");
		assert.equal(gateway.sockets.length, 1);
	});
});

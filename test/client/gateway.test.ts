// The client against the real gateway, after the tests against the scripted one in client.test.ts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, type ClientOptions, createClient, ErrorCode } from "../../client/index.ts";
import { authRoutes, pushes, SessionRevoked_Reason } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { network } from "./network.ts";

let gateway: GatewayProcess;
const clients: Client[] = [];
const PASSWORD = "correct horse battery";

before(async () => {
	// The lifetime of tokens is so short that every client here has to renew them in time.
	gateway = await startGateway({ env: { FRAMEGATE_AUTH_ACCESS_TOKEN_TTL_MS: "4000" } });
});

after(async () => {
	for (const client of clients) client.close();
	await gateway.stop();
});

function connectable(options: Partial<ClientOptions> = {}): Client {
	const client = createClient({ url: gateway.url, ...options });
	clients.push(client);
	return client;
}

async function member(username: string, options: Partial<ClientOptions> = {}): Promise<Client> {
	const client = connectable(options);
	await client.connect();
	await client.auth.register({ username, password: PASSWORD, email: `${username}@example.com` });
	await client.login({ username, password: PASSWORD, deviceId: "phone" });
	return client;
}

test("an account registers, logs in, asks about itself, resumes on another connection and logs out", async () => {
	const ann = await member("ann");
	assert.equal(ann.state, "ready");
	assert.ok((ann.sessionInfo?.heartbeatIntervalMs ?? 0) > 0);
	const info = await ann.auth.getUserInfo();
	assert.equal(info.user?.email, "ann@example.com");
	const beat = await ann.auth.heartbeat({ clientTimeMs: 42 });
	assert.equal(beat.clientTimeMs, 42);
	const { tokens } = ann;
	ann.close();

	const resumed = connectable({ tokens: { load: () => tokens } });
	await resumed.connect();
	assert.equal(resumed.user?.username, "ann");
	assert.equal((await resumed.logout()).sessionsEnded, 1);
	assert.equal(resumed.state, "open");
	await assert.rejects(resumed.auth.getUserInfo(), { code: ErrorCode.UNAUTHENTICATED });
});

test("validation errors name the fields", async () => {
	const client = connectable();
	await client.connect();
	await assert.rejects(client.auth.register({ username: "x", password: "short" }), {
		code: ErrorCode.VALIDATION_FAILED,
		violations: [
			{ field: "username", description: "must be at least 3 characters" },
			{ field: "password", description: "must be at least 8 characters" },
		],
	});
});

test("renews tokens before they expire, on the same connection", async () => {
	let renewed = (): void => {};
	const twice = new Promise<void>((resolve) => {
		renewed = resolve;
	});
	let saves = 0;
	const bob = await member("bob", { tokens: { save: () => void (++saves === 3 && renewed()) } });
	const first = bob.tokens?.refreshToken;
	await twice;
	assert.notEqual(bob.tokens?.refreshToken, first);
	assert.equal((await bob.auth.getUserInfo()).user?.username, "bob");
	assert.equal(bob.state, "ready");
});

test("a newer login of the same device ends the older session", async () => {
	const older = await member("cat");
	const reason = new Promise<number | undefined>((resolve) => {
		older.on(pushes.sessionRevoked, (revoked) => resolve(revoked.reason));
	});
	const closed = new Promise<void>((resolve) => {
		older.onState((state) => state === "closed" && resolve());
	});
	const newer = connectable();
	await newer.login({ username: "cat", password: PASSWORD, deviceId: "phone" });
	assert.equal(await reason, SessionRevoked_Reason.REPLACED);
	await closed;
	assert.equal(older.tokens, undefined);
	assert.equal(newer.state, "ready");
});

test("a client that returns with an expired access token receives missed messages first, then live ones", async () => {
	const wire = network();
	const [dan, eve] = [
		await member("dan", { WebSocket: wire.WebSocket, backoff: { minMs: 5, maxMs: 20 } }),
		await member("eve"),
	];
	const [received, recoveries]: [string[], boolean[]] = [[], []];
	dan.on(pushes.messagePosted, ({ message }) => received.push(message?.content?.text ?? ""));
	dan.onRecovery(({ recovered }) => recoveries.push(recovered));
	const danId = dan.user?.id ?? "";
	const refreshToken = dan.tokens?.refreshToken;
	const expiresAtMs = dan.tokens?.accessExpiresAtMs ?? 0;
	const say = async (text: string) => void (await eve.chat.sendPrivate(danId, text));
	await say("before");
	await until(() => received.length === 1);
	wire.cut();
	await say("missed 1");
	await say("missed 2");
	await until(() => Date.now() > expiresAtMs);
	// Between the renewal and Connect, on a connection that is authenticated already.
	wire.before.set(authRoutes.connect.number, async () => {
		assert.notEqual(dan.tokens?.refreshToken, refreshToken);
		await say("live");
	});
	wire.mend();
	await until(() => dan.state === "ready");
	await say("after");
	await until(() => received.includes("after"));
	assert.deepEqual(received, ["before", "missed 1", "missed 2", "live", "after"]);
	assert.deepEqual(recoveries, [true, true]);
});

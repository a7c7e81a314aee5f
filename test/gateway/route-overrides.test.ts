// Routes that an administrator changes while the gateway runs: on every surface, on all nodes, and after a restart.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { chatRoutes } from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const ADMIN = "an-admin-token-of-a-test";

describe("routes that are changed while the gateway runs", { timeout: 180_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-routes-"));
	let redis: RealServer;
	let one: GatewayProcess;
	let other: GatewayProcess;
	let token: string;
	const start = () =>
		startGateway({
			env: {
				...UNLIMITED,
				REDIS_URL: redis.url,
				FRAMEGATE_DATABASE_URL: `sqlite:${join(dir, "framegate.db")}`,
				FRAMEGATE_MODULES_DIR: join(dir, "."),
				FRAMEGATE_ADMIN_TOKENS: ADMIN,
				FRAMEGATE_AUTH_SECRET: "a-secret-of-a-test-that-is-long-enough-for-it",
			},
		});
	const change = (gateway: GatewayProcess, body: object) =>
		post(`${gateway.httpUrl}/api/routes`, { token: ADMIN, ...body });
	const listRooms = (gateway: GatewayProcess) => post(`${gateway.httpUrl}/game/listRooms`, {}, token);

	before(async () => {
		writeFileSync(join(dir, "shop.ts"), moduleSource());
		redis = await startRedis();
		one = await start();
		other = await start();
		token = await accessTokenOf(one.httpUrl, "ann");
	});
	after(async () => {
		await Promise.all([one, other].map((gateway) => gateway.kill9()));
		await redis.stop();
		rmSync(dir, { recursive: true });
	});

	it("a permission, a cost: on every surface, on both nodes", async () => {
		assert.equal((await listRooms(one)).status, 200);
		const { data } = (await change(one, { route: "game.listRooms", permission: "game.vip", cost: 5, by: "ops" })).body;
		assert.deepEqual(
			[data.permission, data.cost, data.enabled, data.changed_by, data.own.permission],
			["game.vip", 5, true, "ops", "session"],
		);
		assert.equal((await listRooms(one)).body.code, "PERMISSION_DENIED");
		await until(async () => (await listRooms(other)).body.code === "PERMISSION_DENIED");
		const { routes } = (await get(`${one.httpUrl}/`)).body;
		const listed = routes.find(({ endpoint }: { endpoint: string }) => endpoint === "/game/listRooms");
		assert.equal(listed.permission, "game.vip");
	});

	it("a route that is switched off is served nowhere, of the gateway and of a module", async () => {
		await change(one, { route: "chat.getHistory", enabled: false });
		const { client } = await WireClient.member(one.url, "bob");
		const reply = await client.ask(chatRoutes.getHistory, {});
		assert.equal(reply.code, ErrorCode.UNKNOWN_PROTOCOL);
		client.socket.close();
		assert.equal((await post(`${one.httpUrl}/chat/getHistory`, {}, token)).status, 404);
		assert.equal((await post(`${one.httpUrl}/shop/get`, {}, token)).status, 200);
		await change(one, { route: "shop.get", enabled: false });
		assert.equal((await post(`${one.httpUrl}/shop/get`, {}, token)).status, 404);
		await until(async () => (await post(`${other.httpUrl}/shop/get`, {}, token)).status === 404);
	});

	it("it is kept: a node that starts serves the same, and goes back when it is asked to", async () => {
		await other.kill9();
		other = await start();
		assert.equal((await listRooms(other)).body.code, "PERMISSION_DENIED");
		assert.equal((await post(`${other.httpUrl}/shop/get`, {}, token)).status, 404);
		await change(other, { route: "game.listRooms", permission: null, cost: null });
		await change(other, { route: "shop.get", enabled: true });
		assert.equal((await listRooms(other)).status, 200);
		assert.equal((await post(`${other.httpUrl}/shop/get`, {}, token)).status, 200);
		await until(async () => (await listRooms(one)).status === 200);
		const { data } = (await get(`${one.httpUrl}/api/routes`, ADMIN)).body;
		const changed = (data as { route: string; changed_at?: string }[]).filter(
			({ changed_at }) => changed_at !== undefined,
		);
		assert.deepEqual(
			changed.map(({ route }) => route),
			["chat.getHistory"],
		);
	});

	it("wants an admin token, and names what is wrong", async () => {
		assert.equal((await get(`${one.httpUrl}/api/routes`)).status, 401);
		assert.equal((await post(`${one.httpUrl}/api/routes`, { token, route: "game.listRooms" })).status, 403);
		for (const [body, field] of [
			[{ route: "auth.connect", enabled: false }, "route"],
			[{ route: "game.listRooms", cost: "5" }, "cost"],
			[{ route: "game.listRooms", enable: false }, "enable"],
			[{ routes: "game.listRooms", enabled: false }, "routes"],
			[{ route: "game.listRooms", enabled: "no" }, "enabled"],
			[{ route: 5 }, "route"],
		] as const) {
			const { status, body: answer } = await change(one, body);
			assert.deepEqual([status, answer.violations[0].field], [422, field]);
		}
	});
});

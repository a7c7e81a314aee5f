// A canary on two nodes that share a Redis: a share of users gets it on both, it goes back by itself, and a node that is killed in the
// middle serves afterwards what the other one serves.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { UNLIMITED } from "../security/raw-peer.ts";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const ADMIN = "an-admin-token-of-a-test";
const USERS = 16;

describe("a canary on two nodes", { timeout: 240_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	const data = mkdtempSync(join(tmpdir(), "framegate-data-"));
	let redis: RealServer;
	let one: GatewayProcess;
	let other: GatewayProcess;
	let tokens: readonly string[];

	const start = (id: string) =>
		startGateway({
			env: {
				...UNLIMITED,
				REDIS_URL: redis.url,
				FRAMEGATE_DATABASE_URL: `sqlite:${join(data, "shared.db")}`,
				FRAMEGATE_NODE_ID: id,
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_MODULES_TRIAL_MIN_CALLS: "10",
				FRAMEGATE_MODULES_TRIAL_MAX_SLOWDOWN: "0",
				ADMIN_TOKENS: ADMIN,
				FRAMEGATE_LOG_LEVEL: "info",
				FRAMEGATE_AUTH_SECRET: "a-secret-of-a-test-that-is-long-enough-for-it",
			},
		});

	before(async () => {
		write(1);
		redis = await startRedis();
		one = await start("one");
		other = await start("other");
		tokens = await Promise.all(Array.from({ length: USERS }, (_, index) => accessTokenOf(one.httpUrl, `user${index}`)));
	});
	after(async () => {
		await Promise.all([one?.kill9(), other?.kill9()]);
		await redis?.stop();
		for (const folder of [dir, data]) rmSync(folder, { recursive: true });
	});

	const write = (version: number, first = "") =>
		writeFileSync(join(dir, "shop.ts"), moduleSource({ run: `${first} return { version: ${version} };` }));
	const admin = async (path: string, body: object, node = one) =>
		(await post(`${node.httpUrl}${path}`, { token: ADMIN, ...body })).body;
	const begin = (more: object = {}) =>
		admin("/api/modules/canary", { module: "shop", share: 0.5, calls: 0, duration_ms: 0, by: "ann", ...more });
	const versionOf = async (node: GatewayProcess, token: string): Promise<number | string> => {
		const { body } = await post(`${node.httpUrl}/shop/get`, {}, token);
		return body.data?.version ?? body.code;
	};
	const versions = (node: GatewayProcess) => Promise.all(tokens.map((token) => versionOf(node, token)));
	const listed = async (node: GatewayProcess) => (await get(`${node.httpUrl}/api/modules`, ADMIN)).body.data[0];
	const all = (version: number) => Array.from({ length: USERS }, () => version);

	it("a share of users gets the new one, each the same on both nodes, and operators see which", async () => {
		write(2);
		const { data: report } = await begin();
		assert.deepEqual(report.problems, []);
		assert.deepEqual(
			report.nodes.map(({ node, outcome }: { node: string; outcome: string }) => `${node} ${outcome}`).sort(),
			["one switched", "other switched"],
		);
		const here = await versions(one);
		assert.deepEqual(await versions(other), here);
		assert.ok(here.includes(1) && here.includes(2), String(here));
		const { generation, canary } = await listed(other);
		assert.deepEqual([generation, canary.generation, canary.share, canary.by], [1, 2, 0.5, "ann"]);
		const metrics = (await get(`${other.httpUrl}/metrics`)).body as string;
		assert.match(metrics, /framegate_module_canary_share\{module="shop",generation="2"\} 0\.5/);
		assert.match(metrics, /framegate_module_canary_calls\{module="shop",generation="1",side="beside"\} [1-9]/);
		assert.match(metrics, /framegate_module_canary_calls\{module="shop",generation="2",side="canary"\} [1-9]/);
	});

	it("a node that is killed and started again takes part in it, though its files are those of the canary", async () => {
		const before = await versions(one);
		await other.kill9();
		assert.deepEqual(await versions(one), before);
		other = await start("other");
		assert.deepEqual(await versions(other), before);
		assert.deepEqual((await admin("/api/modules/promote", { module: "shop" }, other)).data.problems, []);
		assert.deepEqual([await versions(one), await versions(other)], [all(2), all(2)]);
	});

	it("goes back by itself when it fails, on both, and the other users see nothing of it", async () => {
		write(3, 'throw new Error("worse");');
		assert.deepEqual((await begin()).data.problems, []);
		const first = await versions(one);
		const members = tokens.filter((_, index) => first[index] === "INTERNAL");
		const others = tokens.filter((_, index) => first[index] !== "INTERNAL");
		assert.ok(members.length > 0 && others.length > 0, String(first));
		await until(async () => {
			const answers = await Promise.all(others.map((token) => versionOf(one, token)));
			assert.deepEqual([...new Set(answers)], [2]);
			return (await Promise.all(members.map((token) => versionOf(one, token)))).every((found) => found === 2);
		});
		await until(async () => (await listed(other)).canary === undefined);
		assert.deepEqual(await versions(other), all(2));
		await until(() => /"generation":3,"beside":2,"reason":"100\.0 % of \d+ calls failed/.test(one.log()));
	});

	it("a node that starts after that does not serve its code either", async () => {
		await other.kill9();
		other = await start("other");
		assert.deepEqual(await versions(other), all(2));
		await until(() => other.log().includes("the files of a module are code that was gone back from"));
	});

	it("a node that is killed while it has voted: the others begin it, and so does the one in its place", async () => {
		write(4);
		const beginning = begin();
		await until(async () => {
			return /"msg":"modules are prepared/.test(other.log()) || (await listed(one)).canary !== undefined;
		});
		await other.kill9();
		assert.deepEqual((await beginning).data.problems, []);
		other = await start("other");
		const here = await versions(one);
		assert.deepEqual(await versions(other), here);
		assert.ok(here.includes(4) && here.includes(2), String(here));
		const back = await admin("/api/modules/rollback", { module: "shop" }, other);
		assert.deepEqual(back.data.problems, []);
		assert.deepEqual([await versions(one), await versions(other)], [all(2), all(2)]);
	});

	it("is promoted by itself after so many calls on both", async () => {
		write(5);
		assert.deepEqual((await begin({ calls: 20 })).data.problems, []);
		await until(async () => {
			const found = [...(await versions(one)), ...(await versions(other))];
			return found.every((version) => version === 5);
		});
		await until(async () => (await listed(one)).canary === undefined);
	});

	it("names what is wrong with a request, and what keeps a canary from beginning", async () => {
		const field = async (body: object) => (await admin("/api/modules/canary", body)).violations?.[0]?.field;
		assert.equal(await field({ module: 5 }), "module");
		assert.equal(await field({ module: "shop", share: 2 }), "share");
		assert.equal(await field({ module: "shop", calls: -1 }), "calls");
		assert.equal(await field({ module: "shop", duration_ms: "x" }), "duration_ms");
		writeFileSync(join(dir, "shop.ts"), moduleSource({ input: "size: z.string().optional()" }));
		const { problems } = (await begin()).data;
		assert.match(problems[0].message, /called in the same way as the generation beside it .*input\.size is gone/);
		assert.equal(problems[0].file, "shop.ts");
		assert.equal((await post(`${one.httpUrl}/api/modules/canary`, { module: "shop" })).status, 401);
	});
});

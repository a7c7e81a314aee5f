// A reload that one process is asked for, in all processes that share a Redis: two nodes of two workers each.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const ADMIN = "an-admin-token-of-a-test";
const WORKERS = 4;

interface Node {
	readonly node: string;
	readonly outcome: string;
	readonly problems: readonly { readonly message: string }[];
}

describe("two nodes of two workers each", { timeout: 180_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	const data = mkdtempSync(join(tmpdir(), "framegate-data-"));
	let redis: RealServer;
	let nodes: readonly GatewayProcess[] = [];
	let one: GatewayProcess;
	let other: GatewayProcess;

	before(async () => {
		write(1);
		redis = await startRedis();
		const own = (id: string) => ({
			FRAMEGATE_NODE_ID: id,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(data, `${id}.db`)}`,
		});
		const env = {
			REDIS_URL: redis.url,
			FRAMEGATE_MODULES_DIR: dir,
			FRAMEGATE_SERVER_WORKERS: "2",
			FRAMEGATE_MODULES_TRIAL_CALLS: "1000",
			FRAMEGATE_MODULES_TRIAL_MIN_CALLS: "10",
			FRAMEGATE_MODULES_TRIAL_MAX_SLOWDOWN: "0",
			ADMIN_TOKENS: ADMIN,
			FRAMEGATE_LOG_LEVEL: "info",
			FRAMEGATE_AUTH_SECRET: "a-secret-of-a-test-that-is-long-enough-for-it",
		};
		[one, other] = await Promise.all([
			startGateway({ env: { ...env, ...own("one") } }),
			startGateway({ env: { ...env, ...own("other"), OTHER_NODE: "1" } }),
		]);
		nodes = [one, other];
	});
	after(async () => {
		await Promise.all(nodes.map((node) => node.kill9()));
		await redis.stop();
		for (const folder of [dir, data]) rmSync(folder, { recursive: true });
	});

	const write = (version: number, more = "", first = "") =>
		writeFileSync(
			join(dir, "shop.ts"),
			moduleSource({
				options: 'permission: "public",',
				output: "version: z.number(), pid: z.number()",
				run: `${first} return { version: ${version}, pid: process.pid };`,
				more,
			}),
		);
	const reload = async () => (await post(`${one.httpUrl}/api/reload`, { token: ADMIN })).body;

	/** What each worker serves, when each has been asked: which one answers is up to the kernel. */
	async function served(node: GatewayProcess): Promise<ReadonlyMap<number, number>> {
		const versions = new Map<number, number>();
		await until(async () => {
			const response = await fetch(`${node.httpUrl}/shop/get`, {
				method: "POST",
				body: "{}",
				headers: { "content-type": "application/json", connection: "close" },
			});
			const { data } = (await response.json()) as { data: { pid: number; version: number } };
			versions.set(data.pid, data.version);
			return versions.size >= WORKERS / 2;
		});
		return versions;
	}

	async function versions(): Promise<readonly number[]> {
		return (await Promise.all(nodes.map(served))).flatMap((workers) => [...workers.values()]);
	}

	it("all switch together, and the answer says so of each process", async () => {
		assert.deepEqual(await versions(), [1, 1, 1, 1]);
		write(2);
		const { data } = await reload();
		const outcomes = (data.nodes as readonly Node[]).map(({ node, outcome }) => `${node} ${outcome}`).sort();
		assert.deepEqual(outcomes, ["one-1 switched", "one-2 switched", "other-1 switched", "other-2 switched"]);
		assert.deepEqual(await versions(), [2, 2, 2, 2], "without waiting: the answer comes when all have");
	});

	it("a node that cannot load keeps all on what they have, and is named", async () => {
		write(3, 'load() { if (process.env.OTHER_NODE) throw new Error("no database here"); },');
		const { data } = await reload();
		assert.deepEqual(data.loaded, []);
		assert.match(data.problems[0].message, /^node other-[12] could not load it: no database here/);
		const failed = (data.nodes as readonly Node[]).filter(
			({ problems }) => problems[0]?.message === "no database here",
		);
		assert.deepEqual(failed.map(({ node }) => node).sort(), ["other-1", "other-2"]);
		assert.deepEqual(await versions(), [2, 2, 2, 2]);
	});

	it("a process that is killed between barrier and switch: the others switch, and so does the one in its place", async () => {
		const [victim] = (await served(other)).keys();
		const prepared = () => other.log().split("modules are prepared").length - 1;
		const before = prepared();
		// The first node takes its time, so that the second one has voted, and waits for the decision.
		write(4, "load: () => process.env.OTHER_NODE ? undefined : new Promise((done) => setTimeout(done, 2000)),");
		const reloading = reload();
		await until(() => prepared() === before + 2);
		process.kill(victim as number, "SIGKILL");
		const { data } = await reloading;
		assert.deepEqual((data.nodes as readonly Node[]).map(({ outcome }) => outcome).sort(), [
			"gone",
			"switched",
			"switched",
			"switched",
		]);
		const workers = await served(other);
		assert.ok(!workers.has(victim as number));
		assert.deepEqual(await versions(), [4, 4, 4, 4]);
	});

	it("a rollback is one of all", async () => {
		const { body } = await post(`${other.httpUrl}/api/modules/rollback`, { token: ADMIN, module: "shop" });
		assert.equal((body.data.nodes as readonly Node[]).filter(({ outcome }) => outcome === "switched").length, WORKERS);
		assert.deepEqual(await versions(), [2, 2, 2, 2]);
	});

	it("a new generation that fails in its first calls goes back on all of them", async () => {
		write(5, "", 'throw new Error("worse");');
		assert.equal((await reload()).data.loaded.length, 1);
		await until(async () => (await post(`${one.httpUrl}/shop/get`, {})).status === 200);
		assert.deepEqual(await versions(), [2, 2, 2, 2]);
		const reason = /"reason":"100\.0 % of \d+ calls failed, before it were 0\.0 %"/;
		await until(() => reason.test(one.log() + other.log()));
		assert.deepEqual((await reload()).data.unchanged, ["shop"], "its files do not bring it back");
	});

	it("the configuration is read again everywhere", async () => {
		await post(`${other.httpUrl}/api/reload-config`, { token: ADMIN });
		await until(() => nodes.every((node) => node.log().split("configuration reloaded").length > 2));
	});
});

// A reload that one process is asked for, in all processes that share a Redis.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const ADMIN = "an-admin-token-of-a-test";

it("modules and configuration are reloaded on both nodes", { timeout: 120_000 }, async () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	const write = (version: number) =>
		writeFileSync(
			join(dir, "shop.ts"),
			moduleSource({ options: 'permission: "public",', run: `return { version: ${version} };` }),
		);
	write(1);
	const redis = await startRedis();
	const env = { REDIS_URL: redis.url, FRAMEGATE_MODULES_DIR: dir, ADMIN_TOKENS: ADMIN, FRAMEGATE_LOG_LEVEL: "info" };
	const nodes = [await startGateway({ env }), await startGateway({ env })];
	const [one, other] = nodes.map(({ httpUrl }) => httpUrl) as [string, string];
	const served = async (url: string): Promise<number> => (await post(`${url}/shop/get`, {})).body.data?.version;
	try {
		assert.deepEqual([await served(one), await served(other)], [1, 1]);
		write(2);
		const { body } = await post(`${one}/api/reload`, { token: ADMIN });
		assert.equal(body.data.loaded.length, 1);
		assert.equal(await served(one), 2);
		await until(async () => (await served(other)) === 2);
		await post(`${other}/api/reload-config`, { token: ADMIN });
		await until(() => nodes.every((node) => node.log().includes("configuration reloaded")));
	} finally {
		await Promise.all(nodes.map((node) => node.kill9()));
		await redis.stop();
		rmSync(dir, { recursive: true });
	}
});

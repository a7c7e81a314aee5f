// A permission that is taken away between select and operate, as it happens in a running gateway.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { edgeControlRoutes, pushes } from "../../../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../../../support/gateway.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";
import { WireClient } from "../../../support/wire-client.ts";
import { target } from "./fixture.ts";

const MAIN = fileURLToPath(new URL("../../../../server/main.ts", import.meta.url));
const { selectPoint, operatePoint, commandStatus } = edgeControlRoutes;

describe("a permission revoked mid-session", { timeout: 120_000 }, () => {
	const directory = mkdtempSync(path.join(tmpdir(), "framegate-revoked-"));
	let redis: RealServer;
	let gateway: GatewayProcess;
	let env: Record<string, string>;
	before(async () => {
		redis = await startRedis();
		env = {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${path.join(directory, "shared.db")}`,
			FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer",
			FRAMEGATE_EDGE_SIMULATOR_ENABLED: "true",
		};
		gateway = await startGateway({ env, dataDirectory: directory });
	});
	after(async () => {
		await gateway.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});

	test("the point is free at once, and the connection, as one of a new login, may look but not operate", async () => {
		const { client: ada } = await WireClient.member(gateway.url, "ada");
		const { client: bob } = await WireClient.member(gateway.url, "bob");
		const select = (client: WireClient) => client.ask(selectPoint, { target: target(1), value: 1 });
		const selected = await select(ada);
		assert.equal(selected.code ?? 0, 0, selected.error?.message);
		const { selectId = "" } = selectPoint.reply.decode(selected.body ?? new Uint8Array());
		assert.equal((await select(bob)).code, ErrorCode.CONFLICT);

		const args = [MAIN, "user", "set-roles", "ada", "--role", "viewer"];
		const all = { ...env, PATH: process.env["PATH"], FRAMEGATE_PROFILE: "test", FRAMEGATE_DATA_DIR: directory };
		const changed = spawnSync(process.execPath, args, { cwd: directory, env: all, encoding: "utf8" });
		assert.equal(changed.status, 0, changed.stderr);

		await until(() => ada.pushes.some(({ protocol }) => protocol === pushes.userChanged.number));
		await until(async () => ((await select(bob)).code ?? 0) === 0);
		const { client: again } = await WireClient.member(gateway.url, "ada");
		for (const client of [ada, again]) {
			const operated = await client.ask(operatePoint, { selectId, value: 1 });
			assert.equal(operated.code, ErrorCode.PERMISSION_DENIED);
			assert.equal((await select(client)).code, ErrorCode.PERMISSION_DENIED);
			assert.equal((await client.ask(commandStatus, { commandId: "none" })).code, ErrorCode.NOT_FOUND);
		}
		for (const client of [ada, again, bob]) await client.close();
	});
});

// The proof of a rolling upgrade finds nodes that do not agree, and passes those that do.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { agreement } from "../../../bench/prove/agreement.ts";
import { buildCommit } from "../../../bench/prove/built-commit.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { startRedis } from "../../support/redis-server.ts";

interface Scope {
	after(task: () => unknown): void;
}

const builds = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("framegate-prove-commit-"));

/** Two nodes on one SQL database and one Redis, in which each has the keys that begin with its prefix. */
async function nodes(scope: Scope, prefixes: readonly [string, string]): Promise<[GatewayProcess, GatewayProcess]> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-agreement-"));
	scope.after(() => rmSync(directory, { recursive: true, force: true }));
	const redis = await startRedis();
	scope.after(() => redis.stop());
	const start = async (prefix: string): Promise<GatewayProcess> => {
		const env = {
			REDIS_URL: redis.url,
			FRAMEGATE_REDIS_KEY_PREFIX: prefix,
			DATABASE_URL: `sqlite:${directory}/shared.db`,
		};
		const node = await startGateway({ env, dataDirectory: directory });
		scope.after(() => node.kill9());
		return node;
	};
	// One after the other: two processes that start at once on a new file would both find it empty.
	const first = await start(prefixes[0]);
	return [first, await start(prefixes[1])];
}

test("nodes that share what they keep in Redis agree in both directions", async (context) => {
	const checks = await agreement(await nodes(context, ["one:", "one:"]), ["a", "b"]);
	assert.equal(checks.length, 12);
	assert.deepEqual(
		checks.filter(({ holds }) => !holds),
		[],
	);
});

test("nodes of which each has Redis keys of its own disagree in every check", async (context) => {
	const checks = await agreement(await nodes(context, ["one:", "two:"]), ["a", "b"], 3000);
	assert.deepEqual(
		checks.filter(({ holds }) => holds),
		[],
	);
});

test("a commit that does not exist is named, and nothing of it is left", async () => {
	const before = builds();
	await assert.rejects(buildCommit("no-such-commit"), /no such commit: no-such-commit/);
	assert.deepEqual(
		builds().filter((name) => !before.includes(name) && existsSync(join(tmpdir(), name))),
		[],
	);
});

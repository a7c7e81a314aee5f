// What a gateway logs of services that are not there: one line with code and address, at start and while it runs, and nothing when it
// closes its own connections.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { freePort } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

/** Some fields and a sentence; a stack alone is longer. */
const MAX_LINE = 400;

const warnings = (gateway: GatewayProcess): string[] =>
	gateway
		.log()
		.split("\n")
		.filter((line) => /"level":"(?:warn|error|fatal)"/.test(line));

function assertShort(lines: readonly string[], port: number): void {
	for (const line of lines) {
		assert.ok(line.length < MAX_LINE && !line.includes('"stack"'), line);
		assert.ok(line.includes(`:${port}`), line);
	}
}

describe("a service that is not there", { timeout: 180_000 }, () => {
	for (const [name, env, message] of [
		[
			"PostgreSQL",
			(port: number) => ({ DATABASE_URL: `postgres://u@127.0.0.1:${port}/x` }),
			/SQL database is unreachable/,
		],
		["MariaDB", (port: number) => ({ DATABASE_URL: `mysql://u@127.0.0.1:${port}/x` }), /SQL database is unreachable/],
		["Redis", (port: number) => ({ REDIS_URL: `redis://127.0.0.1:${port}` }), /Redis is unavailable/],
	] as const) {
		test(`at start, ${name}: short lines with code and address`, async () => {
			const port = await freePort();
			const gateway = await startGateway({ env: env(port), untilLive: true });
			await until(() => warnings(gateway).some((line) => message.test(line)));
			await gateway.stop();
			const lines = warnings(gateway);
			assertShort(lines, port);
			const own = lines.filter((line) => message.test(line));
			assert.equal(own.length, 1);
			assert.match(own[0] ?? "", /"code":"ECONNREFUSED"/);
		});
	}

	for (const [name, start] of [
		["PostgreSQL", startPostgres],
		["MariaDB", startMariadb],
	] as const) {
		test(`while the gateway runs, ${name}: one line, whatever finds out first`, async () => {
			const server = await start();
			const gateway = await startGateway({ env: { DATABASE_URL: server.url } });
			await server.stop();
			const isNoticed = () => warnings(gateway).some((line) => line.includes("the SQL database is unavailable"));
			await until(async () => (await fetch(`${gateway.httpUrl}/ready`)).status === 503 && isNoticed());
			await gateway.stop();
			const lines = warnings(gateway).filter((line) => line.includes("the SQL database"));
			assert.equal(lines.length, 1);
			assertShort(lines, server.port);
		});
	}

	test("while the gateway runs, Redis: a line for each kind of connection; and none after an orderly drain", async () => {
		const [redis, lost] = await Promise.all([startRedis(), startRedis()]);
		const gateway = await startGateway({ env: { REDIS_URL: redis.url, EDGE_REDIS_URL: lost.url } });
		await lost.stop();
		await until(() => warnings(gateway).some((line) => line.includes("Redis is unavailable")));
		const before = warnings(gateway);
		assertShort(before, lost.port);
		assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
		assert.deepEqual(
			warnings(gateway)
				.slice(before.length)
				.filter((line) => line.includes(`:${redis.port}`)),
			[],
		);
		await redis.stop();
	});
});

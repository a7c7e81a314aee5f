// Whether a box is there is only asked while nothing else is asked of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { BoxLink } from "../../../../services/edge/redis/box-link.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";

let server: RealServer;
let field: Redis;
before(async () => {
	server = await startRedis();
	field = new Redis(server.url);
});
after(async () => {
	field.disconnect();
	await server.stop();
});

async function pings(): Promise<number> {
	return Number(/cmdstat_ping:calls=(\d+)/.exec(await field.info("commandstats"))?.[1] ?? 0);
}

test("a box that answers is not asked whether it does, and is asked again once it is left alone", async () => {
	const link = new BoxLink({ name: "", url: server.url, heartbeatMs: 1000 }, quietLogger());
	try {
		await until(() => link.isUp);
		const before = await pings();
		const endMs = performance.now() + 2500;
		while (performance.now() < endMs) await link.run((client) => client.exists("key"));
		assert.equal(await pings(), before);
		await until(async () => (await pings()) > before);
		assert.ok(link.isUp);
	} finally {
		await link.close();
	}
});

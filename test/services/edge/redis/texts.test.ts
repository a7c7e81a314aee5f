// Documents of a box, which may be long and many: other connections are served while they are read, and who asks pays for them.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { GatewayError } from "../../../../protocol/error.ts";
import { BoxState } from "../../../../services/edge/boxes/box.ts";
import { Boxes } from "../../../../services/edge/boxes/boxes.ts";
import { EdgePolicy } from "../../../../services/edge/edge-policy.ts";
import { Models } from "../../../../services/edge/models/models.ts";
import { Rules } from "../../../../services/edge/models/rules.ts";
import { cut } from "../../../../services/edge/redis/box-json.ts";
import { RedisBox } from "../../../../services/edge/redis/box-redis.ts";
import { readTexts } from "../../../../services/edge/redis/texts.ts";
import { PointMeter } from "../../../../services/edge/telemetry/point-meter.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";
import { type BoxFixture, openBoxFixture } from "./box-fixture.ts";

const DOCUMENTS = 50;
const DOCUMENT_BYTES = 60_000;

describe("documents of a box", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;

	before(async () => {
		fixture = await openBoxFixture();
		const pipeline = fixture.field.pipeline();
		for (let index = 0; index < DOCUMENTS; index++) pipeline.set(`document:${index}`, "x".repeat(DOCUMENT_BYTES));
		await pipeline.exec();
	});
	after(() => fixture.close());

	it("are used in turns of the event loop, however many read meanwhile", async () => {
		const keys = Array.from({ length: DOCUMENTS }, (_, index) => `document:${index}`);
		let turns = 0;
		let isReading = true;
		const count = () => {
			turns++;
			if (isReading) setImmediate(count);
		};
		setImmediate(count);
		const usedInTurn = new Map<number, number>();
		const use = () => usedInTurn.set(turns, (usedInTurn.get(turns) ?? 0) + 1);
		const bounds = { maxBytes: DOCUMENT_BYTES };
		await Promise.all([0, 1, 2].map(() => readTexts(fixture.link, keys, bounds, use)));
		isReading = false;
		const used = [...usedInTurn.values()].reduce((sum, one) => sum + one, 0);
		assert.equal(used, 3 * DOCUMENTS);
		assert.ok(Math.max(...usedInTurn.values()) <= 2, `${Math.max(...usedInTurn.values())} in one turn`);
	});

	it("longer ones than wanted are not used, and what is no string is left out", async () => {
		await fixture.field.rpush("document:list", "item");
		const used: number[] = [];
		let bytes = 0;
		const onRead = (count: number) => {
			bytes += count;
		};
		const keys = ["document:list", "document:none", "document:0", "document:1"];
		await fixture.field.set("document:1", "short");
		await readTexts(fixture.link, keys, { maxBytes: 100, onRead }, (_, index) => used.push(index));
		assert.deepEqual(used, [3]);
		assert.equal(bytes, 101 + 5);
	});

	it("lists of models and rules are paid for by their bytes, also where none can be read", async () => {
		const { field, server } = fixture;
		const box = new RedisBox({ link: { name: "", url: server.url }, dialect: "v1" }, quietLogger());
		const pipeline = field.pipeline();
		for (let index = 0; index < 30; index++) {
			pipeline.sadd("modsrv:models", `m${index}`).set(`modsrv:model:m${index}`, "{".repeat(100_000));
			pipeline.sadd("rulesrv:rules", `r${index}`).set(`rulesrv:rule:r${index}`, "{".repeat(100_000));
		}
		await pipeline.exec();
		await until(() => box.condition.state === BoxState.UP);
		const clock = handClock();
		const meter = () => new PointMeter(clock, { readPointsPerSecond: 10_000, readPointsBurst: 20_000 });
		const boxes = new Boxes([box]);
		const policy = new EdgePolicy([]);
		const models = new Models({ boxes, policy, meter: meter() });
		const publisher = { publish: async () => assert.fail("nothing is published") };
		const rules = new Rules({
			...{ boxes, policy, clock, leases: new Map(), meter: meter(), logger: quietLogger() },
			publisher: publisher as never,
		});
		for (const list of [() => models.list("eva", "", "", "", 100), () => rules.list("eva", "", false, "", 100)]) {
			assert.deepEqual(await list(), { items: [], nextCursor: "" });
			const error = (await rejectionOf(list())) as GatewayError;
			assert.equal(error.code, ErrorCode.RATE_LIMITED);
			assert.ok((error.retryAfterMs ?? 0) > 1000, "3 MB are more than two seconds' worth");
		}
		assert.deepEqual((await models.list("another", "", "", "", 1)).items, []);
		await box.close();
	});

	it("what is cut from a long text does not keep all of it in memory", () => {
		setFlagsFromString("--expose-gc");
		const gc = runInNewContext("gc") as () => void;
		gc();
		const before = process.memoryUsage().heapUsed;
		const kept = Array.from({ length: 64 }, (_, index) =>
			cut(Buffer.alloc(1024 * 1024, `${index} `).toString("latin1"), 256),
		);
		gc();
		const grown = process.memoryUsage().heapUsed - before;
		assert.equal(kept.length, 64);
		assert.ok(grown < 8 * 1024 * 1024, `${grown} bytes are kept`);
	});
});

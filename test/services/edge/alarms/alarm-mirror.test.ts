// What a node has read of a box's alarms, where reads are slow and their result is older than what is known by then.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AlarmStatus } from "../../../../protocol/gen/schema.ts";
import { AlarmMirror } from "../../../../services/edge/alarms/alarm-mirror.ts";
import type { BoxAlarm } from "../../../../services/edge/boxes/box-alarms.ts";
import { EdgePolicy } from "../../../../services/edge/edge-policy.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { alarmRecord, FakeAlarms } from "./fake-box.ts";

/** Reads the records when it is asked, and brings them when the test says so. */
class SlowAlarms extends FakeAlarms {
	holds = false;
	private held: (() => void)[] = [];

	override async get(ids: readonly string[]): Promise<readonly (BoxAlarm | undefined)[]> {
		const found = await super.get(ids);
		if (this.holds) await new Promise<void>((resolve) => this.held.push(resolve));
		return found;
	}

	release(): void {
		for (const resolve of this.held.splice(0)) resolve();
	}
}

function setUp() {
	const alarms = new SlowAlarms();
	alarms.put(alarmRecord("a"), false);
	const mirror = new AlarmMirror({ alarms, policy: new EdgePolicy(), clock: handClock(), logger: quietLogger() });
	const changed: string[] = [];
	mirror.onChange((ids) => changed.push(...ids));
	return { alarms, mirror, changed };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a mirror of alarms", () => {
	it("keeps what was written through while an older state was being read", async () => {
		const { alarms, mirror, changed } = setUp();
		await mirror.poll();
		alarms.holds = true;
		const polling = mirror.poll();
		await turn();
		const acknowledged = await alarms.acknowledge("a", { by: "ada", comment: "", atMs: 5 });
		mirror.take(acknowledged);
		alarms.release();
		await polling;
		assert.equal(mirror.get("a")?.status, AlarmStatus.ACKNOWLEDGED);
		assert.deepEqual(changed, ["a", "a"], "found, acknowledged, and not undone");
	});

	it("reads the record from the box again afterwards", async () => {
		const { alarms, mirror } = setUp();
		await mirror.poll();
		mirror.take(await alarms.acknowledge("a", { by: "ada", comment: "", atMs: 5 }));
		alarms.put(alarmRecord("a", { status: AlarmStatus.RESOLVED }), false);
		await mirror.poll();
		assert.equal(mirror.get("a")?.status, AlarmStatus.RESOLVED);
	});

	it("that closes rejects callers that wait for its first read", async () => {
		const { alarms, mirror } = setUp();
		alarms.isUnreachable = true;
		await mirror.poll();
		const looking = mirror.waitForFirstRead(60_000);
		await mirror.close();
		await looking;
		assert.equal(mirror.asOfMs, 0);
	});
});

// When a process counts as paused, and until when it has not read what waits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PauseMonitor } from "../../common/pause-monitor.ts";

function fixture() {
	const time = { ms: 0, wallMs: 1_000_000 };
	const clock = { monotonic: () => time.ms, now: () => time.wallMs };
	const monitor = new PauseMonitor({ clock, intervalMs: 1000 });
	const pass = (ms: number) => {
		time.ms += ms;
		time.wallMs += ms;
	};
	return { time, monitor, pass };
}

test("ticks in time, early or a little late are no pause", () => {
	const { monitor, pass } = fixture();
	for (const ms of [1000, 400, 1500]) {
		pass(ms);
		assert.equal(monitor.isRecovering, false);
		assert.equal(monitor.tick(), 0);
	}
	assert.equal(monitor.pausedMs, 0);
});

test("a pause is known before its tick, and until the tick after it", () => {
	const { monitor, pass } = fixture();
	pass(31_000);
	assert.equal(monitor.isRecovering, true, "whichever timer fires first");
	assert.equal(monitor.tick(), 30_000);
	assert.equal(monitor.isRecovering, true, "what waits is read in this round");
	pass(1000);
	assert.equal(monitor.isRecovering, true);
	assert.equal(monitor.tick(), 0);
	assert.equal(monitor.isRecovering, false);
	assert.equal(monitor.pausedMs, 30_000);
});

test("a pause behind a pause is another one", () => {
	const { monitor, pass } = fixture();
	pass(5000);
	assert.equal(monitor.tick(), 4000);
	pass(3000);
	assert.equal(monitor.tick(), 2000);
	pass(1000);
	assert.equal(monitor.tick(), 0);
	assert.equal(monitor.pausedMs, 6000);
});

test("a suspended machine shows by the wall clock; one that is set back shows nothing", () => {
	const { time, monitor, pass } = fixture();
	pass(1000);
	time.wallMs += 3_600_000;
	assert.equal(monitor.isRecovering, true);
	assert.equal(monitor.tick(), 3_600_000);
	pass(1000);
	time.wallMs -= 3_600_000;
	assert.equal(monitor.tick(), 0);
	pass(1000);
	assert.equal(monitor.tick(), 0);
});

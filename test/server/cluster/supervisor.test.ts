// The supervisor's bounds: crash loops, successors that do not come up, workers that do not end.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Logger } from "../../../common/logger.ts";
import { assertPortFree, ListenError } from "../../../server/cluster/port-check.ts";
import { Supervisor } from "../../../server/cluster/supervisor.ts";
import { tiedFork } from "../../support/tied-process.ts";

const FIXTURE = fileURLToPath(new URL("./fixtures/worker.ts", import.meta.url));
type Mode = "listen" | "crash" | "abort" | "stubborn" | "hasty";

const silent: Logger = {
	debug() {},
	info() {},
	warn() {},
	error() {},
	fatal() {},
	child: () => silent,
	isLevelEnabled: () => false,
};

interface Run {
	readonly supervisor: Supervisor;
	readonly children: ChildProcess[];
	/** Resolves with the child once it has said that it listens. */
	listening(index: number): Promise<ChildProcess>;
}

function supervisorOf(modeOf: (slot: number, generation: number) => Mode, workers = 1, drainLimitMs = 60_000): Run {
	const children: ChildProcess[] = [];
	const messages: Promise<unknown>[] = [];
	const arrivals: (() => void)[] = [];
	const supervisor = new Supervisor({
		workers,
		logger: silent,
		fork: (slot, generation) => {
			const child = fork(FIXTURE, [modeOf(slot, generation)], tiedFork([]));
			children.push(child);
			messages.push(once(child, "message"));
			for (const arrive of arrivals.splice(0)) arrive();
			return child;
		},
		drainLimitMs,
		listenLimitMs: 60_000,
		restartDelayMs: 1,
		maxRestartDelayMs: 4,
		stableAfterMs: 3_600_000,
		maxCrashes: 3,
	});
	const listening = async (index: number): Promise<ChildProcess> => {
		while (messages.length <= index) await new Promise<void>((resolve) => arrivals.push(resolve));
		await messages[index];
		return children[index] as ChildProcess;
	};
	return { supervisor, children, listening };
}

test("restarts for ever what once listened, however often it crashes in a row", async () => {
	const crashes = 12;
	// Crashes before it listens as well: what it once could, it may again.
	const modes: readonly Mode[] = ["abort", "abort", "crash", "crash", "crash", "crash", "abort"];
	const { supervisor, children, listening } = supervisorOf((slot, generation) => {
		if (slot === 2 || generation > crashes) return "listen";
		return modes[(generation - 1) % modes.length] as Mode;
	}, 2);
	const run = supervisor.run();
	const last = await Promise.race([run, listening(1 + crashes)]);
	assert.notEqual(last, 1, "gave up");
	assert.equal(children.length, 2 + crashes);
	assert.equal(children[1]?.exitCode ?? children[1]?.signalCode, null, "the neighbour is left alone");
	supervisor.stop();
	assert.equal(await run, 0);
});

test("gives up the whole group when one worker never comes to listen", async () => {
	const { supervisor, children } = supervisorOf((slot) => (slot === 1 ? "listen" : "crash"), 2);
	assert.equal(await supervisor.run(), 1);
	assert.equal(children.length, 1 + 3);
	assert.deepEqual(supervisor.pids, []);
});

test("kills a worker that does not drain in time", async () => {
	const { supervisor, listening } = supervisorOf(() => "stubborn", 1, 20);
	const run = supervisor.run();
	const child = await listening(0);
	supervisor.stop();
	assert.equal(await run, 0);
	assert.equal(child.signalCode, "SIGKILL");
});

test("kills a worker after the limit that it has reported itself", { timeout: 30_000 }, async () => {
	const { supervisor, listening } = supervisorOf(() => "hasty");
	const run = supervisor.run();
	const child = await listening(0);
	supervisor.stop();
	assert.equal(await run, 0);
	assert.equal(child.signalCode, "SIGKILL");
});

test("stops rolling at a successor that does not come up, and keeps the old workers", async () => {
	const { supervisor, children, listening } = supervisorOf(
		(_, generation) => (generation === 1 ? "listen" : "crash"),
		2,
	);
	const run = supervisor.run();
	await Promise.all([listening(0), listening(1)]);
	assert.equal(await supervisor.roll(), false);
	assert.equal(children.length, 3);
	assert.deepEqual(supervisor.pids, [children[0]?.pid, children[1]?.pid]);
	supervisor.stop();
	assert.equal(await run, 0);
});

test("rolls once at a time, and not while stopping", async () => {
	const { supervisor, children, listening } = supervisorOf(() => "listen");
	const run = supervisor.run();
	await listening(0);
	assert.deepEqual(await Promise.all([supervisor.roll(), supervisor.roll()]), [true, false]);
	assert.equal(children.length, 2);
	supervisor.stop();
	assert.equal(await supervisor.roll(), false);
	assert.equal(await run, 0);
});

test("stops while it waits to restart a worker", async () => {
	const { supervisor, children, listening } = supervisorOf(() => "listen");
	const run = supervisor.run();
	const child = await listening(0);
	child.kill("SIGKILL");
	await once(child, "exit");
	supervisor.stop();
	assert.equal(await run, 0);
	assert.deepEqual(supervisor.pids, []);
	assert.ok(children.length <= 2);
});

test("an address that this machine does not have is said so", async () => {
	await assert.rejects(assertPortFree("192.0.2.1", 9), (error) => {
		assert.ok(error instanceof ListenError);
		assert.match(error.message, /cannot listen on 192\.0\.2\.1:9: (this machine has no such address|no permission)/);
		return true;
	});
});

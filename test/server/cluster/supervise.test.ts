// Several processes on one port, from the command down: crash, roll, drain, and a supervisor that is killed.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { freePort } from "../../support/real-server.ts";
import { until } from "../../support/until.ts";
import { askPid, type GatewayProcess, startGateway } from "./gateway-process.ts";

interface Cluster {
	readonly gateway: GatewayProcess;
	readonly port: number;
	/** Process ids of the first workers, by slot. */
	readonly pids: ReadonlyMap<number, number>;
}

async function startCluster(t: TestContext, env: Record<string, string> = {}): Promise<Cluster> {
	const port = await freePort();
	const shared = { REDIS_URL: "redis://127.0.0.1", DATABASE_URL: "sqlite:x", GATEWAY_ID: "gw" };
	const gateway = startGateway(t, { PORT: `${port}`, WORKERS: "2", ...shared, ...env });
	const pids = new Map<number, number>();
	while (pids.size < 2) {
		const { worker, workerPid } = await gateway.next("worker listening");
		pids.set(Number(worker), Number(workerPid));
	}
	return { gateway, port, pids };
}

test("SIGTERM drains all workers and exits with 0", async (t) => {
	const { gateway, port, pids } = await startCluster(t);
	assert.ok([...pids.values()].includes(await askPid(port)));
	assert.deepEqual(
		new Set([
			(await gateway.next("framegate is listening"))["node"],
			(await gateway.next("framegate is listening"))["node"],
		]),
		new Set(["gw-1", "gw-2"]),
	);
	gateway.child.kill("SIGTERM");
	assert.equal((await gateway.next("worker drained"))["code"], 0);
	assert.equal((await gateway.next("worker drained"))["code"], 0);
	assert.deepEqual(await gateway.exited, { code: 0, signal: null });
});

test("a second signal kills workers that do not drain", async (t) => {
	const { gateway } = await startCluster(t, { FIXTURE_DRAIN: "hang" });
	gateway.child.kill("SIGTERM");
	await gateway.next("draining");
	await until(() => !gateway.child.kill("SIGTERM"));
	assert.deepEqual(await gateway.exited, { code: 143, signal: null });
	await gateway.silent;
});

test("signals to the whole group, twice: all workers drain", async (t) => {
	const { gateway, pids } = await startCluster(t, { FIXTURE_DRAIN: "until SIGWINCH" });
	const group = [Number(gateway.child.pid), ...pids.values()];
	for (const pid of [...group, ...group]) process.kill(pid, "SIGTERM");
	await gateway.next("draining all workers");
	for (const _ of pids) await gateway.next("draining");
	for (const pid of pids.values()) process.kill(pid, "SIGWINCH");
	for (const _ of pids) assert.equal((await gateway.next("worker drained"))["code"], 0);
	assert.deepEqual(await gateway.exited, { code: 0, signal: null });
});

test("a killed worker is replaced, its neighbour left alone", async (t) => {
	const { gateway, pids } = await startCluster(t);
	process.kill(pids.get(1) ?? 0, "SIGKILL");
	const ended = await gateway.next("worker ended unexpectedly");
	assert.deepEqual([ended["worker"], ended["signal"]], [1, "SIGKILL"]);
	const { worker, workerPid } = await gateway.next("worker listening");
	assert.equal(worker, 1);
	assert.notEqual(workerPid, pids.get(1));
	process.kill(pids.get(2) ?? 0, 0);
});

test("SIGUSR2 replaces every worker, each successor listening before its predecessor drains", async (t) => {
	const { gateway, port, pids } = await startCluster(t);
	gateway.child.kill("SIGUSR2");
	const successors: number[] = [];
	for (const slot of [1, 2]) {
		const successor = await gateway.next("worker listening");
		assert.equal(successor["worker"], slot);
		successors.push(Number(successor["workerPid"]));
		const drained = await gateway.next("worker drained");
		assert.equal(drained["workerPid"], pids.get(slot));
		assert.ok(successor.order < drained.order);
	}
	await gateway.next("all workers replaced");
	assert.ok(successors.includes(await askPid(port)));
	gateway.child.kill("SIGTERM");
	assert.equal((await gateway.exited).code, 0);
});

test("SIGHUP reaches every worker", async (t) => {
	const { gateway } = await startCluster(t);
	gateway.configure("limits:\n  maxConnections: 9\n");
	gateway.child.kill("SIGHUP");
	const pids = [await gateway.next("gateway reloaded"), await gateway.next("gateway reloaded")].map(({ pid }) => pid);
	assert.notEqual(pids[0], pids[1]);
});

test("workers end when their supervisor is killed", async (t) => {
	const { gateway, port } = await startCluster(t);
	gateway.child.kill("SIGKILL");
	await gateway.next("the supervisor is gone");
	await gateway.silent;
	await assert.rejects(askPid(port), { code: "ECONNREFUSED" });
});

// Reloads under load: calls that fail, calls that another generation answered, what a reload leaves in memory, and what a call of a
// module costs over one of a built-in route.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";
import type { Context, Outcome, Scenario } from "../../scenario.ts";
import { pause, showSummary, summary } from "../../scenario.ts";
import { accessTokens } from "../../servers/accounts.ts";
import { metricOf } from "../../servers/framegate.ts";
import type { ServerProcess } from "../../servers/server-process.ts";
import { Callers, type CallFigures, post } from "./callers.ts";
import { moduleSource, PROBE } from "./source.ts";

const CALLS_PER_SECOND = 2000;
/** Between two looks at the heap. */
const HEAP_EVERY = 25;
const ADMIN = "an-admin-token-of-the-bench";
/** Rounds of each kind of call, in turns. */
const CPU_ROUNDS = 5;
/** No further reload begins after this. */
const MAX_RELOADS_MS = 900_000;
const OUTSTANDING = 64;

interface ReloadRun {
	readonly calls: CallFigures;
	readonly reloadMs: readonly number[];
	/** After each `HEAP_EVERY` reloads, after collections. */
	readonly heapBytes: readonly number[];
	readonly held: number;
	/** Timers of the process beyond those that it had before the first reload. */
	readonly timers: number;
}

async function reloads(context: Context, { port }: ServerProcess, dir: string, count: number): Promise<ReloadRun> {
	const callers = new Callers(port);
	const rate = context.settings.rate ?? CALLS_PER_SECOND;
	const { timers: timersBefore } = await probe(port);
	await callers.start(rate);
	const reloadMs: number[] = [];
	const heapBytes: number[] = [];
	const untilMs = performance.now() + MAX_RELOADS_MS;
	for (let version = 1; version <= count && performance.now() < untilMs; version++) {
		writeFileSync(join(dir, "shop.ts"), moduleSource(version));
		const beganMs = performance.now();
		const { body } = await post(port, "/api/reload", { token: ADMIN });
		reloadMs.push(performance.now() - beganMs);
		const { data } = JSON.parse(body) as { data: { loaded: readonly object[]; problems: readonly object[] } };
		if (data.loaded.length !== 1) throw new Error(`reload ${version}: ${body}`);
		callers.serving = version;
		if (version % HEAP_EVERY === 0) heapBytes.push((await probe(port)).bytes);
	}
	await callers.stop();
	// Replaced generations whose last calls have just ended.
	await pause(1500);
	for (let round = 0; round < 3; round++) await probe(port);
	const held = await metricOf(port, 'framegate_module_generations_held{module="shop"}');
	const timers = (await probe(port)).timers - timersBefore;
	return { calls: callers.figures, reloadMs, heapBytes, held, timers };
}

async function probe(port: number): Promise<{ readonly bytes: number; readonly timers: number }> {
	const { body } = await post(port, "/probe/heap", {});
	return (JSON.parse(body) as { data: { bytes: number; timers: number } }).data;
}

/** Bytes that each further reload leaves, by a line through the values (least squares). */
function bytesPerReload(heapBytes: readonly number[]): number {
	const middle = (heapBytes.length - 1) / 2;
	const mean = heapBytes.reduce((sum, bytes) => sum + bytes, 0) / heapBytes.length;
	let over = 0;
	let under = 0;
	for (const [index, bytes] of heapBytes.entries()) {
		over += (index - middle) * (bytes - mean);
		under += (index - middle) ** 2;
	}
	return over / under / HEAP_EVERY;
}

/** CPU of the server for one call, in microseconds, in a closed loop on one connection. */
async function cpuPerCall(server: ServerProcess, token: string, frame: string, seconds: number): Promise<number> {
	const url = `ws://127.0.0.1:${server.port}/ws?token=${token}`;
	const socket = new WebSocket(url, ["framegate.v1.json"]);
	// The reply to the token of the address.
	await new Promise((resolve, reject) => {
		socket.once("message", resolve);
		socket.once("error", reject);
	});
	let answered = 0;
	let isOver = false;
	socket.on("message", (data: Buffer) => {
		if (!data.includes('"serverTimeMs"') && !data.includes('"server_time_ms"')) throw new Error(data.toString());
		answered++;
		if (!isOver) socket.send(frame);
	});
	for (let index = 0; index < OUTSTANDING; index++) socket.send(frame);
	await pause(500);
	const [before, beforeUs] = [answered, server.threadsUs()];
	await pause(seconds * 1000);
	const cost = (server.threadsUs() - beforeUs) / (answered - before);
	isOver = true;
	socket.terminate();
	return cost;
}

async function costs(server: ServerProcess, seconds: number) {
	const [token = ""] = await accessTokens(server.port, 1);
	const builtIn: number[] = [];
	const ofModule: number[] = [];
	for (let round = 0; round < CPU_ROUNDS; round++) {
		builtIn.push(
			await cpuPerCall(server, token, '{"protocol":1005,"seq":1,"body":{"clientTimeMs":1754530782005}}', seconds),
		);
		ofModule.push(
			await cpuPerCall(server, token, '{"protocol":7002,"seq":1,"body":{"client_time_ms":1754530782005}}', seconds),
		);
	}
	return { builtIn, ofModule, ratio: ofModule.map((cost, round) => cost / (builtIn[round] as number)) };
}

function outcome(
	run: ReloadRun,
	{ builtIn, ofModule, ratio }: Awaited<ReturnType<typeof costs>>,
	ratioBudget: string,
): Outcome {
	const { calls, reloadMs, heapBytes, held, timers } = run;
	const lastHalf = bytesPerReload(heapBytes.slice(heapBytes.length / 2));
	const all = bytesPerReload(heapBytes);
	const sorted = [...reloadMs].sort((one, other) => one - other);
	const p99 = sorted[Math.floor(sorted.length * 0.99)] as number;
	const [cost, own, over] = [summary(builtIn), summary(ofModule), summary(ratio)];
	const row = (what: string, value: string, budget = "") => ({ what, values: {}, result: value, budget });
	return {
		figures: {
			calls: calls.calls,
			calls_per_second: Math.round(calls.perSecond),
			calls_left_out: calls.leftOut,
			failed_calls: calls.failed,
			wrong_generation: calls.wrong,
			heap_bytes_per_reload: Math.round(all),
			heap_bytes_per_reload_last_half: Math.round(lastHalf),
			generations_held: held,
			timers_left: timers,
			reload_ms: { ...summary(reloadMs), p99 },
			ratio: { cpu_per_call: over.median },
		},
		raw: { ...run, builtIn, ofModule },
		rows: [
			row(`calls during ${reloadMs.length} reloads`, calls.calls.toLocaleString("en")),
			row("calls a second; left out, as too many were in flight", `${calls.perSecond.toFixed(0)}; ${calls.leftOut}`),
			row("failed", `${calls.failed}${calls.firstFailure && `: ${calls.firstFailure}`}`, "0"),
			row("by another generation than they began on", `${calls.wrong}`, "0"),
			row("heap after collections, bytes a reload", all.toFixed(0), "≤ 4096"),
			row("the same over the last half", lastHalf.toFixed(0), "≤ 4096"),
			row("generations in memory at the end", `${held}`, "1"),
			row("timers beyond those before the first reload", `${timers}`, "0"),
			row("reload (ms), p99", `${summary(reloadMs).median.toFixed(1)}, ${p99.toFixed(1)}`),
			row("CPU of a call, heartbeat and module (µs)", `${showSummary(cost)}, ${showSummary(own)}`),
			row("module : heartbeat", showSummary(over), ratioBudget),
		],
	};
}

interface Kind {
	readonly name: string;
	readonly title: string;
	readonly reloads: number;
	/** The section `modules.isolated`. */
	readonly isolated: object;
	readonly ratioBudget: string;
}

const scenario = ({ name, title, reloads: count, isolated, ratioBudget }: Kind): Scenario => ({
	name,
	title,
	defaults: { connections: 20, seconds: 2 },
	steps: () => 2,
	async run(context) {
		const dir = mkdtempSync(join(tmpdir(), "framegate-bench-modules-"));
		writeFileSync(join(dir, "shop.ts"), moduleSource(0));
		writeFileSync(join(dir, "probe.ts"), PROBE);
		try {
			const server = await context.start("framegate", {
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_MODULES_ISOLATED: JSON.stringify(isolated),
				FRAMEGATE_MODULES_TRIAL_CALLS: "0",
				ADMIN_TOKENS: ADMIN,
				FRAMEGATE_LOG_LEVEL: "warn",
				NODE_OPTIONS: "--expose-gc",
			});
			context.progress.step("reloads under load");
			const run = await reloads(context, server, dir, count);
			context.progress.step("CPU of calls");
			return outcome(run, await costs(server, context.settings.seconds), ratioBudget);
		} finally {
			rmSync(dir, { recursive: true, force: true });
		}
	},
});

export const modules = scenario({
	name: "modules",
	title: "a module that is reloaded a thousand times under load",
	reloads: 1000,
	isolated: {},
	ratioBudget: "≤ 1.1",
});

/** Fewer: each starts a thread. */
export const moduleThreads = scenario({
	name: "module-threads",
	title: "a module in a thread of its own that is reloaded under load",
	reloads: 300,
	isolated: { shop: {} },
	ratioBudget: "",
});

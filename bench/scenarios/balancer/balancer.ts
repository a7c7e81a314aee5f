// Calls of an idempotent route at a fixed rate while endpoints of its service become slow, fail, stop, come and go: what clients see of each
// fault from one second after it on, which endpoint gets how much, and how many attempts are made while all endpoints fail.
import { type EtcdCluster, startEtcd } from "../../../test/support/etcd-server.ts";
import { until } from "../../../test/support/until.ts";
import { ORDERS_PROTO, startUpstream, type UpstreamProcess } from "../../../test/support/upstream/upstream-process.ts";
import { Status } from "../../../upstreams/endpoint-transport.ts";
import type { Context, Outcome, Row, Scenario } from "../../scenario.ts";
import { firstWords, pause } from "../../scenario.ts";
import type { ServerProcess } from "../../servers/server-process.ts";
import { Callers, type Interval } from "./callers.ts";
import { type ServiceCounts, serviceCounts } from "./service-counts.ts";

const CALLS_PER_SECOND = 2000;
const GET_ORDER = 9000;
/** What a call takes in a healthy endpoint, in milliseconds, and in one that is ten times as slow. */
const SERVICE_MS = 5;
const SLOW_MS = 50;
/** A fault shows; from then on it must not. */
const SETTLE_MS = 1000;
const WARM_UP_MS = 5000;
const RECOVERED_WITHIN_MS = 60_000;
const NAMES = ["slow", "failing", "stopped", "drained", "good", "added"] as const;

type Name = (typeof NAMES)[number];
type Upstreams = Readonly<Record<Name, UpstreamProcess>>;

interface Step {
	readonly title: string;
	readonly fault: () => Promise<void>;
}

interface Measured {
	readonly title: string;
	readonly calls: number;
	readonly errors: number;
	readonly settlingErrors: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly settlingP99Ms: number;
	readonly latenessP99Ms: number;
	/** Attempts by calls. */
	readonly attempts: number;
	/** Of the attempts, by endpoint, in percent. */
	readonly shares: Readonly<Record<string, number>>;
}

function settings(etcd: EtcdCluster): Readonly<Record<string, string>> {
	const route = { name: "orders", service: "orders", proto: ORDERS_PROTO, grpcService: "acme.orders.v1.OrderService" };
	return {
		ETCD_ENDPOINTS: etcd.endpoints.join(","),
		FRAMEGATE_UPSTREAMS_SERVICES: JSON.stringify({ orders: { discover: { from: "etcd", name: "orders" } } }),
		FRAMEGATE_UPSTREAMS_ROUTES: JSON.stringify([{ ...route, methods: { GetOrder: { number: GET_ORDER } } }]),
	};
}

const register = ({ json }: EtcdCluster, { name, port }: UpstreamProcess): Promise<void> =>
	json.put(`/services/orders/${name}`, JSON.stringify({ address: "127.0.0.1", port, weight: 1 }));

/** In the order in which they come; each adds to those before. */
function stepsOf(upstreams: Upstreams, etcd: EtcdCluster): readonly Step[] {
	const { slow, failing, stopped, drained, added } = upstreams;
	return [
		{ title: "healthy", fault: async () => {} },
		{ title: "one ten times slower", fault: () => slow.behave({ delayMs: SLOW_MS }) },
		{ title: "and one failing at once", fault: () => failing.behave({ failWith: Status.UNAVAILABLE }) },
		{ title: "and one stopped (SIGSTOP)", fault: async () => stopped.signal("SIGSTOP") },
		{ title: "and one added", fault: () => register(etcd, added) },
		{
			title: "and one drained",
			fault: async () => {
				await drained.behave({ delayMs: SERVICE_MS, health: 2 });
				await drained.behave({ delayMs: SERVICE_MS, health: 2, drain: true });
				await etcd.json.delete("/services/orders/drained");
			},
		},
	];
}

async function measure(run: Run, { title, fault }: Step, seconds: number): Promise<Measured> {
	const settling = run.callers.begin(`${title}: first second`);
	await fault();
	await pause(SETTLE_MS);
	const before = await serviceCounts(run.server.port);
	const interval = run.callers.begin(title);
	await pause(seconds * 1000);
	const after = await serviceCounts(run.server.port);
	return { title, ...figuresOf(settling, interval), ...sharesOf(before, after, run.upstreams) };
}

interface Run {
	readonly callers: Callers;
	readonly server: ServerProcess;
	readonly upstreams: Upstreams;
}

const errorsOf = ({ errors }: Interval): number => [...errors.values()].reduce((sum, count) => sum + count, 0);
const percentileMs = (of: Interval["latency"], percentile: number): number =>
	of.totalCount === 0 ? 0 : of.getValueAtPercentile(percentile) / 1000;

function figuresOf(settling: Interval, interval: Interval): Omit<Measured, "title" | "attempts" | "shares"> {
	return {
		calls: interval.calls,
		errors: errorsOf(interval),
		settlingErrors: errorsOf(settling),
		p50Ms: percentileMs(interval.latency, 50),
		p99Ms: percentileMs(interval.latency, 99),
		settlingP99Ms: percentileMs(settling.latency, 99),
		latenessP99Ms: percentileMs(interval.lateness, 99),
	};
}

function sharesOf(
	before: ServiceCounts,
	after: ServiceCounts,
	upstreams: Upstreams,
): Pick<Measured, "attempts" | "shares"> {
	const attempts = after.attempts - before.attempts;
	const shares = NAMES.flatMap((name) => {
		const { address } = upstreams[name];
		const ended = after.ended.get(address);
		if (ended === undefined) return [];
		return [[name, (100 * (ended - (before.ended.get(address) ?? 0))) / attempts] as const];
	});
	return { attempts: attempts / (after.calls - before.calls), shares: Object.fromEntries(shares) };
}

function outcome(steps: readonly Measured[], all: Measured, recoveredMs: number): Outcome {
	const [healthy] = steps as readonly [Measured];
	const last = steps.at(-1) as Measured;
	const show = (shares: Measured["shares"]): string =>
		Object.entries(shares)
			.map(([name, share]) => `${name} ${share.toFixed(1)}`)
			.join(", ");
	const rows: Row[] = steps.flatMap((step) => [
		{
			what: `${step.title}: p99 (ms)`,
			values: { framegate: `${step.p99Ms.toFixed(1)} (first second ${step.settlingP99Ms.toFixed(0)})` },
			result: (step.p99Ms / healthy.p99Ms).toFixed(2),
			budget: "≤ 2",
		},
		{
			what: "  errors of clients",
			values: { framegate: `${step.errors + step.settlingErrors} of ${step.calls} and more` },
			budget: "0",
		},
		{ what: "  attempts by endpoint (%)", values: { framegate: show(step.shares) } },
	]);
	rows.push(
		{
			what: "all failing: attempts by calls",
			values: { framegate: `${all.errors.toLocaleString("en")} errors of ${all.calls.toLocaleString("en")} calls` },
			result: all.attempts.toFixed(2),
			budget: "≤ 1.2",
		},
		{ what: "healthy again: first second without an error after (ms)", values: { framegate: recoveredMs.toFixed(0) } },
	);
	const errors = steps.reduce((sum, step) => sum + step.errors + step.settlingErrors, 0);
	const worst = Math.max(...steps.map((step) => step.p99Ms)) / healthy.p99Ms;
	const ratio = { p99_worst: worst, p99_all_faults: last.p99Ms / healthy.p99Ms, attempts_all_failing: all.attempts };
	return { figures: { ratio, client_errors: errors, recovered_ms: recoveredMs }, raw: [...steps, all], rows };
}

/** All endpoints that are left fail; then they are healthy, and the time until a second is without an error is taken. */
async function failAll(run: Run, seconds: number): Promise<readonly [Measured, number]> {
	const { upstreams, callers } = run;
	upstreams.stopped.signal("SIGCONT");
	const left = [upstreams.slow, upstreams.failing, upstreams.stopped, upstreams.good, upstreams.added];
	const behave = (behaviour: Parameters<UpstreamProcess["behave"]>[0]) =>
		Promise.all(left.map((upstream) => upstream.behave(behaviour)));
	const fault = async (): Promise<void> => void (await behave({ failWith: Status.UNAVAILABLE }));
	const all = await measure(run, { title: "all failing", fault }, seconds);
	await behave({ delayMs: SERVICE_MS });
	const beganMs = performance.now();
	while (performance.now() - beganMs < RECOVERED_WITHIN_MS) {
		const sinceMs = performance.now();
		const interval = callers.begin("recovering");
		await pause(SETTLE_MS);
		if (errorsOf(interval) === 0 && interval.latency.totalCount > 0) return [all, sinceMs - beganMs];
	}
	throw new Error("calls still fail a minute after all endpoints became healthy");
}

async function runWith(context: Context, etcd: EtcdCluster, upstreams: Upstreams): Promise<Outcome> {
	const { progress, settings: options } = context;
	progress.step("starting the gateway");
	const { added, ...first } = upstreams;
	await Promise.all(NAMES.map((name) => upstreams[name].behave({ delayMs: SERVICE_MS })));
	await Promise.all(Object.values(first).map((upstream) => register(etcd, upstream)));
	const server = await context.start("framegate", settings(etcd));
	await until(async () => (await serviceCounts(server.port)).available === Object.keys(first).length);
	const callers = new Callers(GET_ORDER, await firstWords("framegate", server, options.connections));
	await callers.connect(server.port);
	const run: Run = { callers, server, upstreams };
	progress.step("warming up");
	callers.begin("warming up");
	callers.start(options.rate ?? CALLS_PER_SECOND);
	await pause(WARM_UP_MS);
	const measured: Measured[] = [];
	for (const step of stepsOf(upstreams, etcd)) {
		progress.step(step.title);
		measured.push(await measure(run, step, options.seconds));
	}
	progress.step("all failing");
	const [all, recoveredMs] = await failAll(run, options.seconds);
	await callers.stop();
	return outcome(measured, all, recoveredMs);
}

export const balancer: Scenario = {
	name: "balancer",
	title: "what clients see of endpoints that are slow, fail, stop, come and go",
	defaults: { connections: 50, seconds: 10, rate: CALLS_PER_SECOND },
	steps: () => 9,
	async run(context) {
		const etcd = await startEtcd();
		const started = await Promise.all(NAMES.map((name) => startUpstream(name)));
		try {
			const upstreams = Object.fromEntries(
				started.map((upstream) => [upstream.name, upstream]),
			) as unknown as Upstreams;
			return await runWith(context, etcd, upstreams);
		} finally {
			for (const upstream of started) upstream.signal("SIGCONT");
			await Promise.all([...started.map((upstream) => upstream.stop()), etcd.stop()]);
		}
	},
};

// The balancer over real processes: one slow, one failing, one stopped, one added, one drained, under load, and all of them failing.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { systemClock } from "../../common/clock.ts";
import type { Endpoint } from "../../upstreams/endpoint-source.ts";
import { Status } from "../../upstreams/endpoint-transport.ts";
import { openerOf } from "../../upstreams/grpc/open-endpoint.ts";
import { upstreamServiceDefaults } from "../../upstreams/options.ts";
import { UpstreamService, type UpstreamServiceOptions } from "../../upstreams/upstream-service.ts";
import { systemSchedule } from "../../upstreams/waiting-calls.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { until } from "../support/until.ts";
import { startUpstream, type UpstreamProcess } from "../support/upstream/upstream-process.ts";
import { endpoint } from "./scripted-endpoints.ts";

const PATH = "/acme.orders.v1.OrderService/GetOrder";
const NO_BYTES = new Uint8Array(0);
/** Calls at a time: the rate is what the machine makes of it. */
const CONCURRENCY = 16;
/** Far more than any other takes, also where many processes want to run. */
const SLOW_MS = 200;

interface LiveService {
	readonly service: UpstreamService;
	use(...upstreams: readonly UpstreamProcess[]): Promise<void>;
}

function liveService(options: Partial<UpstreamServiceOptions> = {}): LiveService {
	const { retryShare, retryFloor, protectMs, ...defaults } = upstreamServiceDefaults;
	const logger = quietLogger();
	let listener: (endpoints: readonly Endpoint[]) => void = () => {};
	const service = new UpstreamService({
		...defaults,
		name: "orders",
		source: {
			watch: (_service, onChange) => {
				listener = onChange;
				return { close: async () => {} };
			},
		},
		sourceName: "orders",
		open: openerOf("orders", { ...defaults, tls: undefined, serverName: "" }, logger),
		isAllowed: () => true,
		maxEndpoints: 256,
		holdMs: protectMs,
		retries: { share: retryShare, floorPerSecond: retryFloor },
		slowStartMs: 500,
		nowMs: systemClock.monotonic,
		random: Math.random,
		schedule: systemSchedule,
		logger,
		...options,
	});
	service.start();
	return {
		service,
		use: async (...upstreams) => {
			listener(upstreams.map(({ address }) => endpoint(address)));
			await until(() => service.pool.endpoints.every(({ transport }) => transport.isReady));
		},
	};
}

/** Calls by workers of which each has one in flight. */
class Load {
	readonly errors: unknown[] = [];
	calls = 0;
	private isOver = false;
	private readonly workers: Promise<void>[];

	constructor(service: UpstreamService) {
		this.workers = Array.from({ length: CONCURRENCY }, () => this.work(service));
	}

	/** Waits for so many further calls. */
	async more(calls: number): Promise<void> {
		const target = this.calls + calls;
		await until(() => this.calls >= target);
	}

	async stop(): Promise<void> {
		this.isOver = true;
		await Promise.all(this.workers);
	}

	private async work(service: UpstreamService): Promise<void> {
		while (!this.isOver) {
			const context = { path: PATH, metadata: {} };
			const deadlineMs = systemClock.monotonic() + 10_000;
			const call = { context, body: NO_BYTES, deadlineMs, isIdempotent: true, stickyKey: undefined };
			await service.call(call).catch((error: unknown) => this.errors.push(error));
			this.calls++;
		}
	}
}

describe("balancer", { timeout: 120_000 }, () => {
	let upstreams: UpstreamProcess[];
	before(async () => {
		upstreams = await Promise.all([1, 2, 3, 4, 5, 6].map((index) => startUpstream(`orders-${index}`)));
	});
	afterEach(() => {
		for (const upstream of upstreams) upstream.signal("SIGCONT");
	});
	after(async () => {
		await Promise.all(upstreams.map((upstream) => upstream.stop()));
	});

	it("shows clients no error while one is slow, one fails, one is stopped, one is added and one is drained", async () => {
		const [slow, failing, stopped, drained, good, added] = upstreams as [
			UpstreamProcess,
			UpstreamProcess,
			UpstreamProcess,
			UpstreamProcess,
			UpstreamProcess,
			UpstreamProcess,
		];
		const { service, use } = liveService();
		await use(slow, failing, stopped, drained, good);
		const load = new Load(service);
		await load.more(500);
		await slow.behave({ delayMs: SLOW_MS });
		await load.more(500);
		await failing.behave({ failWith: Status.UNAVAILABLE });
		await load.more(500);
		stopped.signal("SIGSTOP");
		await load.more(1000);
		await use(slow, failing, drained, good, added, stopped);
		await load.more(1000);
		// It begins slowly, by time: on a busy machine more calls pass before it has its share.
		const isInUse = () => service.pool.endpoints.some(({ address, calls }) => address === added.address && calls > 100);
		await until(isInUse);
		await drained.behave({ health: 2 });
		await load.more(500);
		await drained.behave({ health: 2, drain: true });
		await load.more(1000);
		await load.stop();
		assert.deepEqual(load.errors, []);
		const attempts = new Map(service.pool.endpoints.map((state) => [state.address, state]));
		const failures = attempts.get(failing.address)?.failures ?? 0;
		assert.ok(failures >= 1 && failures < load.calls * 0.02, `${failures} failures of ${load.calls} calls`);
		const [slowCalls = 0, goodCalls = 0] = [slow, good].map(({ address }) => attempts.get(address)?.calls);
		assert.ok(slowCalls < goodCalls / 2, `the slow one has had ${slowCalls} calls, a good one ${goodCalls}`);
		assert.ok(service.figures.attempts <= load.calls * 1.2, `${service.figures.attempts} of ${load.calls} calls`);
		await service.close();
	});

	it("makes no more than a fifth more attempts than calls while all fail, and recovers by itself", async () => {
		const { service, use } = liveService({
			breaker: { ...upstreamServiceDefaults.breaker, openMs: 200, maxOpenMs: 400 },
		});
		const five = upstreams.filter(({ name }) => name !== "orders-4");
		await Promise.all(five.map((upstream) => upstream.behave({})));
		await use(...five);
		await Promise.all(five.map((upstream) => upstream.behave({ failWith: Status.UNAVAILABLE })));
		const load = new Load(service);
		await load.more(3000);
		assert.ok(
			service.figures.attempts <= load.calls * 1.2,
			`${service.figures.attempts} attempts of ${load.calls} calls`,
		);
		assert.ok(load.errors.length > 0);
		await Promise.all(five.map((upstream) => upstream.behave({})));
		await until(() => service.census().get("available") === 5 || service.census().get("ejected") === 1);
		await load.stop();
		await service.close();
	});
});

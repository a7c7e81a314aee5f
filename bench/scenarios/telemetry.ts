// Two hundred clients watch a box in the field: what a delivered point costs, over a bare publish of the same bytes encoded
// beforehand, and what is asked of the box's Redis with one client, some and many.
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { DataType, edgeTelemetryRoutes, SubscriptionMode } from "../../protocol/gen/schema.ts";
import type { Watching } from "../load/fleet.ts";
import type { Context, Outcome, Row, Scenario, Settings, Summary } from "../scenario.ts";
import { firstWords, pause, showSummary, subjectTitles, summary } from "../scenario.ts";
import { Box, type CommandCounts } from "../servers/box.ts";
import { metricOf } from "../servers/framegate.ts";
import type { ServerProcess } from "../servers/server-process.ts";

const CHANNELS = 50;
const POINTS = 20;
const POINTS_PER_TICK = CHANNELS * POINTS;
const FIRST_CHANNEL = 1001;
const INTERVAL_MS = 1000;
const KEEPALIVE_MS = 600_000;
/** More often than it is read, so that every reading finds every value changed, however the two clocks lie. */
const WRITTEN_EVERY_MS = 40;
/** The audience comes in at this pace, as people do who open a page after each other. */
const SUBSCRIBES_PER_SECOND = 100;
/**
 * Silence is measured several times, and the median counts: a late compilation, or a collection of all garbage, in one of them
 * would flatter the result. What a gateway does every few seconds is in each of them.
 */
const IDLE_WINDOWS = 3;
const WARM_UP_SECONDS = 3;
/**
 * A gateway that reads once a second takes minutes until the code that does is compiled as well as it will be for the rest
 * of its days: a compilation in each of the rounds would be measured as if it were a part of every tick. The shortest
 * interval gets it there sooner, and the rounds come before what runs other code.
 */
const COMPILE_INTERVAL_MS = 100;
/**
 * Pages that stay open from the beginning to the end, at the longest interval. If all clients left between the rounds, V8
 * would throw away optimized code with the last object of each kind that the code was optimized for ("weak objects" in
 * `--trace-deopt`), and each round would begin with compiling it again.
 */
const STAYING = { clients: 2, intervalMs: 60_000 } as const;
const MEBIBYTE = 1024 * 1024;

interface Extent {
	readonly rounds: number;
	readonly compileSeconds: number;
	readonly idleWindowMs: number;
}

/** Fourteen minutes: what the budget is for, and the README shows. */
const FULL: Extent = { rounds: 5, compileSeconds: 300, idleWindowMs: 5000 };
/** Less than four. Code is compiled less well, and what comes every few seconds may be missing from a window of silence. */
const SHORT: Extent = { rounds: 2, compileSeconds: 45, idleWindowMs: 2000 };
const extentOf = ({ isShort }: Settings): Extent => (isShort ? SHORT : FULL);

type Lane = "framegate" | "uws";

interface Measurement {
	readonly lane: Lane;
	readonly clients: number;
	readonly isDistinct: boolean;
	readonly points: number;
	readonly cpuUsPerPoint: number;
	/** With what it uses while its clients are silent. */
	readonly wholeCpuUsPerPoint: number;
	readonly jitterP50Us: number;
	readonly jitterP99Us: number;
	readonly rssBytes: number;
	/** What was taken off the CPU time. */
	readonly idleUsPerSecond: number;
	readonly commandsPerSecond: number;
	readonly commands: CommandCounts;
	readonly sample: Uint8Array;
}

interface Audience {
	readonly firstDataP50Us: number;
	readonly firstDataP99Us: number;
}

/** A subscription to everything; each `variant` is another view with the same points. */
function subscribeEnvelope(writer: EnvelopeWriter, variant: number, intervalMs = INTERVAL_MS): Uint8Array {
	const { number, request } = edgeTelemetryRoutes.subscribe;
	const subscription = {
		channels: Array.from({ length: CHANNELS }, (_, index) => FIRST_CHANNEL + index),
		dataTypes: [DataType.TELEMETRY],
		intervalMs,
		mode: SubscriptionMode.INTERVAL,
		// No batch is ever that late; a deadband would not do, as values sent in intervals have none.
		...(variant === 0 ? {} : { keepaliveMs: KEEPALIVE_MS + variant }),
	};
	return Uint8Array.from(writer.request(number, 2, request, subscription, ""));
}

class Bench {
	private readonly context: Context;
	private readonly box: Box;
	private readonly servers: Readonly<Record<Lane, ServerProcess>>;
	private readonly tokens: readonly Uint8Array[];
	private readonly idleUsPerSecond: Record<Lane, number> = { framegate: 0, uws: 0 };

	/** @param tokens - what presents each client to the gateway. */
	constructor(
		context: Context,
		box: Box,
		servers: Readonly<Record<Lane, ServerProcess>>,
		tokens: readonly Uint8Array[],
	) {
		this.context = context;
		this.box = box;
		this.servers = servers;
		this.tokens = tokens;
	}

	/** Clients connect; then they subscribe, and have their first data. */
	async gather(
		lane: Lane,
		clients: number,
		subscribe: readonly Uint8Array[],
		intervalMs = INTERVAL_MS,
	): Promise<Audience> {
		const { fleet } = this.context;
		const watching = this.watchingOf(lane, clients, subscribe);
		await fleet.watch(lane, { ...watching, intervalMs, isChecked: intervalMs === INTERVAL_MS });
		this.idleUsPerSecond[lane] = await idleUsPerSecond(this.servers[lane], extentOf(this.context.settings));
		const firstData = await fleet.subscribe(lane, SUBSCRIBES_PER_SECOND);
		return {
			firstDataP50Us: firstData.getValueAtPercentile(50),
			firstDataP99Us: firstData.getValueAtPercentile(99),
		};
	}

	/** @throws Error unless the gateway serves that many different views, beside that of who stays. */
	async expectViews(count: number): Promise<void> {
		const views = await metricOf(this.servers.framegate.port, "framegate_telemetry_views");
		if (views !== count + 1) throw new Error(`${views} views instead of ${count + 1}`);
	}

	/** Some who watch at a long interval, to the end. */
	async gatherStaying(): Promise<void> {
		const { fleet } = this.context;
		const { clients, intervalMs } = STAYING;
		const watching = this.watchingOf("framegate", clients, [subscribeEnvelope(new EnvelopeWriter(), 0, intervalMs)]);
		await fleet.watch("staying", { ...watching, intervalMs, isChecked: false });
		await fleet.subscribe("staying", SUBSCRIBES_PER_SECOND);
	}

	async measure(lane: Lane, clients: number, isDistinct = false): Promise<Measurement> {
		const { fleet, settings } = this.context;
		const server = this.servers[lane];
		const commandsBefore = await this.box.commands();
		const cpuBefore = server.threadsUs();
		const startMs = performance.now();
		const { points, jitter, sample } = await fleet.observe(lane, settings.seconds);
		const seconds = (performance.now() - startMs) / 1000;
		const wholeCpuUs = server.threadsUs() - cpuBefore;
		const commands = difference(await this.box.commands(), commandsBefore);
		const sum = Object.values(commands).reduce((total, count) => total + count, 0);
		return {
			lane,
			clients,
			isDistinct,
			points,
			commands,
			sample,
			cpuUsPerPoint: (wholeCpuUs - this.idleUsPerSecond[lane] * seconds) / points,
			wholeCpuUsPerPoint: wholeCpuUs / points,
			jitterP50Us: jitter.getValueAtPercentile(50),
			jitterP99Us: jitter.getValueAtPercentile(99),
			rssBytes: server.rssBytes(),
			idleUsPerSecond: this.idleUsPerSecond[lane],
			commandsPerSecond: sum / seconds,
		};
	}

	private watchingOf(
		lane: Lane,
		clients: number,
		subscribe: readonly Uint8Array[],
	): Omit<Watching, "intervalMs" | "isChecked"> {
		return {
			port: this.servers[lane].port,
			path: lane === "framegate" ? "/ws" : "/ticks",
			connections: clients,
			first: lane === "framegate" ? this.tokens.slice(0, clients) : [],
			subscribe,
			pointsPerTick: POINTS_PER_TICK,
			isSequenced: lane === "framegate",
		};
	}
}

/** CPU that a server uses while its clients are silent, in microseconds a second. */
async function idleUsPerSecond(server: ServerProcess, { idleWindowMs }: Extent): Promise<number> {
	const windows: number[] = [];
	for (let window = 0; window < IDLE_WINDOWS; window++) {
		const beforeUs = server.threadsUs();
		const startMs = performance.now();
		await pause(idleWindowMs);
		windows.push(((server.threadsUs() - beforeUs) * 1000) / (performance.now() - startMs));
	}
	return summary(windows).median;
}

function difference(after: CommandCounts, before: CommandCounts): CommandCounts {
	const counts = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
	return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** The gateway with one client, some, all, and all of them with views of their own. */
const AUDIENCES = ["one", "some", "all", "all distinct"] as const;
type AudienceName = (typeof AUDIENCES)[number];

interface Result {
	readonly audience: Audience;
	readonly measurement: Measurement;
}

async function run(context: Context): Promise<Outcome> {
	const { connections } = context.settings;
	const extent = extentOf(context.settings);
	const plan = { firstChannel: FIRST_CHANNEL, channels: CHANNELS, points: POINTS, everyMs: WRITTEN_EVERY_MS };
	const box = await Box.start(plan);
	try {
		context.progress.step("starting");
		const framegate = await context.start("framegate", {
			EDGE_REDIS_URL: box.url,
			FRAMEGATE_AUTH_DEFAULT_ROLE: "viewer",
		});
		const tokens = await firstWords("framegate", framegate, connections);
		const bench = new Bench(context, box, { framegate, uws: await context.start("uws") }, tokens);
		const writer = new EnvelopeWriter();
		const same = [subscribeEnvelope(writer, 0)];
		const distinct = Array.from({ length: connections }, (_, client) => subscribeEnvelope(writer, client + 1));
		const single = async (name: AudienceName, clients: number, subscribe: readonly Uint8Array[]): Promise<Result> => {
			const views = name === "all distinct" ? ", each with its own view" : "";
			context.progress.step(`framegate, ${clients} clients${views}`);
			const audience = await bench.gather("framegate", clients, subscribe);
			await bench.expectViews(subscribe.length);
			await context.fleet.observe("framegate", WARM_UP_SECONDS);
			const measurement = await bench.measure("framegate", clients, name === "all distinct");
			await context.fleet.leave("framegate");
			return { audience, measurement };
		};
		context.progress.step("warming up");
		await bench.gatherStaying();
		const often = subscribeEnvelope(writer, 0, COMPILE_INTERVAL_MS);
		await bench.gather("framegate", connections, [often], COMPILE_INTERVAL_MS);
		await context.fleet.observe("framegate", extent.compileSeconds);
		await context.fleet.leave("framegate");
		context.progress.step(`framegate, ${connections} clients`);
		const audience = await bench.gather("framegate", connections, same);
		const { sample } = await context.fleet.observe("framegate", WARM_UP_SECONDS);
		await context.fleet.leave("framegate");
		// One client of the control sends the bytes that all clients get from then on.
		const silence = Array.from({ length: connections - 1 }, () => new Uint8Array(0));
		const rounds: Measurement[] = [];
		// One after the other: two servers that tick at about the same time would wait for each other's memory and processors,
		// more or less as their phases lie.
		for (let round = 1; round <= extent.rounds; round++) {
			for (const lane of ["framegate", "uws"] as const) {
				context.progress.step(`round ${round}: ${subjectTitles[lane]}`);
				await bench.gather(lane, connections, lane === "framegate" ? same : [sample, ...silence]);
				await context.fleet.observe(lane, WARM_UP_SECONDS);
				rounds.push(await bench.measure(lane, connections));
				await context.fleet.leave(lane);
			}
		}
		const one = await single("one", 1, same);
		const some = await single("some", Math.max(1, Math.floor(connections / 10)), same);
		const own = await single("all distinct", connections, distinct);
		return outcome({ one, some, own, audience, rounds });
	} finally {
		await box.stop();
	}
}

interface Results {
	readonly one: Result;
	readonly some: Result;
	/** All clients, each with a view of its own. */
	readonly own: Result;
	/** How all clients came to the view that they share. */
	readonly audience: Audience;
	readonly rounds: readonly Measurement[];
}

function outcome({ one, some, own, audience, rounds }: Results): Outcome {
	const of = (lane: Lane): Measurement[] => rounds.filter((measured) => measured.lane === lane);
	const all = of("framegate");
	const floor = of("uws");
	const summarised = (
		measured: readonly Measurement[],
		figure: "cpuUsPerPoint" | "wholeCpuUsPerPoint" | "jitterP99Us" | "commandsPerSecond",
	) => summary(measured.map((round) => round[figure]));
	const ratioOf = (figure: "cpuUsPerPoint" | "wholeCpuUsPerPoint"): Summary =>
		summary(all.map((round, index) => round[figure] / (floor[index] as Measurement)[figure]));
	const ratio = ratioOf("cpuUsPerPoint");
	const wholeRatio = ratioOf("wholeCpuUsPerPoint");
	const floorUs = summarised(floor, "cpuUsPerPoint").median;
	const commands = summarised(all, "commandsPerSecond");
	const jitter = summarised(all, "jitterP99Us");
	const rssBytes = Math.max(own.measurement.rssBytes, ...all.map((round) => round.rssBytes));
	const ownRatio = own.measurement.cpuUsPerPoint / floorUs;
	return {
		figures: {
			ratio: {
				cpu_per_point: ratio.median,
				cpu_per_point_with_silence: wholeRatio.median,
				cpu_per_point_distinct_views: ownRatio,
			},
			spread: { cpu_per_point: ratio, cpu_per_point_with_silence: wholeRatio },
			redis_commands_per_second: {
				[one.measurement.clients]: one.measurement.commandsPerSecond,
				[some.measurement.clients]: some.measurement.commandsPerSecond,
				[all[0]?.clients ?? 0]: commands.median,
				distinct_views: own.measurement.commandsPerSecond,
			},
			first_data_p99_ms: audience.firstDataP99Us / 1000,
			jitter_p99_ms: jitter.median / 1000,
			rss_bytes: rssBytes,
		},
		raw: {
			one,
			some,
			distinct: own,
			audience,
			rounds: rounds.map(({ sample, ...rest }) => ({ ...rest, batchBytes: sample.length })),
		},
		rows: rows({ one, some, own, audience, rounds }, { ratio, wholeRatio, ownRatio, commands, jitter, rssBytes }),
	};
}

interface Shown {
	readonly ratio: Summary;
	readonly wholeRatio: Summary;
	readonly ownRatio: number;
	readonly commands: Summary;
	readonly jitter: Summary;
	readonly rssBytes: number;
}

function rows({ one, some, own, audience, rounds }: Results, shown: Shown): Row[] {
	const of = (
		lane: Lane,
		figure: "cpuUsPerPoint" | "wholeCpuUsPerPoint" | "jitterP99Us",
		scale: number,
		digits: number,
	): string =>
		showSummary(summary(rounds.filter((round) => round.lane === lane).map((round) => round[figure] * scale)), digits);
	const counts = [one.measurement, some.measurement].map((measured) => measured.commandsPerSecond.toFixed(2));
	return [
		{
			what: "CPU per delivered point (ns)",
			values: { framegate: of("framegate", "cpuUsPerPoint", 1000, 1), uws: of("uws", "cpuUsPerPoint", 1000, 1) },
			result: showSummary(shown.ratio),
			budget: "≤ 1.5",
		},
		{
			what: "the same, with what the server uses while its clients are silent (ns)",
			values: {
				framegate: of("framegate", "wholeCpuUsPerPoint", 1000, 1),
				uws: of("uws", "wholeCpuUsPerPoint", 1000, 1),
			},
			result: showSummary(shown.wholeRatio),
		},
		{
			what: "without it, each client with a view of its own (ns)",
			values: { framegate: (own.measurement.cpuUsPerPoint * 1000).toFixed(1) },
			result: shown.ownRatio.toFixed(2),
		},
		{
			what: `Redis commands a second: ${one.measurement.clients}, ${some.measurement.clients}, all clients`,
			values: { framegate: [...counts, showSummary(shown.commands)].join(", ") },
			budget: "the same",
		},
		{
			what: "first data after subscribing, p99 (ms)",
			values: { framegate: (audience.firstDataP99Us / 1000).toFixed(1) },
			budget: "≤ 50",
		},
		{
			what: "interval missed by, p99 (ms)",
			values: { framegate: of("framegate", "jitterP99Us", 0.001, 1), uws: of("uws", "jitterP99Us", 0.001, 1) },
			budget: "≤ 20",
		},
		{
			what: "RSS, at most (MiB)",
			values: { framegate: (shown.rssBytes / MEBIBYTE).toFixed(0) },
			budget: "≤ 200",
		},
	];
}

export const telemetry: Scenario = {
	name: "telemetry",
	title: `${CHANNELS} channels of ${POINTS} points, each second, all values changing`,
	defaults: { connections: 200, seconds: 20 },
	short: { seconds: 8 },
	steps: (settings) => 6 + 2 * extentOf(settings).rounds,
	run,
};

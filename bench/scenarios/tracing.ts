// Server CPU per heartbeat without any key of tracing, with tracing off, and on with one request in a hundred sampled: gateways alike, side by
// side. What a collector costs is not the gateway's: here it takes what comes, in the bench's own process.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type ClosedLoopFigures, type ClosedLoopLane, measureClosedLoop, measureIdle } from "../closed-loop.ts";
import type { Context, Outcome, Scenario } from "../scenario.ts";
import { firstWords, showSummary, summary } from "../scenario.ts";
import { heartbeatEnvelope } from "../servers/accounts.ts";
import { metricOf } from "../servers/framegate.ts";

const MODES = ["absent", "off", "on"] as const;
type Mode = (typeof MODES)[number];

const TITLES: Readonly<Record<Mode, string>> = {
	absent: "no key of tracing",
	off: "tracing.enabled: false",
	on: "on, 1 % sampled, exported",
};
const OUTSTANDING = 8;
const ROUNDS = 7;
const WARM_UP_MS = 2000;
const EXPORTED = 'framegate_trace_spans_total{outcome="exported"}';

interface Lane extends ClosedLoopLane {
	readonly mode: Mode;
	readonly rounds: ClosedLoopFigures[];
}

interface Collector {
	readonly url: string;
	close(): void;
}

async function startCollector(): Promise<Collector> {
	const server = http.createServer((request, response) => {
		request.resume().on("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const close = (): void => {
		server.closeAllConnections();
		server.close();
	};
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function settingsOf(mode: Mode, collector: Collector): Record<string, string> {
	if (mode === "absent") return {};
	if (mode === "off") return { FRAMEGATE_TRACING_ENABLED: "false" };
	return {
		FRAMEGATE_TRACING_ENABLED: "true",
		FRAMEGATE_TRACING_ENDPOINT: collector.url,
		FRAMEGATE_TRACING_RATIO: "0.01",
	};
}

async function openLane(context: Context, mode: Mode, collector: Collector): Promise<Lane> {
	const { connections } = context.settings;
	const server = await context.start("framegate", settingsOf(mode, collector));
	const first = await firstWords("framegate", server, connections);
	await context.fleet.open(mode, { port: server.port, connections, check: "envelope", first });
	return { mode, server, groups: [mode], payload: heartbeatEnvelope(), idleUsPerSecond: 0, rounds: [] };
}

function outcome(lanes: readonly Lane[], exportedSpans: number): Outcome {
	const cpu = (mode: Mode): number[] =>
		lanes.find((lane) => lane.mode === mode)?.rounds.map(({ cpuUsPerMessage }) => cpuUsPerMessage) ?? [];
	// Round by round, as what the machine does meanwhile meets neighbours alike.
	const over = (mode: Mode) => summary(cpu(mode).map((value, round) => value / (cpu("absent")[round] as number)));
	const [off, on] = [over("off"), over("on")];
	const rows = MODES.map((mode) => ({
		what: `CPU per message (µs): ${TITLES[mode]}`,
		values: { framegate: showSummary(summary(cpu(mode))) },
		...(mode !== "absent" && { result: showSummary(mode === "off" ? off : on) }),
	}));
	return {
		figures: {
			ratio: { cpu_per_message_off: off.median, cpu_per_message_on: on.median },
			spread: { cpu_per_message_off: off, cpu_per_message_on: on },
			exported_spans: exportedSpans,
		},
		raw: lanes.map(({ mode, idleUsPerSecond, rounds }) => ({ mode, idleUsPerSecond, rounds })),
		rows,
	};
}

export const tracing: Scenario = {
	name: "tracing",
	title: "server CPU per heartbeat without tracing, with it off, and with it on for one request in a hundred",
	defaults: { connections: 500, seconds: 2 },
	steps: () => MODES.length + 2 + ROUNDS * MODES.length,
	async run(context) {
		const collector = await startCollector();
		const lanes: Lane[] = [];
		for (const mode of MODES) {
			context.progress.step(`connecting: ${TITLES[mode]}`);
			lanes.push(await openLane(context, mode, collector));
		}
		context.progress.step("warming up");
		for (const lane of lanes) await measureClosedLoop(context, lane, OUTSTANDING, WARM_UP_MS / 1000);
		context.progress.step("idle");
		await measureIdle(lanes);
		for (let round = 1; round <= ROUNDS; round++) {
			for (const lane of lanes) {
				context.progress.step(`round ${round}: ${TITLES[lane.mode]}`);
				lane.rounds.push(await measureClosedLoop(context, lane, OUTSTANDING, context.settings.seconds));
			}
		}
		const spans = await Promise.all(lanes.map(({ server }) => metricOf(server.port, EXPORTED)));
		const exported = spans.reduce((sum, one) => sum + one, 0);
		if (exported === 0) throw new Error("no span was exported: what was measured is no tracing");
		for (const lane of lanes) await context.fleet.close(lane.mode);
		collector.close();
		return outcome(lanes, exported);
	},
};

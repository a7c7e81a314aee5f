// Server CPU of a call that a gRPC service answers: framegate against a relay that copies bytes between bare uWebSockets.js and grpc-js. The
// service is a process of its own, the same for both, and not counted.

import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import { ORDERS_PROTO, startUpstream } from "../../test/support/upstream/upstream-process.ts";
import { type ClosedLoopFigures, type ClosedLoopLane, measureClosedLoop, measureIdle } from "../closed-loop.ts";
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { firstWords, openAll, showSummary, subjectTitles, summary } from "../scenario.ts";

const SUBJECTS = ["framegate", "relay"] as const satisfies readonly Subject[];
const DEPTHS = [1, 8] as const;
const ROUNDS = 5;
const WARM_UP_MS = 2000;
const BODY_BYTES = 200;
const PLACE_ORDER = 9000;

interface Lane extends ClosedLoopLane {
	readonly subject: Subject;
	readonly rounds: Record<(typeof DEPTHS)[number], ClosedLoopFigures[]>;
}

function settings(address: string): Readonly<Record<string, string>> {
	const route = {
		...{ name: "orders", service: "orders", proto: ORDERS_PROTO, grpcService: "acme.orders.v1.OrderService" },
		methods: { PlaceOrder: { number: PLACE_ORDER } },
	};
	return {
		UPSTREAM: address,
		FRAMEGATE_UPSTREAMS_SERVICES: JSON.stringify({ orders: { addresses: [address], maxInFlight: 10_000 } }),
		FRAMEGATE_UPSTREAMS_ROUTES: JSON.stringify([route]),
	};
}

async function openLane(context: Context, subject: (typeof SUBJECTS)[number], address: string): Promise<Lane> {
	const server = await context.start(subject, settings(address));
	const first = await firstWords(subject, server, context.settings.connections);
	await openAll(context, subject, server, first);
	const body = new Uint8Array(BODY_BYTES).fill(0x0a);
	const type = relayedMessage("", { fields: [], schema: {}, description: "" });
	const frame = new Uint8Array(new EnvelopeWriter().request(PLACE_ORDER, 2, type, { bytes: body }, ""));
	// What the relay copies is as long as what the gateway reads.
	const payload = subject === "framegate" ? frame : new Uint8Array(frame.length).fill(0x55);
	return { subject, server, groups: [subject], payload, idleUsPerSecond: 0, rounds: { 1: [], 8: [] } };
}

function outcome(lanes: readonly Lane[]): Outcome {
	const [framegate, relay] = lanes as readonly [Lane, Lane];
	const rows: Row[] = [];
	const ratio: Record<string, number> = {};
	const spread: Record<string, Summary> = {};
	for (const depth of DEPTHS) {
		const cpu = (lane: Lane): number[] => lane.rounds[depth].map((round) => round.cpuUsPerMessage);
		const ratios = summary(cpu(framegate).map((value, round) => value / (cpu(relay)[round] as number)));
		ratio[`cpu_per_call_${depth}`] = ratios.median;
		spread[`cpu_per_call_${depth}`] = ratios;
		rows.push({
			what: `CPU per call, ${depth} outstanding (µs)`,
			values: Object.fromEntries(lanes.map((lane) => [lane.subject, showSummary(summary(cpu(lane)))])),
			result: showSummary(ratios),
			budget: "≤ 1.3",
		});
		const rate = (lane: Lane): string =>
			Math.round(summary(lane.rounds[depth].map((round) => round.messagesPerSecond)).median).toLocaleString("en");
		rows.push({
			what: `calls a second, ${depth} outstanding`,
			values: Object.fromEntries(lanes.map((lane) => [lane.subject, rate(lane)])),
		});
	}
	const raw = lanes.map(({ subject, idleUsPerSecond, rounds }) => ({ subject, idleUsPerSecond, rounds }));
	return { figures: { ratio, spread }, raw, rows };
}

export const upstream: Scenario = {
	name: "upstream",
	title: "server CPU per call that a gRPC service answers, 200 bytes there and back",
	defaults: { connections: 32, seconds: 1.5 },
	steps: () => SUBJECTS.length + 2 + ROUNDS * SUBJECTS.length * DEPTHS.length,
	async run(context) {
		const service = await startUpstream("orders");
		try {
			const lanes: Lane[] = [];
			for (const subject of SUBJECTS) {
				context.progress.step(`connecting to ${subjectTitles[subject]}`);
				lanes.push(await openLane(context, subject, service.address));
			}
			context.progress.step("warming up");
			for (const depth of DEPTHS)
				for (const lane of lanes) await measureClosedLoop(context, lane, depth, WARM_UP_MS / 1000);
			context.progress.step("idle");
			await measureIdle(lanes);
			for (let round = 1; round <= ROUNDS; round++) {
				for (const depth of DEPTHS) {
					for (const lane of lanes) {
						context.progress.step(`round ${round}, ${depth} outstanding: ${subjectTitles[lane.subject]}`);
						lane.rounds[depth].push(await measureClosedLoop(context, lane, depth, context.settings.seconds));
					}
				}
			}
			for (const lane of lanes) await context.fleet.close(lane.subject);
			return outcome(lanes);
		} finally {
			await service.stop();
		}
	},
};

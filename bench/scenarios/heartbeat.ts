// Server CPU per heartbeat, 1 and 8 outstanding per connection: framegate against bare uWebSockets.js and ws.
import { type ClosedLoopFigures, type ClosedLoopLane, measureClosedLoop, measureIdle } from "../closed-loop.ts";
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { firstWords, openAll, showSummary, subjectTitles, summary } from "../scenario.ts";
import { heartbeatEnvelope, heartbeatReplyBytes } from "../servers/accounts.ts";

const SUBJECTS: readonly Subject[] = ["framegate", "uws", "ws"];
const DEPTHS = [1, 8] as const;
const BUDGETS: Record<(typeof DEPTHS)[number], number> = { 1: 1.3, 8: 2.0 };
const ROUNDS = 5;
/** Lets the compilers of the servers see the load before it counts. */
const WARM_UP_MS = 1000;

interface Lane extends ClosedLoopLane {
	readonly subject: Subject;
	readonly rounds: Record<(typeof DEPTHS)[number], ClosedLoopFigures[]>;
}

async function openLane(context: Context, subject: Subject): Promise<Lane> {
	const server = await context.start(subject);
	const first = await firstWords(subject, server, context.settings.connections);
	await openAll(context, subject, server, first);
	const payload = subject === "framegate" ? heartbeatEnvelope() : new Uint8Array(heartbeatReplyBytes()).fill(0x55);
	return { subject, server, groups: [subject], payload, idleUsPerSecond: 0, rounds: { 1: [], 8: [] } };
}

function outcome(lanes: readonly Lane[]): Outcome {
	const lane = (subject: Subject): Lane => lanes.find((one) => one.subject === subject) as Lane;
	const rows: Row[] = [];
	const ratio: Record<string, number> = {};
	const spread: Record<string, Summary> = {};
	for (const depth of DEPTHS) {
		const cpu = (subject: Subject): number[] => lane(subject).rounds[depth].map((round) => round.cpuUsPerMessage);
		// Round by round, as what the machine does meanwhile meets neighbours alike.
		const floor = cpu("uws");
		const ratios = summary(cpu("framegate").map((value, round) => value / (floor[round] as number)));
		ratio[`cpu_per_message_${depth}`] = ratios.median;
		spread[`cpu_per_message_${depth}`] = ratios;
		rows.push({
			what: `CPU per message, ${depth} outstanding (µs)`,
			values: Object.fromEntries(SUBJECTS.map((subject) => [subject, showSummary(summary(cpu(subject)))])),
			result: showSummary(ratios),
			budget: `≤ ${BUDGETS[depth].toFixed(1)}`,
		});
		const rate = (subject: Subject): string =>
			Math.round(summary(lane(subject).rounds[depth].map((round) => round.messagesPerSecond)).median).toLocaleString(
				"en",
			);
		rows.push({
			what: `messages a second, ${depth} outstanding`,
			values: Object.fromEntries(SUBJECTS.map((subject) => [subject, rate(subject)])),
		});
	}
	const raw = lanes.map(({ subject, idleUsPerSecond, rounds }) => ({ subject, idleUsPerSecond, rounds }));
	return { figures: { ratio, spread }, raw, rows };
}

export const heartbeat: Scenario = {
	name: "heartbeat",
	title: "server CPU per heartbeat (1005), authenticated, every middleware on",
	defaults: { connections: 1000, seconds: 1.2 },
	steps: () => SUBJECTS.length + 2 + ROUNDS * SUBJECTS.length * DEPTHS.length,
	async run(context) {
		const lanes: Lane[] = [];
		for (const subject of SUBJECTS) {
			context.progress.step(`connecting to ${subjectTitles[subject]}`);
			lanes.push(await openLane(context, subject));
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
	},
};

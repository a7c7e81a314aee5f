// Server CPU per heartbeat, 1 and 8 outstanding per connection: framegate against bare uWebSockets.js and ws.
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { firstWords, openAll, pause, showSummary, subjectTitles, summary } from "../scenario.ts";
import { heartbeatEnvelope, heartbeatReplyBytes } from "../servers/accounts.ts";
import type { ServerProcess } from "../servers/server-process.ts";

const SUBJECTS: readonly Subject[] = ["framegate", "uws", "ws"];
const DEPTHS = [1, 8] as const;
const BUDGETS: Record<(typeof DEPTHS)[number], number> = { 1: 1.3, 8: 2.0 };
const ROUNDS = 5;
/** Lets the compilers of the servers see the load before it counts. */
const WARM_UP_MS = 1000;
/** From the start of a load until it is even. */
const RAMP_MS = 200;
const IDLE_MS = 1000;

interface Measurement {
	readonly cpuUsPerMessage: number;
	readonly messagesPerSecond: number;
}

interface Lane {
	readonly subject: Subject;
	readonly server: ServerProcess;
	readonly payload: Uint8Array;
	/** CPU that the server uses with its clients connected and silent, in microseconds a second. */
	idleUsPerSecond: number;
	readonly rounds: Record<(typeof DEPTHS)[number], Measurement[]>;
}

async function openLane(context: Context, subject: Subject): Promise<Lane> {
	const server = await context.start(subject);
	const first = await firstWords(subject, server, context.settings.connections);
	await openAll(context, subject, server, first);
	const payload = subject === "framegate" ? heartbeatEnvelope() : new Uint8Array(heartbeatReplyBytes()).fill(0x55);
	return { subject, server, payload, idleUsPerSecond: 0, rounds: { 1: [], 8: [] } };
}

async function measure(context: Context, lane: Lane, depth: number, seconds: number): Promise<Measurement> {
	const { fleet } = context;
	await fleet.start(lane.subject, lane.payload, depth);
	await pause(RAMP_MS);
	// In the same order at both ends, so that the time the questions take cancels out.
	const messagesBefore = await fleet.count(lane.subject);
	const cpuBefore = lane.server.cpuUs();
	const startMs = performance.now();
	await pause(seconds * 1000);
	const messages = (await fleet.count(lane.subject)) - messagesBefore;
	const elapsedSeconds = (performance.now() - startMs) / 1000;
	const cpuUs = lane.server.cpuUs() - cpuBefore - lane.idleUsPerSecond * elapsedSeconds;
	await fleet.stop(lane.subject);
	if (messages === 0) throw new Error(`${lane.subject} answered nothing`);
	return { cpuUsPerMessage: cpuUs / messages, messagesPerSecond: messages / elapsedSeconds };
}

async function measureIdle(lanes: readonly Lane[]): Promise<void> {
	const before = lanes.map((lane) => lane.server.cpuUs());
	await pause(IDLE_MS);
	lanes.forEach((lane, index) => {
		lane.idleUsPerSecond = ((lane.server.cpuUs() - (before[index] as number)) * 1000) / IDLE_MS;
	});
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
		for (const depth of DEPTHS) for (const lane of lanes) await measure(context, lane, depth, WARM_UP_MS / 1000);
		context.progress.step("idle");
		await measureIdle(lanes);
		for (let round = 1; round <= ROUNDS; round++) {
			for (const depth of DEPTHS) {
				for (const lane of lanes) {
					context.progress.step(`round ${round}, ${depth} outstanding: ${subjectTitles[lane.subject]}`);
					lane.rounds[depth].push(await measure(context, lane, depth, context.settings.seconds));
				}
			}
		}
		for (const lane of lanes) await context.fleet.close(lane.subject);
		return outcome(lanes);
	},
};

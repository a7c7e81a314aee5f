// What more connections cost: memory while they come, then CPU per heartbeat while they leave again, step by step; on the
// way down also CPU against requests outstanding.
import { type ClosedLoopFigures, type ClosedLoopLane, measureClosedLoop, measureIdle } from "../../closed-loop.ts";
import { type Context, firstWords, pause, subjectTitles } from "../../scenario.ts";
import { heartbeatEnvelope, heartbeatReplyBytes } from "../../servers/accounts.ts";

const CONNECTIONS = [100, 1000, 5000, 10_000, 18_000] as const;
const DEPTHS = [1, 2, 4, 8, 16] as const;
/** With how many connections depths are measured. */
const DEPTHS_AT = 1000;
export const ROUNDS = 2;
export const SUBJECTS = ["framegate", "uws"] as const;
/** As in `idle`: a login for each connection would be what is weighed. */
const CONNECTIONS_PER_SESSION = 100;
/** Until a server that has just started, or whose clients have just come or gone, is quiet. */
const SETTLE_MS = 700;
const WARM_UP_SECONDS = 1.5;

export type ScalingSubject = (typeof SUBJECTS)[number];

interface MemoryPoint {
	readonly subject: ScalingSubject;
	readonly connections: number;
	readonly rssBytes: number;
	/** Over what the server took with sessions and without connections. */
	readonly rssBytesPerConnection: number;
}

export interface LoadPoint extends ClosedLoopFigures {
	readonly subject: ScalingSubject;
	readonly connections: number;
	readonly outstanding: number;
	readonly round: number;
}

export interface ConnectionsOutcome {
	readonly memory: readonly MemoryPoint[];
	readonly load: readonly LoadPoint[];
}

interface Lane extends ClosedLoopLane {
	readonly subject: ScalingSubject;
	readonly first: readonly Uint8Array[];
	readonly groups: string[];
	readonly emptyBytes: number;
}

/** The steps of a run with so many connections at most; that many are the last one. */
function connectionSteps(most: number): number[] {
	return [...CONNECTIONS.filter((connections) => connections < most), most];
}

/** At which of the steps depths are measured. */
function stepOfDepths(steps: readonly number[]): number {
	return Math.max(...steps.filter((connections) => connections <= DEPTHS_AT));
}

export function stepsOfConnections(most: number): number {
	const measurements = connectionSteps(most).length + DEPTHS.length - 1;
	return SUBJECTS.length + connectionSteps(most).length + 1 + measurements;
}

async function startLane(context: Context, subject: ScalingSubject): Promise<Lane> {
	const { connections } = context.settings;
	const server = await context.start(subject);
	const sessions = Math.ceil(connections / CONNECTIONS_PER_SESSION);
	const first = await firstWords(subject, server, connections, sessions);
	const payload = subject === "framegate" ? heartbeatEnvelope() : new Uint8Array(heartbeatReplyBytes()).fill(0x55);
	await pause(SETTLE_MS);
	return { subject, server, first, payload, groups: [], emptyBytes: server.rssBytes(), idleUsPerSecond: 0 };
}

async function grow(context: Context, lane: Lane, connections: number): Promise<void> {
	const group = `${lane.subject}-${lane.groups.length}`;
	const check = lane.subject === "framegate" ? "envelope" : "echo";
	await context.fleet.open(group, { port: lane.server.port, connections, check, first: lane.first });
	lane.groups.push(group);
}

async function shrink(context: Context, lane: Lane): Promise<void> {
	const group = lane.groups.pop();
	if (group !== undefined) await context.fleet.close(group);
}

export async function scaleConnections(context: Context): Promise<ConnectionsOutcome> {
	const { progress, settings } = context;
	const steps = connectionSteps(settings.connections);
	const lanes: Lane[] = [];
	for (const subject of SUBJECTS) {
		progress.step(`starting ${subjectTitles[subject]}`);
		lanes.push(await startLane(context, subject));
	}
	const memory: MemoryPoint[] = [];
	for (const [index, connections] of steps.entries()) {
		progress.step(`memory, ${connections} connections`);
		for (const lane of lanes) await grow(context, lane, connections - (steps[index - 1] ?? 0));
		await pause(SETTLE_MS);
		for (const { subject, server, emptyBytes } of lanes) {
			const rssBytes = server.rssBytes();
			memory.push({ subject, connections, rssBytes, rssBytesPerConnection: (rssBytes - emptyBytes) / connections });
		}
	}
	progress.step("warming up");
	for (const lane of lanes) await measureClosedLoop(context, lane, 1, WARM_UP_SECONDS);
	const load: LoadPoint[] = [];
	for (const connections of steps.toReversed()) {
		await measureIdle(lanes);
		const depths = connections === stepOfDepths(steps) ? DEPTHS : DEPTHS.slice(0, 1);
		for (const outstanding of depths) load.push(...(await measureRounds(context, lanes, connections, outstanding)));
		for (const lane of lanes) await shrink(context, lane);
		await pause(SETTLE_MS);
	}
	for (const lane of lanes) await context.stop(lane.server);
	return { memory, load };
}

async function measureRounds(
	context: Context,
	lanes: readonly Lane[],
	connections: number,
	outstanding: number,
): Promise<LoadPoint[]> {
	context.progress.step(`heartbeats, ${connections} connections, ${outstanding} outstanding`);
	const points: LoadPoint[] = [];
	for (let round = 1; round <= ROUNDS; round++) {
		for (const lane of lanes) {
			const figures = await measureClosedLoop(context, lane, outstanding, context.settings.seconds);
			points.push({ subject: lane.subject, connections, outstanding, round, ...figures });
		}
	}
	return points;
}

// Server CPU per heartbeat over kept HTTP connections, in each style: framegate against bare uWebSockets.js and Fastify.
import { type ClosedLoopFigures, measureClosedLoop, measureIdle } from "../closed-loop.ts";
import {
	type Context,
	type Outcome,
	type Row,
	type Scenario,
	type Subject,
	type Summary,
	showSummary,
	subjectTitles,
	summary,
} from "../scenario.ts";
import { accessTokens } from "../servers/accounts.ts";
import {
	type HeaderFields,
	HTTP_STYLES,
	type HttpStyle,
	headerFieldsFor,
	heartbeatRequest,
	sampleHeaderFields,
} from "../servers/heartbeat-http.ts";
import type { ServerProcess } from "../servers/server-process.ts";

const SUBJECTS = ["framegate", "uws", "fastify"] as const satisfies readonly Subject[];
const BUDGET = 1.5;
const ROUNDS = 5;
/** Lets the compilers of the servers see the load before it counts. */
const WARM_UP_MS = 1500;
const TITLES: Readonly<Record<HttpStyle, string>> = {
	connect_proto: "Connect, protobuf",
	connect_json: "Connect, JSON",
	rest: "REST",
};

interface Lane {
	readonly subject: (typeof SUBJECTS)[number];
	readonly server: ServerProcess;
	readonly requests: Readonly<Record<HttpStyle, Buffer>>;
	readonly rounds: Record<HttpStyle, ClosedLoopFigures[]>;
	idleUsPerSecond: number;
}

const forStyles = <Value>(make: (style: HttpStyle) => Value): Record<HttpStyle, Value> => {
	return Object.fromEntries(HTTP_STYLES.map((style) => [style, make(style)])) as Record<HttpStyle, Value>;
};

function laneOf(subject: Lane["subject"], server: ServerProcess, token: string): Lane {
	const requests = forStyles((style) => heartbeatRequest(style, server.port, token));
	return { subject, server, requests, rounds: forStyles(() => []), idleUsPerSecond: 0 };
}

/** The gateway first: the controls send the header fields that it sends. */
async function openLanes(context: Context): Promise<Lane[]> {
	context.progress.step(`starting ${subjectTitles.framegate}`);
	const gateway = await context.start("framegate");
	const [token = ""] = await accessTokens(gateway.port, 1);
	const lanes = [laneOf("framegate", gateway, token)];
	const fields = {} as Record<HttpStyle, HeaderFields>;
	for (const style of HTTP_STYLES) {
		fields[style] = await sampleHeaderFields(gateway.port, heartbeatRequest(style, gateway.port, token));
	}
	for (const subject of SUBJECTS.slice(1)) {
		context.progress.step(`starting ${subjectTitles[subject]}`);
		lanes.push(laneOf(subject, await context.start(subject, headerFieldsFor(fields)), token));
	}
	return lanes;
}

/** On connections of its own: servers close those that are silent while the others are measured. */
async function measure(context: Context, lane: Lane, style: HttpStyle, seconds: number): Promise<ClosedLoopFigures> {
	const { subject, server, idleUsPerSecond } = lane;
	const { connections } = context.settings;
	await context.fleet.open(subject, { port: server.port, connections, check: "http", first: [] });
	const load = { server, groups: [subject], payload: lane.requests[style], idleUsPerSecond };
	const figures = await measureClosedLoop(context, load, 1, seconds);
	await context.fleet.close(subject);
	return figures;
}

function outcome(lanes: readonly Lane[]): Outcome {
	const cpu = (subject: Subject, style: HttpStyle): number[] =>
		(lanes.find((one) => one.subject === subject) as Lane).rounds[style].map((round) => round.cpuUsPerMessage);
	const rows: Row[] = [];
	const ratio: Record<string, number> = {};
	const spread: Record<string, Summary> = {};
	for (const style of HTTP_STYLES) {
		// Round by round, as what the machine does meanwhile meets neighbours alike.
		const against = (subject: Subject) => {
			const floor = cpu(subject, style);
			return summary(cpu("framegate", style).map((value, round) => value / (floor[round] as number)));
		};
		const own = against("uws");
		ratio[`cpu_per_call_${style}`] = own.median;
		spread[`cpu_per_call_${style}`] = own;
		rows.push({
			what: `CPU per call, ${TITLES[style]} (µs)`,
			values: Object.fromEntries(SUBJECTS.map((subject) => [subject, showSummary(summary(cpu(subject, style)))])),
			result: showSummary(own),
			budget: `≤ ${BUDGET}`,
		});
	}
	const raw = lanes.map(({ subject, idleUsPerSecond, rounds }) => ({ subject, idleUsPerSecond, rounds }));
	return { figures: { ratio, spread }, raw, rows };
}

export const http: Scenario = {
	name: "http",
	title: "server CPU per heartbeat (1005) over kept HTTP connections, authenticated, every middleware on",
	defaults: { connections: 200, seconds: 1.2 },
	steps: () => SUBJECTS.length + 2 + ROUNDS * SUBJECTS.length * HTTP_STYLES.length,
	async run(context) {
		const lanes = await openLanes(context);
		context.progress.step("warming up");
		for (const style of HTTP_STYLES) for (const lane of lanes) await measure(context, lane, style, WARM_UP_MS / 1000);
		context.progress.step("idle");
		await measureIdle(lanes);
		for (let round = 1; round <= ROUNDS; round++) {
			for (const style of HTTP_STYLES) {
				for (const lane of lanes) {
					context.progress.step(`round ${round}, ${TITLES[style]}: ${subjectTitles[lane.subject]}`);
					lane.rounds[style].push(await measure(context, lane, style, context.settings.seconds));
				}
			}
		}
		return outcome(lanes);
	},
};

// All clients reconnect at once: each connects and presents a token. Against bare uWebSockets.js: connects and gets one echo.
import type { Context, Scenario, Subject } from "../scenario.ts";
import { firstWords, openAll, showSummary, subjectTitles, summary } from "../scenario.ts";

const ROUNDS = 3;
const SUBJECTS: readonly Subject[] = ["uws", "framegate"];

interface Measurement {
	readonly subject: Subject;
	readonly timeToServedMs: number;
	readonly cpuUsPerConnection: number;
	readonly p50Us: number;
	readonly p99Us: number;
}

async function measure(context: Context, subject: Subject, envelopeBytes: number): Promise<Measurement> {
	const { connections } = context.settings;
	const server = await context.start(subject);
	const own = await firstWords(subject, server, connections);
	const first = own.length > 0 ? own : [new Uint8Array(envelopeBytes).fill(0x55)];
	const cpuBefore = server.cpuUs();
	const opened = await openAll(context, subject, server, first);
	const cpuUsPerConnection = (server.cpuUs() - cpuBefore) / connections;
	await context.fleet.close(subject);
	await context.stop(server);
	return {
		subject,
		timeToServedMs: opened.elapsedMs,
		cpuUsPerConnection,
		p50Us: opened.histogram.getValueAtPercentile(50),
		p99Us: opened.histogram.getValueAtPercentile(99),
	};
}

/** About what Connect with a token takes. */
const CONNECT_BYTES = 400;

export const storm: Scenario = {
	name: "storm",
	title: "connects with a token, all at once: time until every client is served",
	defaults: { connections: 10_000, seconds: 0 },
	steps: () => ROUNDS * SUBJECTS.length,
	async run(context) {
		const rounds: Measurement[] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			for (const subject of SUBJECTS) {
				context.progress.step(`round ${round}: ${subjectTitles[subject]}`);
				rounds.push(await measure(context, subject, CONNECT_BYTES));
			}
		}
		const values = (subject: Subject, figure: "timeToServedMs" | "cpuUsPerConnection" | "p50Us" | "p99Us") =>
			rounds.filter((round) => round.subject === subject).map((round) => round[figure]);
		const ratios = (figure: "timeToServedMs" | "cpuUsPerConnection") => {
			const bare = values("uws", figure);
			return summary(values("framegate", figure).map((value, round) => value / (bare[round] as number)));
		};
		const row = (what: string, figure: "timeToServedMs" | "cpuUsPerConnection" | "p50Us" | "p99Us") => ({
			what,
			values: Object.fromEntries(
				SUBJECTS.map((subject) => [subject, showSummary(summary(values(subject, figure)), 0)]),
			),
		});
		const time = ratios("timeToServedMs");
		const cpu = ratios("cpuUsPerConnection");
		return {
			figures: {
				ratio: { time_to_served: time.median, cpu_per_connection: cpu.median },
				spread: { time_to_served: time, cpu_per_connection: cpu },
			},
			raw: rounds,
			rows: [
				{ ...row("time until all are served (ms)", "timeToServedMs"), result: showSummary(time), budget: "≤ 2.0" },
				{ ...row("server CPU per connection (µs)", "cpuUsPerConnection"), result: showSummary(cpu) },
				row("one client, median (µs)", "p50Us"),
				row("one client, p99 (µs)", "p99Us"),
			],
		};
	},
};

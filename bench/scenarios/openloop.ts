// Latency at a fixed rate, from when a message was to be sent: a server that falls behind cannot slow its clients down.
import { percentileCurve } from "../load/histogram.ts";
import type { Context, Scenario, Subject } from "../scenario.ts";
import { firstWords, openAll, showSummary, subjectTitles, summary } from "../scenario.ts";
import { heartbeatEnvelope, heartbeatReplyBytes } from "../servers/accounts.ts";

const ROUNDS = 4;
const SUBJECTS: readonly Subject[] = ["uws", "framegate"];
export const MESSAGES_PER_SECOND = 20_000;
const WARM_UP_SECONDS = 1;

interface Measurement {
	readonly subject: Subject;
	readonly messages: number;
	readonly p50Us: number;
	readonly p90Us: number;
	readonly p99Us: number;
	readonly p999Us: number;
	readonly maxUs: number;
	/** How late the generator itself was; part of the latency. */
	readonly latenessP99Us: number;
	/** Percentiles and their microseconds. */
	readonly curve: readonly (readonly [number, number])[];
}

type Figure = Exclude<keyof Measurement, "subject" | "messages" | "curve">;

async function measure(context: Context, subject: Subject, seconds: number): Promise<Measurement> {
	const payload = subject === "framegate" ? heartbeatEnvelope() : new Uint8Array(heartbeatReplyBytes()).fill(0x55);
	const { latency, lateness, messages } = await context.fleet.openLoop(subject, payload, MESSAGES_PER_SECOND, seconds);
	return {
		subject,
		messages,
		p50Us: latency.getValueAtPercentile(50),
		p90Us: latency.getValueAtPercentile(90),
		p99Us: latency.getValueAtPercentile(99),
		p999Us: latency.getValueAtPercentile(99.9),
		maxUs: latency.maxValue,
		latenessP99Us: lateness.getValueAtPercentile(99),
		curve: percentileCurve(latency),
	};
}

export const openloop: Scenario = {
	name: "openloop",
	title: `latency at ${MESSAGES_PER_SECOND.toLocaleString("en")} messages a second`,
	defaults: { connections: 10_000, seconds: 4 },
	steps: () => SUBJECTS.length + 1 + ROUNDS * SUBJECTS.length,
	async run(context) {
		for (const subject of SUBJECTS) {
			context.progress.step(`connecting to ${subjectTitles[subject]}`);
			const server = await context.start(subject);
			await openAll(context, subject, server, await firstWords(subject, server, context.settings.connections));
		}
		context.progress.step("warming up");
		for (const subject of SUBJECTS) await measure(context, subject, WARM_UP_SECONDS);
		const rounds: Measurement[] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			for (const subject of SUBJECTS) {
				context.progress.step(`round ${round}: ${subjectTitles[subject]}`);
				rounds.push(await measure(context, subject, context.settings.seconds));
			}
		}
		for (const subject of SUBJECTS) await context.fleet.close(subject);
		const values = (subject: Subject, figure: Figure) =>
			rounds.filter((round) => round.subject === subject).map((round) => round[figure]);
		const ratios = (figure: Figure) => {
			const bare = values("uws", figure);
			return summary(values("framegate", figure).map((value, round) => value / (bare[round] as number)));
		};
		const row = (what: string, figure: Figure, budget?: string) => ({
			what,
			values: Object.fromEntries(
				SUBJECTS.map((subject) => [subject, showSummary(summary(values(subject, figure)), 0)]),
			),
			result: showSummary(ratios(figure)),
			...(budget === undefined ? {} : { budget }),
		});
		return {
			figures: {
				ratio: { p50: ratios("p50Us").median, p99: ratios("p99Us").median, p999: ratios("p999Us").median },
				spread: { p50: ratios("p50Us"), p99: ratios("p99Us"), p999: ratios("p999Us") },
			},
			raw: rounds,
			rows: [
				row("p50 (µs)", "p50Us"),
				row("p90 (µs)", "p90Us"),
				row("p99 (µs)", "p99Us", "≤ 1.5"),
				row("p99.9 (µs)", "p999Us"),
				row("maximum (µs)", "maxUs"),
				row("of which the generator, p99 (µs)", "latenessP99Us"),
			],
		};
	},
};

// Memory of an authenticated idle connection, over that of a bare uWebSockets.js one.
import type { Context, Scenario, Subject } from "../scenario.ts";
import { firstWords, openAll, pause, showSummary, subjectTitles, summary } from "../scenario.ts";

const ROUNDS = 2;
const SUBJECTS: readonly Subject[] = ["uws", "framegate"];
/** Until a server that has just started, or has just made accounts, is quiet. */
const SETTLE_MS = 2000;

interface Measurement {
	readonly subject: Subject;
	/** Started, nobody connected, no session made. */
	readonly startedBytes: number;
	/** Sessions made, nobody connected. */
	readonly beforeBytes: number;
	/** Everybody connected and silent for a while. */
	readonly afterBytes: number;
}

async function measure(context: Context, subject: Subject): Promise<Measurement> {
	const { settings, fleet } = context;
	const server = await context.start(subject);
	await pause(SETTLE_MS);
	const startedBytes = server.rssBytes();
	const first = await firstWords(subject, server, settings.connections);
	await pause(SETTLE_MS);
	const beforeBytes = server.rssBytes();
	await openAll(context, subject, server, first);
	// No forced collection: what is left lying about counts.
	await pause(settings.seconds * 1000);
	const afterBytes = server.rssBytes();
	await fleet.close(subject);
	await context.stop(server);
	return { subject, startedBytes, beforeBytes, afterBytes };
}

export const idle: Scenario = {
	name: "idle",
	title: "memory per authenticated idle connection",
	defaults: { connections: 10_000, seconds: 8 },
	steps: () => ROUNDS * SUBJECTS.length,
	async run(context) {
		const rounds: Measurement[] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			for (const subject of SUBJECTS) {
				context.progress.step(`round ${round}: ${subjectTitles[subject]}`);
				rounds.push(await measure(context, subject));
			}
		}
		const { connections } = context.settings;
		const of = (subject: Subject) => rounds.filter((round) => round.subject === subject);
		const perConnection = (subject: Subject, from: "startedBytes" | "beforeBytes") =>
			of(subject).map((round) => (round.afterBytes - round[from]) / connections);
		const bare = summary(perConnection("uws", "beforeBytes"));
		const own = summary(perConnection("framegate", "beforeBytes"));
		const ownWithSessions = summary(perConnection("framegate", "startedBytes"));
		const over = own.median - bare.median;
		const overWithSessions = ownWithSessions.median - bare.median;
		return {
			figures: {
				rss_bytes_per_connection: Math.round(over),
				rss_bytes_per_connection_with_session: Math.round(overWithSessions),
				spread: { framegate: own, framegate_with_session: ownWithSessions, uws: bare },
			},
			raw: rounds,
			rows: [
				{
					what: "RSS per connection (bytes)",
					values: { framegate: showSummary(own, 0), uws: showSummary(bare, 0) },
					result: `+${Math.round(over)}`,
					budget: "≤ +4096",
				},
				{
					what: "the same, with what making its session took",
					values: { framegate: showSummary(ownWithSessions, 0), uws: showSummary(bare, 0) },
					result: `+${Math.round(overWithSessions)}`,
				},
			],
		};
	},
};

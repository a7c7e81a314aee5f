// Memory of an authenticated idle connection, over that of a bare uWebSockets.js one.
import type { Context, Outcome, Scenario, Subject } from "../scenario.ts";
import { firstWords, openAll, pause, showSummary, summary } from "../scenario.ts";

/**
 * In `framegate` connections share sessions, a hundred to each. Ten thousand logins beforehand would leave a heap grown
 * by their garbage, and the connections would then fit into what is free in it and seem to weigh little. In
 * `framegateOwnSessions` each has its own, and what is measured includes the sessions, accounts and that garbage.
 */
type Variant = "uws" | "framegate" | "framegateOwnSessions";

const PLAN: readonly Variant[] = ["uws", "framegate", "uws", "framegate", "framegateOwnSessions"];
const CONNECTIONS_PER_SESSION = 100;
/** Until a server that has just started is quiet. */
const SETTLE_MS = 1500;

const titles: Record<Variant, string> = {
	uws: "bare uWebSockets.js",
	framegate: "framegate",
	framegateOwnSessions: "framegate, a session for each connection",
};

interface Measurement {
	readonly variant: Variant;
	/** Started, without accounts, sessions or connections. */
	readonly startedBytes: number;
	/** With sessions, without connections. */
	readonly beforeBytes: number;
	/** Everybody connected and silent for a while. */
	readonly afterBytes: number;
}

async function measure(context: Context, variant: Variant): Promise<Measurement> {
	const { settings, fleet } = context;
	const { connections } = settings;
	const subject: Subject = variant === "uws" ? "uws" : "framegate";
	const sessions = variant === "framegate" ? Math.ceil(connections / CONNECTIONS_PER_SESSION) : connections;
	const server = await context.start(subject);
	await pause(SETTLE_MS);
	const startedBytes = server.rssBytes();
	const first = await firstWords(subject, server, connections, sessions);
	const beforeBytes = server.rssBytes();
	await openAll(context, subject, server, first);
	// No forced collection: what is left lying about counts.
	await pause(settings.seconds * 1000);
	const afterBytes = server.rssBytes();
	await fleet.close(subject);
	await context.stop(server);
	return { variant, startedBytes, beforeBytes, afterBytes };
}

function outcome(rounds: readonly Measurement[], connections: number): Outcome {
	const perConnection = (variant: Variant) =>
		summary(
			rounds
				.filter((round) => round.variant === variant)
				.map((round) => (round.afterBytes - round.startedBytes) / connections),
		);
	const bare = perConnection("uws");
	const own = perConnection("framegate");
	const ownSessions = perConnection("framegateOwnSessions");
	const over = Math.round(own.median - bare.median);
	const overWithSession = Math.round(ownSessions.median - bare.median);
	return {
		figures: {
			rss_bytes_per_connection: over,
			rss_bytes_per_connection_with_own_session: overWithSession,
			spread: { framegate: own, framegateOwnSessions: ownSessions, uws: bare },
		},
		raw: rounds,
		rows: [
			{
				what: "RSS per connection (bytes)",
				values: { framegate: showSummary(own, 0), uws: showSummary(bare, 0) },
				result: `+${over}`,
				budget: "≤ +4096",
			},
			{
				what: "with a session, and its login, for each",
				values: { framegate: showSummary(ownSessions, 0), uws: showSummary(bare, 0) },
				result: `+${overWithSession}`,
			},
		],
	};
}

export const idle: Scenario = {
	name: "idle",
	title: "memory per authenticated idle connection",
	defaults: { connections: 10_000, seconds: 8 },
	steps: () => PLAN.length,
	async run(context) {
		const rounds: Measurement[] = [];
		for (const variant of PLAN) {
			context.progress.step(titles[variant]);
			rounds.push(await measure(context, variant));
		}
		return outcome(rounds, context.settings.connections);
	},
};

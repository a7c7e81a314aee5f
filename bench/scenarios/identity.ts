// Connects with tokens of an identity provider, against tokens of our own in the same run: the first time, when users are created and
// sessions opened, and again. The provider is a real one, and signs with RS256.
import { AUDIENCE, OidcProvider, providerKey } from "../../test/support/oidc/provider.ts";
import type { Context, Row, Scenario } from "../scenario.ts";
import { firstWords, openAll, showSummary, summary } from "../scenario.ts";
import { connectEnvelopes } from "../servers/accounts.ts";
import type { ServerProcess } from "../servers/server-process.ts";

const ROUNDS = 3;
/** Sessions of one user, each with a `sid`. */
const SESSIONS_PER_USER = 10;
/** Requests to the provider at once. */
const BATCH = 200;
const TOKEN_TTL_S = 3600;

const KINDS = ["own", "first", "again"] as const;
type Kind = (typeof KINDS)[number];

const titles: Record<Kind, string> = {
	own: "tokens of our own",
	first: "an issuer's, the first time",
	again: "an issuer's, again",
};

interface Measurement {
	readonly kind: Kind;
	readonly connectsPerSecond: number;
	readonly cpuUsPerConnection: number;
}

async function issuedTokens(provider: OidcProvider, count: number): Promise<string[]> {
	const tokens: string[] = [];
	while (tokens.length < count) {
		const from = tokens.length;
		const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
			const sub = `user-${Math.floor((from + index) / SESSIONS_PER_USER)}`;
			return provider.token({ sub, ttl: TOKEN_TTL_S, extra: { sid: `session-${from + index}` } });
		});
		tokens.push(...(await Promise.all(batch)));
	}
	return tokens;
}

async function measure(
	context: Context,
	server: ServerProcess,
	kind: Kind,
	first: readonly Uint8Array[],
): Promise<Measurement> {
	const { connections } = context.settings;
	const cpuBefore = server.cpuUs();
	const { elapsedMs } = await openAll(context, "framegate", server, first);
	const cpuUsPerConnection = (server.cpuUs() - cpuBefore) / connections;
	await context.fleet.close("framegate");
	return { kind, connectsPerSecond: (connections / elapsedMs) * 1000, cpuUsPerConnection };
}

async function round(context: Context, provider: OidcProvider, issued: readonly Uint8Array[]): Promise<Measurement[]> {
	const issuers = [{ name: "company", issuer: provider.issuer, audience: [AUDIENCE] }];
	const server = await context.start("framegate", { FRAMEGATE_AUTH_ISSUERS: JSON.stringify(issuers) });
	const own = await firstWords("framegate", server, context.settings.connections);
	const measured: Measurement[] = [];
	for (const kind of KINDS) {
		context.progress.step(titles[kind]);
		measured.push(await measure(context, server, kind, kind === "own" ? own : issued));
	}
	await context.stop(server);
	return measured;
}

export const identity: Scenario = {
	name: "identity",
	title: "connects with tokens of an identity provider, all at once, against tokens of our own",
	defaults: { connections: 10_000, seconds: 0 },
	steps: () => ROUNDS * KINDS.length,
	async run(context) {
		const provider = await OidcProvider.start([await providerKey("k1")]);
		const rounds: Measurement[][] = [];
		try {
			const issued = connectEnvelopes(await issuedTokens(provider, context.settings.connections));
			for (let n = 0; n < ROUNDS; n++) rounds.push(await round(context, provider, issued));
		} finally {
			await provider.stop();
		}
		const values = (kind: Kind, figure: "connectsPerSecond" | "cpuUsPerConnection") =>
			rounds.map((measured) => measured[KINDS.indexOf(kind)]?.[figure] ?? 0);
		const ratio = (kind: Kind) => {
			const own = values("own", "cpuUsPerConnection");
			return summary(values(kind, "cpuUsPerConnection").map((value, index) => value / (own[index] as number)));
		};
		const rows = KINDS.flatMap((kind): Row[] => [
			{
				what: `${titles[kind]}: connects a second`,
				values: { framegate: showSummary(summary(values(kind, "connectsPerSecond")), 0) },
			},
			{
				what: `${titles[kind]}: server CPU per connection (µs)`,
				values: { framegate: showSummary(summary(values(kind, "cpuUsPerConnection")), 0) },
				...(kind === "own" ? {} : { result: showSummary(ratio(kind)) }),
			},
		]);
		const [first, again] = [ratio("first"), ratio("again")];
		return {
			figures: {
				ratio: { cpu_per_connection_first: first.median, cpu_per_connection_again: again.median },
				spread: { cpu_per_connection_first: first, cpu_per_connection_again: again },
				connects_per_second: Object.fromEntries(
					KINDS.map((kind) => [kind, summary(values(kind, "connectsPerSecond")).median]),
				),
			},
			raw: rounds.flat(),
			rows,
		};
	},
};

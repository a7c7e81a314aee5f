// The processes of one row: Redis, PostgreSQL and gateway nodes as they are shipped, in the production profile, with limits
// raised only so far that one address may be hundreds of clients.
import { randomBytes } from "node:crypto";
import { type GatewayProcess, startGateway } from "../../test/support/gateway.ts";
import { startPostgres } from "../../test/support/postgres-server.ts";
import type { Plan } from "./plan.ts";
import { type RedisKinds, redisStarters } from "./redis.ts";
import type { Needs, RedisKind } from "./row.ts";

export interface Site<Kind extends RedisKind> {
	readonly redis: RedisKinds[Kind];
	readonly nodes: readonly GatewayProcess[];
	startAgain(index: number): Promise<void>;
}

export interface SiteOptions {
	readonly plan: Plan;
	/** What nodes run: a built `framegate.js`; undefined runs the sources. */
	readonly entry: string | undefined;
	/** Told of everything as soon as it runs, so that it can be ended whatever happens. */
	readonly keep: (stop: () => Promise<unknown>) => void;
}

function environment(plan: Plan, redisUrl: string, databaseUrl: string): Record<string, string> {
	const attempts = ["LOGIN_PER_ACCOUNT", "LOGIN_PER_IP", "REGISTER_PER_IP"];
	return {
		FRAMEGATE_PROFILE: "production",
		JWT_SECRET: randomBytes(48).toString("hex"),
		REDIS_URL: redisUrl,
		DATABASE_URL: databaseUrl,
		LOG_LEVEL: "warn",
		FRAMEGATE_CHANNELS_HISTORY_SIZE: String(plan.historySize),
		// Only accounts are made with it.
		FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
		FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
		FRAMEGATE_AUTH_PASSWORD_HASH_MAX_QUEUED: "10000",
		...Object.fromEntries(attempts.map((name) => [`FRAMEGATE_AUTH_ATTEMPTS_${name}_POINTS`, "1000000"])),
		// All clients are one address here; what one user and one connection may is as ever.
		FRAMEGATE_RATES_IP_PER_SECOND: "0",
		FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
	};
}

/** @throws Error with the log of what does not start. */
export async function startSite<Kind extends RedisKind>(
	needs: Needs<Kind>,
	{ plan, entry, keep }: SiteOptions,
): Promise<Site<Kind>> {
	const [redis, postgres] = await Promise.all([
		redisStarters[needs.redis]().then((server) => {
			keep(() => server.stop());
			return server;
		}),
		startPostgres().then((server) => {
			keep(() => server.stop());
			return server;
		}),
	]);
	const env = environment(plan, redis.url, postgres.url);
	const nodes: GatewayProcess[] = [];
	const startNode = async (port?: number): Promise<GatewayProcess> => {
		const node = await startGateway({
			env,
			...(entry === undefined ? {} : { entry }),
			...(port === undefined ? {} : { port }),
		});
		keep(() => node.kill9());
		return node;
	};
	// One after the other: the first one makes the tables.
	for (let index = 0; index < needs.nodes; index++) nodes.push(await startNode());
	return {
		redis,
		nodes,
		startAgain: async (index) => {
			nodes[index] = await startNode(nodes[index]?.port);
		},
	};
}

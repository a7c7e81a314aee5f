// The processes of one scenario: Redis, PostgreSQL and gateway nodes as they are shipped, in the production profile, with the
// limits that they have by default.
import { randomBytes } from "node:crypto";
import { type GatewayProcess, startGateway } from "../../test/support/gateway.ts";
import { type KafkaCluster, startKafka } from "../../test/support/kafka/kafka-server.ts";
import type { Plan } from "./plan.ts";
import { noPostgres, type Postgres, startProvingPostgres } from "./postgres.ts";
import { type RedisKinds, redisStarters } from "./redis.ts";
import type { Needs, RedisKind } from "./scenario.ts";

export interface Site<Kind extends RedisKind> {
	readonly redis: RedisKinds[Kind];
	readonly postgres: Postgres;
	readonly kafka: KafkaCluster | undefined;
	/** That nodes sign tokens with. */
	readonly secret: string;
	readonly nodes: readonly GatewayProcess[];
	startAgain(index: number): Promise<void>;
}

export interface SiteOptions {
	readonly plan: Plan;
	/** What nodes run: a built `framegate.js`; undefined runs the sources. */
	readonly entry: string | undefined;
	/** The same of the commit before, for a scenario that needs it. */
	readonly entryBefore: string | undefined;
	/** Called for each process as soon as it runs, so that it is ended in any case. */
	readonly keep: (stop: () => Promise<unknown>) => void;
}

function environment(plan: Plan): Record<string, string> {
	return {
		FRAMEGATE_PROFILE: "production",
		FRAMEGATE_SERVER_METRICS_PORT: "0",
		LOG_LEVEL: "warn",
		FRAMEGATE_LIMITS_DRAIN_WINDOW_MS: String(plan.drainWindowMs),
		FRAMEGATE_CHANNELS_HISTORY_SIZE: String(plan.historySize),
		// Only accounts are made with it.
		FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
		FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
		FRAMEGATE_AUTH_PASSWORD_HASH_MAX_QUEUED: "10000",
	};
}

/** @throws Error with the log of what does not start. */
export async function startSite<Kind extends RedisKind>(
	needs: Needs<Kind>,
	{ plan, entry, entryBefore, keep }: SiteOptions,
): Promise<Site<Kind>> {
	const [redis, postgres, kafka] = await Promise.all([
		redisStarters[needs.redis]().then((server) => {
			keep(() => server.stop());
			return server;
		}),
		(needs.sql === "embedded" ? Promise.resolve(noPostgres()) : startProvingPostgres()).then((server) => {
			keep(() => server.stop());
			return server;
		}),
		startTopics(needs.topics, keep),
	]);
	const secret = randomBytes(48).toString("hex");
	const urls = {
		...(redis.url === "" ? {} : { [needs.redis === "box" ? "EDGE_REDIS_URL" : "REDIS_URL"]: redis.url }),
		...(postgres.url === "" ? {} : { DATABASE_URL: postgres.url }),
		...(kafka === undefined ? {} : { KAFKA_BROKERS: kafka.addresses.join(",") }),
		...(needs.heapMb === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${needs.heapMb}` }),
	};
	const env = { ...environment(plan), ...urls, JWT_SECRET: secret, ...needs.env };
	const nodes: GatewayProcess[] = [];
	const { nodesBefore = 0 } = needs;
	if (nodesBefore > 0 && entryBefore === undefined) throw new Error("the commit before is needed: --before COMMIT");
	const startNode = async (program: string | undefined, port?: number): Promise<GatewayProcess> => {
		const node = await startGateway({
			env,
			...(program === undefined ? {} : { entry: program }),
			...(port === undefined ? {} : { port }),
		});
		keep(() => node.kill9());
		return node;
	};
	// One after the other: the first one makes the tables.
	for (let index = 0; index < needs.nodes; index++) {
		nodes.push(await startNode(index < nodesBefore ? entryBefore : entry));
	}
	return {
		redis,
		postgres,
		kafka,
		secret,
		nodes,
		startAgain: async (index) => {
			nodes[index] = await startNode(entry, nodes[index]?.port);
		},
	};
}

async function startTopics(topics: Needs["topics"], keep: SiteOptions["keep"]): Promise<KafkaCluster | undefined> {
	if (topics === undefined) return undefined;
	const kafka = await startKafka();
	keep(() => kafka.stop());
	for (const [name, partitions] of Object.entries(topics)) await kafka.createTopic(name, { partitions });
	return kafka;
}

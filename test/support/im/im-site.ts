// Everything that an IM needs, as processes: brokers of Kafka, etcd or Nacos, Redis, two gateways, and the logic service of the examples.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { UNLIMITED } from "../../security/raw-peer.ts";
import { type EtcdCluster, startEtcd, untilEtcdWrites } from "../etcd-server.ts";
import { type GatewayProcess, startGateway } from "../gateway.ts";
import { post } from "../http-client.ts";
import { type KafkaCluster, startKafka } from "../kafka/kafka-server.ts";
import { freePort } from "../real-server.ts";
import { startRedis } from "../redis-server.ts";
import { tied } from "../tied-process.ts";
import { until } from "../until.ts";

export interface ImSiteOptions {
	readonly brokers: 1 | 3;
	/** Members of etcd; or a server of Nacos, `host:port`, instead. */
	readonly etcdMembers?: 1 | 3;
	readonly nacos?: string;
}

export interface ImAccount {
	readonly id: string;
	readonly token: string;
}

export interface ImSite {
	readonly kafka: KafkaCluster;
	readonly etcd: EtcdCluster | undefined;
	/** As they are now. */
	readonly gateways: readonly GatewayProcess[];
	/** As a crash does, and starts it again on its port. */
	killGateway(index: number): Promise<void>;
	killLogic(): Promise<void>;
	/** The end of what the logic service has logged. */
	logicLog(): string;
	account(username: string): Promise<ImAccount>;
	/** Of a consumer group, over all partitions; undefined while it has committed nothing. */
	lag(groupId: string, topic: string): Promise<number | undefined>;
	stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("../../../examples/im-logic/main.ts", import.meta.url));
const PARTITIONS = 6;
const END = -1n;
const MAX_LOG = 20_000;

export async function startImSite(options: ImSiteOptions): Promise<ImSite> {
	const { brokers, etcdMembers, nacos } = options;
	const directory = mkdtempSync(join(tmpdir(), "framegate-im-site-"));
	const etcd = nacos === undefined ? await startEtcd({ members: etcdMembers ?? 1 }) : undefined;
	const [kafka, redis] = await Promise.all([startKafka({ brokers }), startRedis()]);
	if (etcd !== undefined) await untilEtcdWrites(etcd);
	for (const topic of ["upstream", "downstream"]) {
		await kafka.createTopic(topic, { partitions: PARTITIONS, replicas: brokers });
	}
	await kafka.createTopic("dead-letters", { replicas: brokers });
	const discovery = { ETCD_ENDPOINTS: etcd?.endpoints.join(",") ?? "" };
	const logic = await startLogic({
		...(etcd === undefined ? { NACOS_SERVERS: nacos ?? "" } : discovery),
		IM_LOGIC_DATABASE: join(directory, "im-logic.db"),
		IM_LOGIC_PORT: String(await freePort()),
		KAFKA_BROKERS: kafka.addresses.join(","),
	});
	const env = { ...gatewayEnv(kafka, redis.url, directory), ...discoveryEnv(etcd, nacos) };
	const start = (id: string, port?: number) =>
		startGateway({ env: { ...env, GATEWAY_ID: id }, ...(port !== undefined && { port }) });
	const ids = ["gateway-001", "gateway-002"];
	const gateways = await Promise.all(ids.map((id) => start(id)));
	return {
		kafka,
		etcd,
		gateways,
		killGateway: async (index) => {
			const { port } = gateways[index] as GatewayProcess;
			await gateways[index]?.kill9();
			gateways[index] = await start(ids[index] ?? "", port);
		},
		killLogic: logic.restart,
		logicLog: logic.log,
		account: (username) => account(gateways[0]?.httpUrl ?? "", username),
		lag: (groupId, topic) => lagOf(kafka, groupId, topic),
		stop: async () => {
			await Promise.all(gateways.map((each) => each.kill9()));
			await logic.stop();
			await Promise.all([kafka.stop(), redis.stop(), etcd?.stop()]);
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

function gatewayEnv(kafka: KafkaCluster, redisUrl: string, directory: string): Record<string, string> {
	return {
		...UNLIMITED,
		// Two users here send what hundreds do.
		FRAMEGATE_LIMITS_MAX_IN_FLIGHT: "1000",
		REDIS_URL: redisUrl,
		FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
		JWT_SECRET: "a secret for the gateways of a test, long enough",
		FRAMEGATE_CHAT_IM_DIALECT: "true",
		FRAMEGATE_CHAT_BACKEND: "kafka",
		FRAMEGATE_CHAT_SERVICE: "im-logic",
		FRAMEGATE_CHAT_USER_RATE_PER_SECOND: "0",
		FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "0",
		KAFKA_BROKERS: kafka.addresses.join(","),
		FRAMEGATE_KAFKA_UPLINK_MESSAGES_TOPIC: "upstream",
		FRAMEGATE_KAFKA_DOWNLINK_TOPIC: "downstream",
		FRAMEGATE_KAFKA_DOWNLINK_DEAD_LETTER_TOPIC: "dead-letters",
		FRAMEGATE_KAFKA_DOWNLINK_START_FROM: "earliest",
		FRAMEGATE_KAFKA_DOWNLINK_SESSION_TIMEOUT_MS: "6000",
	};
}

function discoveryEnv(etcd: EtcdCluster | undefined, nacos: string | undefined): Record<string, string> {
	const discover = { from: etcd === undefined ? "nacos" : "etcd", name: "im-logic" };
	return {
		FRAMEGATE_UPSTREAMS_SERVICES: JSON.stringify({ "im-logic": { discover } }),
		...(etcd === undefined ? { NACOS_SERVER_ADDR: nacos ?? "" } : { ETCD_ENDPOINTS: etcd.endpoints.join(",") }),
	};
}

/** The program of the examples, which is started again where it was killed. */
async function startLogic(env: Readonly<Record<string, string>>) {
	let output = "";
	const start = async () => {
		const child = spawn(...tied(process.execPath, [PROGRAM]), {
			stdio: ["ignore", "pipe", "pipe"],
			env: { PATH: process.env["PATH"] ?? "", IM_LOGIC_HOST: "127.0.0.1", IM_LOGIC_ADDRESS: "127.0.0.1", ...env },
		});
		const exited = once(child, "exit");
		let isServing = false;
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk: Buffer) => {
				output = (output + chunk.toString()).slice(-MAX_LOG);
				if (output.includes("serving on")) isServing = true;
			});
		}
		await until(() => isServing || child.exitCode !== null);
		if (child.exitCode !== null) throw new Error(`the logic service ended:\n${output}`);
		return { child, exited };
	};
	let running = await start();
	const stop = async (): Promise<void> => {
		running.child.kill("SIGKILL");
		await running.exited;
	};
	return {
		log: () => output,
		stop,
		restart: async () => {
			await stop();
			output = "";
			running = await start();
		},
	};
}

async function account(httpUrl: string, username: string): Promise<ImAccount> {
	const password = "password123";
	const { body } = await post(`${httpUrl}/api/v1/auth/register`, { username, password });
	const login = await post(`${httpUrl}/api/v1/auth/login`, { username, password });
	return { id: body.user.id, token: login.body.tokens.access_token };
}

async function lagOf({ admin }: KafkaCluster, groupId: string, topic: string): Promise<number | undefined> {
	const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({ partitionIndex, timestamp: END }));
	const [ends, [group]] = await Promise.all([
		admin.listOffsets({ topics: [{ name: topic, partitions }] }),
		admin.listConsumerGroupOffsets({ groups: [groupId] }),
	]);
	const committed = new Map(
		group?.topics
			.find(({ name }) => name === topic)
			?.partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset] as const),
	);
	if (committed.size === 0) return undefined;
	const lags = ends[0]?.partitions.map(({ partitionIndex, offset }) => {
		const done = committed.get(partitionIndex) ?? 0n;
		return Number(offset - (done < 0n ? 0n : done));
	});
	return lags?.reduce((sum, lag) => sum + lag, 0);
}

// Real brokers of Kafka for tests: KRaft, one or three of them, each a controller as well.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Admin } from "@platformatic/kafka";
import { findProgram } from "../programs.ts";
import { accepts, dataDirectory, freePort, launch, type RealServer } from "../real-server.ts";
import { kafkaClassPath } from "./artifacts.ts";

export interface KafkaOptions {
	/** 1 unless given. */
	readonly brokers?: 1 | 3;
	/** More lines of server.properties. */
	readonly properties?: Readonly<Record<string, string>>;
	/** Listeners for clients beside the one that takes plain text from everybody, by name in capital letters. */
	readonly listeners?: Readonly<Record<string, ListenerOptions>>;
	/** Users of SASL/PLAIN, by name, with their passwords: there is a listener SECURE for them. */
	readonly users?: Readonly<Record<string, string>>;
}

export interface ListenerOptions {
	/** Users of SASL/PLAIN, by name, with their passwords. */
	readonly users?: Readonly<Record<string, string>>;
	/** Mechanisms of SASL/SCRAM; `addScramUser` makes their users. */
	readonly scram?: readonly ScramMechanism[];
	/** PEM file with a key and its certificate: the listener speaks TLS. */
	readonly keyStore?: string;
	/** PEM file of the authority whose clients' certificates are required. */
	readonly trustStore?: string;
}

export type ScramMechanism = "SCRAM-SHA-256" | "SCRAM-SHA-512";

export interface Broker {
	readonly nodeId: number;
	readonly address: string;
	readonly pid: number;
	/** Ends it at once; its data stays. */
	kill(): Promise<void>;
	/** Starts it again, with its data. */
	restart(): Promise<void>;
}

export interface TopicSettings {
	readonly partitions?: number;
	readonly replicas?: number;
	readonly configs?: Readonly<Record<string, string>>;
}

export interface KafkaCluster {
	/** `127.0.0.1:…`, plain text, of all brokers. */
	readonly addresses: readonly string[];
	/** `localhost:…` of a further listener of the first broker. */
	addressOf(listener: string): string;
	/** With `kafka-configs`. */
	addScramUser(name: string, password: string, mechanism: ScramMechanism): Promise<void>;
	readonly brokers: readonly Broker[];
	createTopic(name: string, settings?: TopicSettings): Promise<void>;
	/** Of the first broker. */
	readonly admin: Admin;
	stop(): Promise<void>;
}

interface Node {
	readonly id: number;
	readonly port: number;
	readonly controllerPort: number;
	/** The first of those of further listeners. */
	readonly securePort: number;
	readonly directory: string;
}

/** Small and quick to start: tests have little to keep. */
const JVM = ["-Xmx320m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto"];

/** Starts brokers, and resolves when the cluster can make topics. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
	kafkaClassPath();
	const listeners = Object.entries({
		...options.listeners,
		...(options.users && { SECURE: { users: options.users } }),
	});
	const root = dataDirectory("kafka");
	const nodes: Node[] = [];
	for (let id = 1; id <= (options.brokers ?? 1); id++) {
		const port = await freePort(1, ...listeners.map((_, index) => 2 + index));
		const directory = join(root, `broker-${id}`);
		nodes.push({ id, port, controllerPort: port + 1, securePort: port + 2, directory });
	}
	const clusterId = randomBytes(16).toString("base64url");
	for (const node of nodes) format(node, { nodes, clusterId, listeners, properties: options.properties ?? {} });
	const running = new Map<number, RealServer>();
	const start = async (node: Node): Promise<void> => {
		running.set(node.id, await startBroker(node));
	};
	await Promise.all(nodes.map(start));
	const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
	// A controller on a busy machine takes longer than the five seconds that are the library's own.
	const timeouts = { timeout: 60_000, requestTimeout: 90_000 };
	const admin = new Admin({ clientId: "test", bootstrapBrokers: addresses, retries: 30, retryDelay: 200, ...timeouts });
	await untilAllJoined(admin, nodes.length);
	return {
		addresses,
		addressOf: (listener) => {
			const index = listeners.findIndex(([name]) => name === listener);
			return `localhost:${(nodes[0]?.securePort ?? 0) + index}`;
		},
		addScramUser: async (name, password, mechanism) => {
			const config = ["--alter", "--add-config", `${mechanism}=[password=${password}]`];
			const change = [...config, "--entity-type", "users", "--entity-name", name];
			const command = ["kafka.admin.ConfigCommand", "--bootstrap-server", addresses.join(",")];
			await promisify(execFile)(findProgram("java"), [...JVM, "-cp", kafkaClassPath(), ...command, ...change]);
		},
		brokers: nodes.map((node) => ({
			nodeId: node.id,
			address: `127.0.0.1:${node.port}`,
			get pid() {
				return running.get(node.id)?.pid ?? 0;
			},
			kill: () => running.get(node.id)?.stop() ?? Promise.resolve(),
			restart: () => start(node),
		})),
		admin,
		createTopic: async (name, { partitions = 1, replicas = 1, configs = {} } = {}) => {
			const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
			await admin.createTopics({ topics: [name], partitions, replicas, configs: entries });
		},
		stop: async () => {
			await admin.close().catch(() => undefined);
			await Promise.all([...running.values()].map((server) => server.stop()));
			rmSync(root, { recursive: true, force: true });
		},
	};
}

function startBroker(node: Node): Promise<RealServer> {
	const { port, directory } = node;
	const properties = join(directory, "server.properties");
	return launch({
		name: `Kafka broker ${node.id}`,
		command: findProgram("java"),
		args: [...JVM, "-cp", kafkaClassPath(), "kafka.Kafka", properties],
		directory,
		port,
		url: `127.0.0.1:${port}`,
		ready: () => accepts(port),
		removeData: false,
	});
}

interface Layout {
	readonly nodes: readonly Node[];
	readonly clusterId: string;
	readonly listeners: readonly (readonly [name: string, ListenerOptions])[];
	readonly properties: Readonly<Record<string, string>>;
}

/** What `kafka-storage.sh format` writes, without the seconds of a JVM. */
function format(node: Node, layout: Layout): void {
	const logs = join(node.directory, "logs");
	mkdirSync(logs, { recursive: true });
	const directoryId = randomBytes(16).toString("base64url");
	const meta = { version: "1", "cluster.id": layout.clusterId, "node.id": String(node.id) };
	writeFileSync(join(logs, "meta.properties"), lines({ ...meta, "directory.id": directoryId }));
	writeFileSync(join(node.directory, "server.properties"), lines(propertiesOf(node, logs, layout)));
}

function propertiesOf(node: Node, logs: string, { nodes, listeners, properties }: Layout): Record<string, string> {
	const replicas = String(nodes.length);
	const listener = (name: string, port: number, host = "127.0.0.1") => `${name}://${host}:${port}`;
	const own = listeners.map(([name], index) => listener(name, node.securePort + index, "localhost"));
	const protocols = listeners.map(([name, options]) => `${name}:${protocolOf(options)}`);
	return {
		"process.roles": "broker,controller",
		"node.id": String(node.id),
		"controller.quorum.voters": nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(","),
		listeners: [listener("PLAINTEXT", node.port), listener("CONTROLLER", node.controllerPort), ...own].join(","),
		"advertised.listeners": [listener("PLAINTEXT", node.port), ...own].join(","),
		"listener.security.protocol.map": ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT", ...protocols].join(","),
		"controller.listener.names": "CONTROLLER",
		"inter.broker.listener.name": "PLAINTEXT",
		"log.dirs": logs,
		"auto.create.topics.enable": "false",
		"offsets.topic.replication.factor": replicas,
		"offsets.topic.num.partitions": "4",
		"transaction.state.log.replication.factor": replicas,
		"transaction.state.log.min.isr": "1",
		"transaction.state.log.num.partitions": "2",
		"min.insync.replicas": nodes.length > 1 ? "2" : "1",
		"group.initial.rebalance.delay.ms": "0",
		"group.min.session.timeout.ms": "1000",
		"broker.session.timeout.ms": "3000",
		"broker.heartbeat.interval.ms": "500",
		"num.network.threads": "2",
		"num.io.threads": "4",
		"log.cleaner.enable": "false",
		...Object.assign({}, ...listeners.map(([name, options]) => listenerProperties(name, options))),
		...properties,
	};
}

function protocolOf({ users, scram, keyStore }: ListenerOptions): string {
	const hasLogin = users !== undefined || scram !== undefined;
	if (keyStore === undefined) return hasLogin ? "SASL_PLAINTEXT" : "PLAINTEXT";
	return hasLogin ? "SASL_SSL" : "SSL";
}

function listenerProperties(
	name: string,
	{ users, scram = [], keyStore, trustStore }: ListenerOptions,
): Record<string, string> {
	const of = (key: string) => `listener.name.${name.toLowerCase()}.${key}`;
	const login = Object.entries(users ?? {}).map(([user, password]) => `user_${user}="${password}"`);
	const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required ${login.join(" ")};`;
	const scramLogin = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
	const mechanisms = [...(users === undefined ? [] : ["PLAIN"]), ...scram];
	return {
		...(mechanisms.length > 0 && { [of("sasl.enabled.mechanisms")]: mechanisms.join(",") }),
		...(users !== undefined && { [of("plain.sasl.jaas.config")]: plain }),
		...Object.fromEntries(scram.map((mechanism) => [of(`${mechanism.toLowerCase()}.sasl.jaas.config`), scramLogin])),
		...(keyStore !== undefined && { [of("ssl.keystore.type")]: "PEM", [of("ssl.keystore.location")]: keyStore }),
		...(trustStore !== undefined && {
			[of("ssl.truststore.type")]: "PEM",
			[of("ssl.truststore.location")]: trustStore,
			[of("ssl.client.auth")]: "required",
		}),
	};
}

function lines(properties: Readonly<Record<string, string>>): string {
	return Object.entries(properties)
		.map(([name, value]) => `${name}=${value}\n`)
		.join("");
}

async function untilAllJoined(admin: Admin, count: number): Promise<void> {
	for (;;) {
		const { brokers } = await admin.metadata({ topics: [], forceUpdate: true });
		if (brokers.size === count) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

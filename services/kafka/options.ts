// Options of Kafka: the section `kafka` of the configuration. Without brokers nothing of it is loaded.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, optionalText, section, text } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";

const KIB = 1024;
const MIB = 1_048_576;

/** `host:port`; an IPv6 address in brackets. */
const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;
/** As Kafka has it (org.apache.kafka.common.internals.Topic). */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

function topic(description: string) {
	return field(z.string().regex(TOPIC, "expected 1 to 249 letters, digits or ._-").optional(), { description });
}

const uplinkSection = section({
	messagesTopic: topic("Topic of chat messages, keyed by conversation. Without it they are not written to Kafka."),
	eventsTopic: topic(
		"Topic of events: connect, disconnect, changes of chat rooms, recalls, the audit trail; keyed by user or room. Without it there are none.",
	),
	format: field(z.enum(["json", "protobuf"]).default("json"), {
		description: "What the gateway writes records as; the header `content-type` says which.",
	}),
	chatAck: field(z.enum(["accepted", "persisted"]).default("accepted"), {
		description:
			"What the reply to a chat message waits for: `accepted` for the database and the publication alone, so that Kafka may be down; " +
			"`persisted` for Kafka as well, for at most kafka.uplink.timeoutMs: without it the stage is PERSISTED instead of DELIVERED.",
	}),
	timeoutMs: milliseconds({
		description:
			"Longest wait for Kafka to confirm a record; then it is UNAVAILABLE, and chat messages are sent again later.",
		min: 100,
		max: 120_000,
		default: 5000,
	}),
	lingerMs: milliseconds({
		description: "How long the first record of a batch waits for others.",
		min: 0,
		max: 1000,
		default: 5,
	}),
	maxBatchBytes: bytes({
		description:
			"Records in one request. Topics refuse batches above their max.message.bytes, 1 MiB in Kafka's own defaults.",
		min: 16 * KIB,
		max: 16 * MIB,
		default: 512 * KIB,
	}),
	maxBufferedBytes: bytes({
		description:
			"Records of one topic that wait for Kafka, in memory; beyond it events are dropped and counted, and requests are refused with UNAVAILABLE.",
		min: MIB,
		max: 1024 * MIB,
		default: 16 * MIB,
	}),
	compression: field(z.enum(["none", "gzip", "snappy", "lz4", "zstd"]).default("none"), {
		description: "Compression of batches.",
	}),
	flushTimeoutMs: milliseconds({
		description: "How long the end of the process waits for records that are still to be written.",
		min: 0,
		max: 60_000,
		default: 5000,
	}),
});

const downlinkSection = section({
	topic: topic("Topic that all nodes read together. Without it there is none."),
	nodeTopicPrefix: topic(
		"Each node reads a topic of its own as well: this and its node.id, `downstream-` in older gateways. Needs node.id (GATEWAY_ID).",
	),
	groupId: field(z.string().regex(TOPIC, "expected 1 to 249 letters, digits or ._-").default("framegate"), {
		description: "Consumer group of the shared topic; that of a node's own topic is this, a hyphen and its node.id.",
	}),
	startFrom: field(z.enum(["earliest", "latest"]).default("latest"), {
		description: "Where a group begins that has committed nothing yet.",
	}),
	deadLetterTopic: topic("Topic of records that cannot be published. Without it they are dropped, logged and counted."),
	maxAttempts: integer({
		description:
			"Attempts to publish a record; then it goes to the dead-letter topic. An outage of Redis does not count.",
		min: 1,
		max: 100,
		default: 5,
	}),
	retryMs: milliseconds({
		description: "Pause before the second attempt; doubled with each further one, up to 5 s.",
		min: 1,
		max: 5000,
		default: 100,
	}),
	dedupeMs: milliseconds({
		description:
			"How long the id of a message is known: a record with the same id for the same target is not published again.",
		min: 10_000,
		max: 86_400_000,
		default: 600_000,
	}),
	dedupeBytes: bytes({
		description:
			"What ids of messages may take in Redis, 320 bytes each and the name of the channel, counted by each process; beyond it reading waits until earlier ones are forgotten. " +
			"Without redis.url, 64 MiB at most.",
		min: MIB,
		max: 16_384 * MIB,
		default: 256 * MIB,
	}),
	maxInFlightBytes: bytes({
		description: "Records that were read and are not published yet; beyond it the consumer is paused.",
		min: 64 * KIB,
		max: 1024 * MIB,
		default: 8 * MIB,
	}),
	maxFetchBytes: bytes({
		description: "What one fetch brings, of each broker; it waits in memory while the consumer is paused.",
		min: 16 * KIB,
		max: 64 * MIB,
		default: 4 * MIB,
	}),
	concurrency: integer({
		description: "Records that are published at once, each to another inbox or channel.",
		min: 1,
		max: 1000,
		default: 64,
	}),
	commitIntervalMs: milliseconds({
		description:
			"How often offsets are committed. What was published since is read again after a crash, and not published again.",
		min: 10,
		max: 60_000,
		default: 500,
	}),
	sessionTimeoutMs: milliseconds({
		description: "A node that is silent for so long loses its partitions to others.",
		min: 1000,
		max: 300_000,
		default: 10_000,
	}),
});

export const kafkaSection = section({
	brokers: field(z.array(z.string().regex(ADDRESS, "expected host:port")).max(100).default([]), {
		description: "Brokers to begin with, `host:port`. Empty: no Kafka, and nothing of it is loaded.",
		aliases: ["KAFKA_BROKERS"],
	}),
	required: flag({
		description:
			"Do not start, and be not ready, without Kafka. Otherwise /ready says that it is unavailable, and stays ready.",
		default: false,
	}),
	tls: section({
		enabled: flag({ description: "Connect by TLS; the certificate has to name the broker's host.", default: false }),
		caFile: optionalText({
			description:
				"Certificates of authorities, PEM, in the place of the system's. The files are read again on SIGHUP: new connections use them.",
		}),
		certFile: optionalText({ description: "Certificate of the gateway, PEM, for brokers that ask for one." }),
		keyFile: optionalText({ description: "Private key of certFile, PEM." }),
	}),
	sasl: section({
		mechanism: field(z.enum(["none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]).default("none"), {
			description: "How the gateway logs in to brokers.",
		}),
		username: optionalText({ description: "User name for SASL." }),
		password: optionalText({ description: "Password for SASL.", secret: true }),
	}),
	connectTimeoutMs: milliseconds({
		description: "Longest wait for a connection.",
		min: 10,
		max: 60_000,
		default: 2000,
	}),
	requestTimeoutMs: milliseconds({
		description: "Longest wait for a broker's answer.",
		min: 100,
		max: 120_000,
		default: 5000,
	}),
	clientId: text({ description: "Name that brokers log and count quotas by.", default: "framegate" }),
	uplink: uplinkSection,
	downlink: downlinkSection,
});

export type KafkaOptions = OptionsOf<typeof kafkaSection>;
export type UplinkOptions = KafkaOptions["uplink"];
export type DownlinkOptions = KafkaOptions["downlink"];

export const kafkaDefaults: KafkaOptions = defaultsOf(kafkaSection);

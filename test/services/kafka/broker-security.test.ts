// TLS, certificates of clients and SCRAM with a real broker: what works, and what callers and operators are expected when it does not.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { TlsFiles } from "../../../common/tls-files.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { clientSettings, loadKafka } from "../../../services/kafka/client-kafka.ts";
import { type KafkaOptions, kafkaDefaults } from "../../../services/kafka/options.ts";
import { ProduceQueue } from "../../../services/kafka/produce-queue.ts";
import { KafkaRecordSource } from "../../../services/kafka/record-source-kafka.ts";
import type { WriteFailure } from "../../../services/kafka/topic-writer.ts";
import { KafkaTopicWriter } from "../../../services/kafka/topic-writer-kafka.ts";
import {
	type BrokerCertificates,
	makeBrokerCertificates,
	type SignedCertificate,
} from "../../support/kafka/broker-certificates.ts";
import { type KafkaCluster, startKafka } from "../../support/kafka/kafka-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const SCRAM = ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
const PASSWORD = "the-password-of-scram";

describe("a broker with TLS and logins", { timeout: 240_000 }, () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-kafka-security-"));
	let certificates: BrokerCertificates;
	let kafka: KafkaCluster;
	const open: { close(): Promise<void> }[] = [];

	before(async () => {
		certificates = makeBrokerCertificates(directory);
		const { caFile, broker, expiredBroker, otherBroker } = certificates;
		const keyStore = broker.storeFile;
		kafka = await startKafka({
			listeners: {
				TLS: { keyStore },
				EXPIRED: { keyStore: expiredBroker.storeFile },
				OTHER: { keyStore: otherBroker.storeFile },
				MUTUAL: { keyStore, trustStore: caFile },
				SCRAM: { keyStore, scram: SCRAM },
				WEAK: { keyStore, scram: ["SCRAM-SHA-256"] },
			},
		});
		await kafka.createTopic("t");
		for (const mechanism of SCRAM) await kafka.addScramUser("gateway", PASSWORD, mechanism);
	});
	after(async () => {
		await Promise.all(open.map((each) => each.close()));
		await kafka?.stop();
		rmSync(directory, { recursive: true });
	});

	interface Given {
		readonly listener: string;
		/** Whether the authority is known to the gateway. */
		readonly trusts?: boolean;
		readonly own?: SignedCertificate;
		readonly tls?: boolean;
		readonly sasl?: Partial<KafkaOptions["sasl"]>;
	}

	/** What writes to the topic and what reads from it, by one listener. */
	function gateway({ listener, trusts = true, own, tls = true, sasl }: Given) {
		const logger = quietLogger();
		const options: KafkaOptions = {
			...kafkaDefaults,
			brokers: [listener === "PLAINTEXT" ? (kafka.addresses[0] ?? "") : kafka.addressOf(listener)],
			requestTimeoutMs: 1000,
			tls: {
				enabled: tls,
				caFile: trusts ? certificates.caFile : undefined,
				certFile: own?.certFile,
				keyFile: own?.keyFile,
			},
			sasl: { ...kafkaDefaults.sasl, ...sasl },
		};
		const files = tls ? new TlsFiles("kafka.tls", options.tls) : undefined;
		const settings = clientSettings(options, files);
		const writer = new KafkaTopicWriter({
			...{ topic: "t", load: loadKafka, settings, compression: "none", now: Date.now },
			onRetry: (failure: WriteFailure) => queue.onRetry(failure),
		});
		const now = () => performance.now();
		const queue = new ProduceQueue({ writer, logger, now, options: { ...options.uplink, timeoutMs: 20_000 } });
		const shared = { load: loadKafka, settings, logger };
		const read: string[] = [];
		const source = new KafkaRecordSource({
			...shared,
			topics: ["t"],
			groupId: `${listener}-${open.length}`,
			options: { ...options.downlink, startFrom: "earliest" },
		});
		open.push({ close: () => queue.close(0) }, source);
		const startReading = () =>
			source.start({
				onRecord: ({ value }) => void read.push(Buffer.from(value).toString()),
				onAssigned: () => {},
			});
		const append = (text: string, timeoutMs = 20_000) =>
			queue.append([{ key: "k", value: Buffer.from(text), headers: {} }], timeoutMs);
		return { queue, source, read, startReading, append, logger, files };
	}

	async function works(given: Given): Promise<void> {
		const { append, read, startReading, source } = gateway(given);
		const text = `by ${JSON.stringify(given.listener)} ${open.length}`;
		startReading();
		await append(text);
		await until(() => read.includes(text));
		assert.equal(source.problem, undefined);
	}

	/** The caller is answered UNAVAILABLE; the log, and what /ready says of writing and reading, name the reason, and no secret. */
	async function fails(given: Given, reason: string, expected: RegExp): Promise<void> {
		const { append, queue, startReading, source, logger } = gateway(given);
		startReading();
		const refused = async () => {
			const error = (await rejectionOf(append("never", 500))) as { readonly code: ErrorCode; readonly message: string };
			assert.deepEqual([error.code, error.message], [ErrorCode.UNAVAILABLE, "Kafka is unavailable"]);
		};
		// By then it has been tried to write one of them.
		do await refused();
		while (queue.outage === undefined);
		assert.equal(queue.outage.reason, reason, queue.outage.message);
		const problem = String(await queue.check().then(String, String));
		assert.match(problem, expected);
		await until(() => expected.test(source.problem ?? ""));
		const lines = logger.lines.map(({ message, fields }) => {
			const { problem: text, err } = fields as { problem?: string; err?: Error };
			return `${message}: ${text ?? ""} ${err?.message ?? ""}`;
		});
		assert.ok(
			lines.some((line) => line.startsWith("writing to Kafka failed") && expected.test(line)),
			lines.join("\n"),
		);
		for (const secret of ["not-the-password", PASSWORD]) {
			assert.ok(!inspect([logger.lines, problem, source.problem], { depth: 20 }).includes(secret));
		}
	}

	test("takes records by TLS from a gateway that knows its authority", () => works({ listener: "TLS" }));

	test("is not believed when its authority is unknown, its certificate has expired or names another host", async () => {
		await fails({ listener: "TLS", trusts: false }, "tls", /unable to verify the first certificate/);
		await fails({ listener: "EXPIRED" }, "tls", /certificate has expired/);
		await fails({ listener: "OTHER" }, "tls", /localhost.*(cert's altnames|does not match)/i);
	});

	test("that asks for a certificate takes one of its authority, and no other", async () => {
		const { client, expiredClient, foreignClient } = certificates;
		await works({ listener: "MUTUAL", own: client });
		const expected = /Connection closed; brokers that ask for a certificate/;
		await fails({ listener: "MUTUAL" }, "unavailable", expected);
		await fails({ listener: "MUTUAL", own: foreignClient }, "unavailable", expected);
		await fails({ listener: "MUTUAL", own: expiredClient }, "unavailable", expected);
	});

	test("that asks for a certificate gets one that was renewed, by what is there already", async () => {
		const { client, foreignClient } = certificates;
		const own = { ...client, certFile: join(directory, "renewed.pem"), keyFile: join(directory, "renewed.key") };
		const install = ({ certFile, keyFile }: SignedCertificate) => {
			copyFileSync(certFile, own.certFile);
			copyFileSync(keyFile, own.keyFile);
		};
		install(foreignClient);
		const { append, read, startReading, source, files } = gateway({ listener: "MUTUAL", own });
		startReading();
		await rejectionOf(append("never", 500));
		await until(() => /brokers that ask for a certificate/.test(source.problem ?? ""));
		install(client);
		assert.equal(files?.renew(), true);
		await append("renewed");
		await until(() => read.includes("renewed"));
		install(foreignClient);
		assert.equal(files?.renew(), true);
		// The connections of before are there still.
		await append("renewed again");
		await until(() => read.includes("renewed again"));
	});

	test("and a gateway that do not both speak TLS", async () => {
		await fails({ listener: "PLAINTEXT" }, "unavailable", /before secure TLS connection was established/);
		await fails({ listener: "TLS", tls: false }, "tls", /Broker requires TLS|Connection closed/);
	});

	test("takes logins by SCRAM-SHA-256 and SCRAM-SHA-512", async () => {
		for (const mechanism of SCRAM) {
			await works({ listener: "SCRAM", sasl: { mechanism, username: "gateway", password: PASSWORD } });
		}
	});

	test("refuses a wrong password, an unknown user and a mechanism that it does not have", async () => {
		const mechanism = "SCRAM-SHA-512";
		const expected = /SASL authentication failed|does not support the requested SASL mechanism/;
		const wrong = { mechanism, username: "gateway", password: "not-the-password" } as const;
		await fails({ listener: "SCRAM", sasl: wrong }, "not_authenticated", expected);
		const unknown = { mechanism, username: "nobody", password: PASSWORD } as const;
		await fails({ listener: "SCRAM", sasl: unknown }, "not_authenticated", expected);
		const strong = { mechanism, username: "gateway", password: PASSWORD } as const;
		await fails({ listener: "WEAK", sasl: strong }, "not_authenticated", expected);
	});
});

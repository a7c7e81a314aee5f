// SIGHUP when certificates of the gateway as a client were renewed on disk: services, Kafka and discovery servers get the new ones, and a
// broken file changes nothing.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { makeCertificates } from "../support/certificates.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { startUpstream } from "../support/upstream/upstream-process.ts";
import { WireClient } from "../support/wire-client.ts";
import { GET_ORDER, settings } from "./upstream-fixture.ts";

const RENEWED = "TLS files renewed: new connections use them";
const REFUSED = "TLS files not renewed, those that were read before stay in use";

test("SIGHUP takes over files of upstreams, Kafka, etcd and Nacos for new connections", async () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-renewed-"));
	after(() => rmSync(directory, { recursive: true }));
	const own = makeCertificates(join(directory, "own"));
	const foreign = makeCertificates(join(directory, "foreign"));
	const [caFile, certFile, keyFile] = ["ca.pem", "own.pem", "own.key"].map((name) => join(directory, name)) as [
		string,
		string,
		string,
	];
	const install = (files: typeof own) => {
		copyFileSync(files.caFile, caFile);
		copyFileSync(files.certFile, certFile);
		copyFileSync(files.keyFile, keyFile);
	};
	const pem = (file: string) => readFileSync(file, "utf8");
	const upstream = await startUpstream("orders-tls", 0, {
		ca: pem(own.caFile),
		cert: pem(own.certFile),
		key: pem(own.keyFile),
	});
	after(() => upstream.stop());
	install(foreign);
	const tls = { caFile, certFile, keyFile, serverName: "localhost" };
	const gateway = await startGateway({
		env: {
			...settings([upstream.address], { tls, waitTimeoutMs: 500 }),
			FRAMEGATE_KAFKA_BROKERS: "localhost:1",
			FRAMEGATE_KAFKA_TLS_ENABLED: "true",
			FRAMEGATE_KAFKA_TLS_CA_FILE: caFile,
			FRAMEGATE_DISCOVERY_ETCD_ENDPOINTS: "https://localhost:1",
			FRAMEGATE_DISCOVERY_ETCD_CA_FILE: caFile,
			FRAMEGATE_DISCOVERY_NACOS_SERVERS: "https://localhost:1",
			FRAMEGATE_DISCOVERY_NACOS_CERT_FILE: certFile,
			FRAMEGATE_DISCOVERY_NACOS_KEY_FILE: keyFile,
			LOG_LEVEL: "info",
		},
	});
	after(() => gateway.kill9());
	/** Settings that are named with a message, since the last look. */
	let seen = gateway.log().length;
	const reload = async (message: string, count: number) => {
		const lines = () =>
			gateway
				.log()
				.slice(seen)
				.split("\n")
				.filter((line) => line.includes(message));
		gateway.process.kill("SIGHUP");
		await until(() => lines().length >= count);
		const found = lines();
		seen = gateway.log().length;
		return found;
	};
	const { client } = await WireClient.member(gateway.url, "ann");
	const ask = async () => (await client.ask(GET_ORDER, { bytes: new Uint8Array() })).code;
	assert.equal(await ask(), ErrorCode.UNAVAILABLE);

	install(own);
	const all = ["upstreams.services.orders.tls", "kafka.tls", "discovery.etcd", "discovery.nacos"];
	const renewed = await reload(RENEWED, all.length);
	for (const setting of all)
		assert.ok(
			renewed.some((line) => line.includes(`"${setting}"`)),
			renewed.join("\n"),
		);
	await until(async () => (await ask()) === ErrorCode.OK);

	writeFileSync(caFile, "no certificate");
	const refused = await reload(REFUSED, 3);
	for (const setting of all.slice(0, 3)) {
		assert.ok(
			refused.some((line) => line.includes(`${setting}.caFile: `)),
			refused.join("\n"),
		);
	}
	assert.equal(await ask(), ErrorCode.OK);
});

// A certificate that was renewed, and SIGHUP: what new connections get, what the log and the metrics say, and what stays when the
// files are not usable.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const directory = mkdtempSync(join(tmpdir(), "framegate-certificate-"));
const [certFile, keyFile] = [join(directory, "served.pem"), join(directory, "served.key")];
let first: Certificates;
let second: Certificates;

before(() => {
	first = makeCertificates(join(directory, "first"));
	second = makeCertificates(join(directory, "second"));
});
after(() => rmSync(directory, { recursive: true }));

function install(files: Certificates): void {
	copyFileSync(files.certFile, certFile);
	copyFileSync(files.keyFile, keyFile);
}

async function page(port: number, path: string): Promise<string> {
	const [response] = await once(get({ host: "127.0.0.1", port, path, rejectUnauthorized: false }), "response");
	return await text(response);
}

async function served(port: number): Promise<string> {
	const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
	await once(socket, "secureConnect");
	const { fingerprint256 } = socket.getPeerCertificate();
	socket.destroy();
	return fingerprint256;
}

async function expiry(port: number): Promise<number> {
	return Number(/^framegate_certificate_expiry_seconds (\S+)$/m.exec(await page(port, "/metrics"))?.[1]);
}

const fingerprint = (files: Certificates) => new X509Certificate(readFileSync(files.certFile)).fingerprint256;
const endOf = (files: Certificates) => Date.parse(new X509Certificate(readFileSync(files.certFile)).validTo) / 1000;

test("SIGHUP takes over a renewed certificate for new connections, and drops none", async () => {
	install(first);
	const gateway = await startGateway({
		env: {
			FRAMEGATE_SERVER_TLS_CERT_FILE: certFile,
			FRAMEGATE_SERVER_TLS_KEY_FILE: keyFile,
			LOG_LEVEL: "info",
		},
		answers: async (port) => (await page(port, "/ready")).includes('"status":"ready"'),
	});
	after(() => gateway.kill9());
	const { port } = gateway;
	const open = await WireClient.open(`wss://127.0.0.1:${port}/ws`, { rejectUnauthorized: false });
	const reload = async (said: RegExp) => {
		const before = gateway.log().length;
		gateway.process.kill("SIGHUP");
		await until(() => said.test(gateway.log().slice(before)));
	};
	assert.equal(await served(port), fingerprint(first));
	assert.equal(await expiry(port), endOf(first));

	await reload(/configuration reloaded/);
	assert.doesNotMatch(gateway.log(), /certificate/);

	install(second);
	await reload(/TLS certificate renewed: new connections get it/);
	assert.equal(await served(port), fingerprint(second));
	// The page of metrics is made once a second.
	await until(async () => (await expiry(port)) === endOf(second));

	copyFileSync(first.keyFile, keyFile);
	await reload(/TLS certificate not renewed, the former one is still served/);
	assert.match(gateway.log(), /served\.key is not the key of .*served\.pem/);
	writeFileSync(certFile, "no certificate");
	await reload(/served\.pem holds no usable certificate/);
	assert.equal(await served(port), fingerprint(second));

	const reply = await open.ask(authRoutes.register, { username: "ada", password: "correct horse battery" });
	assert.equal(reply.code ?? 0, 0);
	open.socket.close();
	assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.log());
});

test("a certificate that cannot be used keeps the gateway from starting, with one line that says why", async () => {
	install(first);
	copyFileSync(second.keyFile, keyFile);
	const env = { FRAMEGATE_SERVER_TLS_CERT_FILE: certFile, FRAMEGATE_SERVER_TLS_KEY_FILE: keyFile };
	await assert.rejects(startGateway({ env }), /framegate: TLS: \S+served\.key is not the key of \S+served\.pem\n/);
	writeFileSync(certFile, `\uFEFF${readFileSync(first.certFile, "utf8")}`);
	await assert.rejects(startGateway({ env }), /served\.pem cannot be read: it begins with a byte order mark/);
});

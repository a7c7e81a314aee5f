// TLS to endpoints: which name is asked for, what is refused, and that the operator reads why.
import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, it } from "node:test";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { TlsFiles } from "../../common/tls-files.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { makeBrokerCertificates, type SignedCertificate } from "../support/kafka/broker-certificates.ts";
import { until } from "../support/until.ts";
import { answer, grpcMessage } from "./hostile-server.ts";
import { callOnce, type OneEndpoint, oneEndpoint } from "./service-fixture.ts";

const REPLY = Buffer.from("reply");
const NOT_CONNECTED = "an endpoint of an upstream cannot be connected to; it is tried again and again";

describe("TLS to endpoints", { timeout: 60_000 }, () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-grpc-tls-"));
	const made = makeBrokerCertificates(directory);
	const { caFile } = made;
	const open: { close(): Promise<void> }[] = [];
	afterEach(async () => {
		for (const one of open.splice(0).reverse()) await one.close();
	});
	after(() => rmSync(directory, { recursive: true }));

	type Served = Pick<SignedCertificate, "certFile" | "keyFile">;
	const pem = ({ certFile, keyFile }: Served): SecureContextOptions => ({
		cert: readFileSync(certFile),
		key: readFileSync(keyFile),
	});

	/** @returns its port, and the names that clients have asked for. */
	async function secureServer(certificate: Served, asksForOne = false, port = 0) {
		const names: string[] = [];
		const server = http2.createSecureServer({
			...pem(certificate),
			...(asksForOne ? { requestCert: true, rejectUnauthorized: true, ca: readFileSync(caFile) } : {}),
			SNICallback: (name, done) => {
				names.push(name);
				done(null, createSecureContext({ ...pem(certificate), ...(asksForOne ? { ca: readFileSync(caFile) } : {}) }));
			},
		});
		const sessions = new Set<http2.ServerHttp2Session>();
		server.on("session", (session) => {
			sessions.add(session);
			session.on("error", () => {});
		});
		server.on("stream", (stream, headers) => {
			stream.on("error", () => {});
			const isHealth = headers[":path"]?.startsWith("/grpc.health") === true;
			if (isHealth) answer(stream, Buffer.alloc(0), { "grpc-status": "12" });
			else answer(stream, grpcMessage(REPLY), { "grpc-status": "0" });
		});
		server.on("tlsClientError", () => {});
		server.listen(port, "127.0.0.1");
		await once(server, "listening");
		open.push({
			close: async () => {
				for (const session of sessions) session.destroy();
				server.close();
				await once(server, "close");
			},
		});
		return { port: (server.address() as AddressInfo).port, names };
	}
	function connect(port: number, tls: object | TlsFiles, serverName: string): OneEndpoint {
		const { material } = tls instanceof TlsFiles ? tls : new TlsFiles("upstreams.services.orders.tls", tls);
		const one = oneEndpoint(port, { tls: material, serverName });
		open.push(one.service);
		return one;
	}
	async function reasonOf({ logger }: OneEndpoint): Promise<string> {
		const lines = () => logger.lines.filter(({ message }) => message === NOT_CONNECTED);
		await until(() => lines().length > 0);
		const [line] = lines();
		return (line as unknown as { readonly fields: { readonly reason: string } }).fields.reason;
	}

	it("asks for the name that is configured, and checks the certificate for it", async () => {
		const { port, names } = await secureServer(made.broker);
		const { service } = connect(port, { caFile }, "localhost");
		await until(() => service.pool.endpoints.every(({ transport }) => transport.isReady));
		assert.ok(REPLY.equals(await callOnce(service, 10_000)));
		assert.deepEqual([...new Set(names)], ["localhost"]);
	});

	it("refuses certificates of another name, of another authority and those that have expired, and says which", async () => {
		const cases: readonly (readonly [SignedCertificate, object, RegExp])[] = [
			[made.otherBroker, { caFile }, /altnames|does not match/],
			[made.expiredBroker, { caFile }, /certificate has expired/],
			[made.broker, { caFile: join(directory, "stranger.pem") }, /unable to (get local issuer|verify)|self.signed/i],
			[made.broker, {}, /unable to (get local issuer|verify)|self.signed/i],
		];
		for (const [certificate, tls, text] of cases) {
			const { port } = await secureServer(certificate);
			const one = connect(port, tls, "localhost");
			assert.match(await reasonOf(one), text);
			assert.equal(one.service.pool.endpoints[0]?.transport.isReady, false);
		}
	});

	it("shows its own certificate to those who ask, and reports where it is missing or refused", async () => {
		const { port } = await secureServer(made.broker, true);
		const { certFile, keyFile } = made.client;
		const { service } = connect(port, { caFile, certFile, keyFile }, "localhost");
		await until(() => service.pool.endpoints.every(({ transport }) => transport.isReady));
		assert.ok(REPLY.equals(await callOnce(service, 10_000)));
		const { certFile: foreign, keyFile: foreignKey } = made.foreignClient;
		for (const tls of [{ caFile }, { caFile, certFile: foreign, keyFile: foreignKey }]) {
			assert.notEqual(await reasonOf(connect(port, tls, "localhost")), "");
		}
	});

	it("uses files that were renewed for the next connection, and cuts none", async () => {
		const copied = (name: string) => join(directory, `renewed-${name}`);
		const names = { caFile: copied("ca.pem"), certFile: copied("own.pem"), keyFile: copied("own.key") };
		const install = ({ caFile: ca, certFile, keyFile }: Certificates) => {
			copyFileSync(ca, names.caFile);
			copyFileSync(certFile, names.certFile);
			copyFileSync(keyFile, names.keyFile);
		};
		const [before, later] = ["before", "later"].map((name) => makeCertificates(join(directory, name))) as [
			Certificates,
			Certificates,
		];
		install(before);
		const files = new TlsFiles("upstreams.services.orders.tls", names);
		const { port, names: asked } = await secureServer(before);
		const server = open.splice(0)[0];
		const { service } = connect(port, files, "localhost");
		const isReady = () => service.pool.endpoints.every(({ transport }) => transport.isReady);
		await until(isReady);
		install(later);
		assert.equal(files.renew(), true);
		assert.ok(REPLY.equals(await callOnce(service, 10_000)));
		assert.equal(asked.length, 1);
		await server?.close();
		await secureServer(later, false, port);
		await until(async () => REPLY.equals(await callOnce(service, 10_000).catch(() => Buffer.alloc(0))));
		assert.ok(isReady());
	});

	it("reports an endpoint where nobody listens, once", async () => {
		const { port } = await secureServer(made.broker);
		await open.splice(0)[0]?.close();
		const one = connect(port, { caFile }, "localhost");
		assert.match(await reasonOf(one), /ECONNREFUSED/);
	});
});

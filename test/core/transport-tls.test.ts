// A certificate that is renewed while the transport serves: new connections get it, and those that are open miss nothing.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import WebSocket from "ws";
import { TrustedHops } from "../../core/client-address.ts";
import type { Socket, SocketEvents, TlsFiles } from "../../core/transport.ts";
import { UwsTransport } from "../../core/transport-uws.ts";
import { makeCertificates } from "../support/certificates.ts";
import { httpService, unlimitedHttp } from "../support/http-options.ts";
import { freePort } from "../support/real-server.ts";
import { until } from "../support/until.ts";

interface Session {
	readonly socket: Socket;
}

const directory = mkdtempSync(join(tmpdir(), "framegate-transport-tls-"));
let first: TlsFiles;
let second: TlsFiles;

before(() => {
	first = makeCertificates(join(directory, "first"));
	second = makeCertificates(join(directory, "second"));
});
after(() => rmSync(directory, { recursive: true }));

/** A server on TLS that echoes, and subscribes everybody to one topic. */
async function secureServer(options: { port?: number; shared?: boolean } = {}) {
	const events: SocketEvents<Session> = {
		upgrade: () => ({ protocol: "" }),
		open: (socket) => ({ socket }),
		opened: ({ socket }) => socket.subscribe("all"),
		message: ({ socket }, message) => void socket.send(Buffer.from(message).toString()),
		drain: () => {},
		dropped: () => {},
		ping: () => {},
		pong: () => {},
		close: () => {},
	};
	const transport = new UwsTransport<Session>({
		path: "/ws",
		maxPayloadBytes: 65_536,
		maxBackpressureBytes: 1_048_576,
		http: unlimitedHttp,
		tls: first,
		address: { trusted: new TrustedHops([]), proxyProtocol: false },
		admission: { maxHttpSockets: 1000, ceiling: undefined, reserved: 0 },
	});
	const wanted = options.port ?? (await freePort());
	const http = httpService(() => ({ status: 200, body: "here" }), 1_000);
	const listening = { host: "127.0.0.1", port: wanted, shared: options.shared ?? false };
	const port = await transport.listen(listening, { events, http });
	after(() => transport.close());
	return { transport, port };
}

async function member(port: number) {
	const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, { rejectUnauthorized: false });
	const received: string[] = [];
	socket.on("message", (data: Buffer) => received.push(data.toString()));
	await once(socket, "open");
	return { socket, received };
}

/** What a new connection is shown. */
async function served(port: number): Promise<string> {
	const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
	await once(socket, "secureConnect");
	const { fingerprint256 } = socket.getPeerCertificate();
	socket.destroy();
	return fingerprint256;
}

const fingerprint = ({ certFile }: TlsFiles) => new X509Certificate(readFileSync(certFile)).fingerprint256;

for (const shared of [false, true]) {
	test(`on a port that is ${shared ? "shared" : "exclusive"}: new connections get it, and the open ones go on`, async () => {
		const { transport, port } = await secureServer({ shared });
		const before = await member(port);
		assert.equal(await served(port), fingerprint(first));
		await transport.renewTls(second);
		assert.equal(await served(port), fingerprint(second));
		const behind = await member(port);
		assert.equal(transport.subscriberCount("all"), 2);
		transport.publish("all", "to both");
		before.socket.send("echo of the earlier");
		behind.socket.send("echo of the later");
		await until(() => before.received.length === 2 && behind.received.length === 2);
		assert.deepEqual(before.received, ["to both", "echo of the earlier"]);
		assert.deepEqual(behind.received, ["to both", "echo of the later"]);
		before.socket.close();
		await until(() => transport.subscriberCount("all") === 1);
		transport.publish("all", "to the later alone");
		await until(() => behind.received.length === 3);
	});
}

test("files that cannot be used change nothing", async () => {
	const { transport, port } = await secureServer();
	const open = await member(port);
	const wrong = { certFile: second.certFile, keyFile: first.keyFile };
	await assert.rejects(transport.renewTls(wrong), /no certificate and key that belong together/);
	assert.equal(await served(port), fingerprint(first));
	open.socket.send("still here");
	await until(() => open.received.includes("still here"));
});

test("while listening is paused: connections get it once it is resumed", async () => {
	const { transport, port } = await secureServer();
	transport.pauseListening();
	await transport.renewTls(second);
	assert.equal(transport.socketFigures().isPaused, true);
	await transport.resumeListening();
	assert.equal(await served(port), fingerprint(second));
});

test("once listening was stopped, nothing listens again", async () => {
	const { transport, port } = await secureServer();
	transport.stopListening();
	await transport.renewTls(second);
	const refused = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
	const [error] = await once(refused, "error");
	assert.equal(error.code, "ECONNREFUSED");
});

test("earlier certificates with connections are bounded, and those without are closed", async () => {
	const { transport, port } = await secureServer();
	const names = Array.from({ length: 10 }, (_, index) => join(directory, `renewal-${index}`));
	const renewal = (index: number): TlsFiles => {
		const [source, name] = [index % 2 === 0 ? second : first, names[index] ?? ""];
		cpSync(join(source.certFile, ".."), name, { recursive: true });
		return { certFile: join(name, "cert.pem"), keyFile: join(name, "key.pem") };
	};
	const members = [await member(port)];
	for (let index = 0; index < 8; index++) {
		await transport.renewTls(renewal(index));
		members.push(await member(port));
	}
	await assert.rejects(transport.renewTls(renewal(8)), /connections of 8 earlier certificates are still open/);
	members[0]?.socket.close();
	await until(() => transport.subscriberCount("all") === 8);
	await transport.renewTls(renewal(8));
	transport.publish("all", "to all that are left");
	await until(() => members.slice(1).every(({ received }) => received.length === 1));
});

test("a port that the system chose stays with its certificate", async () => {
	const { transport, port } = await secureServer({ port: 0 });
	await assert.rejects(transport.renewTls(second), /configure one/);
	assert.equal(await served(port), fingerprint(first));
});

test("the files are read when they are renewed, under the same names", async () => {
	const name = join(directory, "in-place");
	cpSync(join(first.certFile, ".."), name, { recursive: true });
	const files = { certFile: join(name, "cert.pem"), keyFile: join(name, "key.pem") };
	const { transport, port } = await secureServer();
	await transport.renewTls(files);
	for (const file of ["cert.pem", "key.pem"]) {
		writeFileSync(join(name, file), readFileSync(join(second.certFile, "..", file)));
	}
	assert.equal(await served(port), fingerprint(first));
	await transport.renewTls(files);
	assert.equal(await served(port), fingerprint(second));
});

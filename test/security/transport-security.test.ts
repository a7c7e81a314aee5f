// What a peer may claim about itself, and what TLS it may speak, against a real gateway.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import WebSocket from "ws";
import { CloseCode } from "../../protocol/codes.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { head, RawHttp } from "../support/raw-http.ts";
import { accepts, freePort } from "../support/real-server.ts";
import { tied } from "../support/tied-process.ts";
import { until } from "../support/until.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";

const FULL = new RegExp(`closed with ${CloseCode.TOO_MANY_CONNECTIONS}`);
const FORBIDDEN = new RegExp(`closed with ${CloseCode.FORBIDDEN}`);
const ONE_PER_ADDRESS = { ...UNLIMITED, FRAMEGATE_LIMITS_MAX_CONNECTIONS_PER_IP: "1" };
/** PROXY protocol, version 2: signature, command PROXY, TCP over IPv4, 12 bytes of addresses from 203.0.113.77. */
const PROXY_V2 = Buffer.from("0d0a0d0a000d0a515549540a2111000ccb00714d7f00000110920050", "hex");
const UPGRADE = Buffer.from(
	"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
);

describe("spoofing", () => {
	it("headers of an untrusted hop do not get a second connection past the limit of an address", async () => {
		const gateway = await startGateway({ env: ONE_PER_ADDRESS });
		after(() => gateway.kill9());
		const first = await RawPeer.open(gateway.url);
		for (const name of ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"]) {
			const value = name === "forwarded" ? "for=203.0.113.9" : "203.0.113.9";
			await assert.rejects(RawPeer.open(gateway.url, "", { [name]: value }), FULL, name);
		}
		first.close();
	});

	it("behind a trusted proxy the address counts that the proxy saw, not one that the client put before it", async () => {
		const gateway = await startGateway({
			env: { ...ONE_PER_ADDRESS, FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1" },
		});
		after(() => gateway.kill9());
		const first = await RawPeer.open(gateway.url, "", { "x-forwarded-for": "203.0.113.9" });
		const invented = { "x-forwarded-for": "198.51.100.1, 203.0.113.9" };
		await assert.rejects(RawPeer.open(gateway.url, "", invented), FULL);
		const other = await RawPeer.open(gateway.url, "", { "x-forwarded-for": "203.0.113.9, 198.51.100.1" });
		for (const peer of [first, other]) peer.close();
	});

	it("behind a proxy that adds a line of its own, the client's line is not believed, nor collapses an entry with a port", async () => {
		const gateway = await startGateway({
			env: { ...ONE_PER_ADDRESS, FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1" },
		});
		after(() => gateway.kill9());
		const upgrade = (...lines: string[]) =>
			RawHttp.connect(gateway.port).then((raw) => {
				raw.write(
					head(...String(UPGRADE).trimEnd().split("\r\n"), ...lines.map((value) => `X-Forwarded-For: ${value}`)),
				);
				return raw;
			});
		/** The close code of a refused connection is in the frame behind the error. */
		const isRefused = async (raw: RawHttp) => {
			assert.equal((await raw.reply()).status, 101);
			// The error of a rejected connection comes with the reply to the upgrade; who stays gets a pong.
			raw.write(Buffer.from("898000000000", "hex"));
			await until(() => raw.rest.length > 0);
			return !raw.rest.startsWith("\x8a");
		};
		const first = await upgrade("203.0.113.9:4001");
		assert.equal(await isRefused(first), false);
		// RFC 9110 section 5.3: two lines are one list, whose last entry is the proxy's.
		assert.equal(await isRefused(await upgrade("198.51.100.1", "203.0.113.9:4002")), true);
		const other = await upgrade("203.0.113.9", "[2001:db8::1]:4003");
		assert.equal(await isRefused(other), false);
		assert.equal(await isRefused(await upgrade("[2001:db8::1]:4004")), true);
		for (const raw of [first, other]) raw.destroy();
	});

	it("a PROXY header that a client sends behind the proxy's own one changes nothing: the connection takes one request", async () => {
		const gateway = await startGateway({
			env: {
				...ONE_PER_ADDRESS,
				FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1",
				FRAMEGATE_SERVER_PROXY_PROTOCOL: "true",
			},
		});
		after(() => gateway.kill9());
		const invented = Buffer.from(PROXY_V2);
		invented.writeUInt8(198, 16);
		const health = head("GET /health HTTP/1.1", "Host: x");
		const later = await RawHttp.connect(gateway.port);
		const { headers } = await later.ask(Buffer.concat([PROXY_V2, Buffer.from(health)]));
		assert.equal(headers.get("connection"), "close");
		await later.closed;
		// In one piece with the first.
		const pipelined = await RawHttp.connect(gateway.port);
		pipelined.write(Buffer.concat([PROXY_V2, Buffer.from(health), invented, UPGRADE]));
		await pipelined.closed;
		assert.doesNotMatch(pipelined.rest, /101 Switching/);
	});

	it("PROXY headers that are cut off, too long or none end their connection at most", async () => {
		const gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1",
				FRAMEGATE_SERVER_PROXY_PROTOCOL: "true",
			},
		});
		after(() => gateway.kill9());
		const endless = Buffer.concat([PROXY_V2.subarray(0, 14), Buffer.from([0xff, 0xff]), Buffer.alloc(65_535)]);
		const otherVersion = Buffer.from(PROXY_V2);
		otherVersion[12] = 0x91;
		const bad = [
			PROXY_V2.subarray(0, 13),
			PROXY_V2.subarray(0, 20),
			endless,
			otherVersion,
			Buffer.from("PROXY TCP4 x\r\n"),
		];
		for (const header of bad) {
			const socket = connect(gateway.port, "127.0.0.1");
			// It may be closed while it still writes: `once` would throw for that error, which is an end like others.
			socket.on("error", () => {});
			const closed = new Promise((resolve) => socket.on("close", resolve));
			socket.write(header);
			socket.end(UPGRADE);
			socket.resume();
			await closed;
		}
		(await RawPeer.open(gateway.url)).close();
	});

	it("PROXY headers of version 2 are taken with as many TLVs as the library reads, and what it does not read gets no reply", async () => {
		const gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1",
				FRAMEGATE_SERVER_PROXY_PROTOCOL: "true",
			},
		});
		after(() => gateway.kill9());
		/** PROXY protocol, section 2.2: command and version, family and transport, length, addresses, TLVs. */
		const header = (command: number, family: number, addresses: string, ...tlvs: string[]) => {
			const rest = Buffer.from(addresses + tlvs.join(""), "hex");
			const length = Buffer.of(rest.length >> 8, rest.length & 255);
			return Buffer.concat([PROXY_V2.subarray(0, 12), Buffer.of(0x20 | command, family), length, rest]);
		};
		const ipv4 = "cb00714d7f00000110920050";
		const ipv6 = `${"20010db8".padEnd(32, "0")}${"0".repeat(31)}110920050`;
		const azureLinkId = "ee00050100000001";
		const googleConnectionId = "e000080000000000000001";
		const aws = ["030004e8d6892d", `ea002101${"76706365".padEnd(64, "30")}`, `04001d${"00".repeat(29)}`];
		const health = Buffer.from(head("GET /health HTTP/1.1", "Host: x"));
		for (const [name, bytes] of [
			["IPv4", header(1, 0x11, ipv4)],
			["IPv6", header(1, 0x21, ipv6)],
			["LOCAL, as a balancer's own health check", header(0, 0x00, "")],
			["Azure Private Link", header(1, 0x11, ipv4, azureLinkId)],
			["Google Private Service Connect", header(1, 0x11, ipv4, googleConnectionId)],
			["24 bytes", header(1, 0x11, ipv4, `040015${"00".repeat(21)}`)],
		] as const) {
			const reply = await RawHttp.ask(gateway.port, Buffer.concat([bytes, health]));
			assert.equal(reply.status, 200, name);
		}
		// uWebSockets.js takes 36 bytes behind the fixed part: docs/operations/host.md says what to do about it.
		for (const [name, bytes] of [
			["25 bytes", header(1, 0x11, ipv4, `040016${"00".repeat(22)}`)],
			["IPv6 with a TLV", header(1, 0x21, ipv6, azureLinkId)],
			["AWS NLB", header(1, 0x11, ipv4, ...aws)],
		] as const) {
			const raw = await RawHttp.connect(gateway.port);
			raw.write(Buffer.concat([bytes, health]));
			// What was going to be answered is answered before what others send later.
			for (let i = 0; i < 2; i++) await RawHttp.ask(gateway.port, Buffer.concat([header(0, 0x00, ""), health]));
			assert.equal(raw.rest, "", name);
			raw.destroy();
		}
		const first = Buffer.from("PROXY TCP4 203.0.113.77 127.0.0.1 4242 80\r\n");
		const old = await RawHttp.connect(gateway.port);
		old.write(Buffer.concat([first, health]));
		await old.closed;
		assert.match(old.rest, /^HTTP\/1\.1 505 /);
	});

	it("a page of a foreign origin neither connects nor reads, whatever the letter case or what stands before the name", async () => {
		const gateway = await startGateway({
			env: { ...UNLIMITED, FRAMEGATE_SERVER_ALLOWED_ORIGINS: "https://app.example.com,https://*.shop.example" },
		});
		after(() => gateway.kill9());
		const refused = [
			"https://evil.example",
			"http://app.example.com",
			"https://app.example.com.evil.example",
			"https://app.example.com:8443",
			"https://evilshop.example",
			"https://evil.example/.shop.example",
			"null",
		];
		for (const origin of refused) {
			await assert.rejects(RawPeer.open(gateway.url, "", { origin }), FORBIDDEN, origin);
			const { headers } = await fetch(`${gateway.httpUrl}/status`, { headers: { origin } });
			assert.equal(headers.get("access-control-allow-origin"), null, origin);
		}
		for (const origin of ["https://APP.example.com", "https://a.b.shop.example"]) {
			(await RawPeer.open(gateway.url, "", { origin })).close();
		}
	});
});

describe("TLS", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-tls-"));
	const keyFile = join(directory, "key.pem");
	const certFile = join(directory, "cert.pem");
	let gateway: GatewayProcess;
	before(async () => {
		// RSA, so that a cipher suite is not refused for want of a certificate to it.
		const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
		const files = ["-keyout", keyFile, "-out", certFile];
		const rsa = ["-newkey", "rsa:2048"];
		execFileSync("openssl", ["req", "-x509", "-nodes", "-days", "2", ...rsa, ...name, ...files], { stdio: "ignore" });
		gateway = await startGateway({
			env: { FRAMEGATE_SERVER_TLS_CERT_FILE: certFile, FRAMEGATE_SERVER_TLS_KEY_FILE: keyFile },
			answers: isUp,
		});
	});
	after(async () => {
		await gateway?.kill9();
		rmSync(directory, { recursive: true });
	});

	const isUp = (port: number): Promise<boolean> =>
		new Promise((resolve, reject) => {
			const ca = readFileSync(certFile);
			get({ host: "127.0.0.1", port, path: "/ready", ca }, ({ statusCode }) => resolve(statusCode === 200)).once(
				"error",
				reject,
			);
		});

	/** OpenSSL's own limits are lowered to nothing, so that what is refused is refused by the other side. */
	async function handshake(port: number, ...args: string[]): Promise<{ done: boolean; output: string }> {
		const address = ["-connect", `127.0.0.1:${port}`];
		const client = spawn(...tied("openssl", ["s_client", ...address, ...args]), { stdio: ["pipe", "pipe", "pipe"] });
		let output = "";
		for (const stream of [client.stdout, client.stderr]) stream.on("data", (chunk) => (output += chunk));
		client.stdin.on("error", () => {});
		client.stdin.end();
		await once(client, "close");
		return { done: /Cipher is (?!\(NONE\))/.test(output), output };
	}

	const OLD = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];

	it("1.2 and 1.3 are spoken", async () => {
		for (const version of ["-tls1_2", "-tls1_3"]) {
			const { done, output } = await handshake(gateway.port, version);
			assert.ok(done, `${version}: ${output}`);
		}
	});

	it("1.0 and 1.1 are refused to a client that can", async () => {
		const port = await freePort();
		const files = ["-cert", certFile, "-key", keyFile];
		const server = spawn(...tied("openssl", ["s_server", "-accept", String(port), ...files, ...OLD, "-quiet"]), {
			stdio: "ignore",
		});
		try {
			await until(() =>
				accepts(port)
					.then(() => true)
					.catch(() => false),
			);
			const control = await handshake(port, ...OLD);
			assert.ok(control.done, `the client itself cannot: ${control.output}`);
		} finally {
			server.kill("SIGKILL");
		}
		for (const version of ["-tls1", "-tls1_1"]) {
			const { done, output } = await handshake(gateway.port, version, "-cipher", "ALL:@SECLEVEL=0");
			assert.equal(done, false, output);
			assert.match(output, /alert protocol version|unsupported protocol|wrong version/i);
		}
	});

	it("suites without forward secrecy, authentication or a sound cipher are refused", async () => {
		for (const suite of ["aNULL", "eNULL", "3DES", "RC4", "MD5"]) {
			const { done, output } = await handshake(gateway.port, "-tls1_2", "-cipher", `${suite}:@SECLEVEL=0`);
			assert.equal(done, false, `${suite}: ${output}`);
		}
		const { output } = await handshake(gateway.port, "-tls1_2");
		assert.match(output, /Cipher is ECDHE-/);
	});

	it("plain text on the TLS port is not answered", async () => {
		const socket = new WebSocket(gateway.url);
		const [error] = await once(socket, "error");
		assert.ok(error instanceof Error);
	});
});

// The proxies' files of deploy/host, in front of two real gateways: clients get through, what they claim to be does not, and
// pages for operators stay inside.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { authRoutes } from "../../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { findProgram } from "../../support/programs.ts";
import { head, RawHttp } from "../../support/raw-http.ts";
import { dataDirectory, freePort, launch, type RealServer } from "../../support/real-server.ts";
import { until } from "../../support/until.ts";
import { WireClient } from "../../support/wire-client.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What the repository has, on the ports of this test. */
function onPorts(file: string, ports: Readonly<Record<string, number>>): string {
	let text = readFileSync(join(root, "deploy/host", file), "utf8");
	for (const [name, port] of Object.entries(ports)) text = text.replaceAll(`127.0.0.1:${name}`, `127.0.0.1:${port}`);
	// The machine of a test may have fewer file descriptors.
	return text.replace("maxconn 100000", "maxconn 1000");
}

interface ProxyOptions {
	/** The file of deploy/host. */
	readonly source?: string;
	/** What differs from it. */
	readonly change?: (text: string) => string;
	/** What a client of the proxy sends before anything else. */
	readonly proxyHeader?: Uint8Array;
}

async function startProxy(
	name: "haproxy" | "nginx",
	gateways: readonly GatewayProcess[],
	options: ProxyOptions = {},
): Promise<RealServer> {
	const { source = name === "haproxy" ? "haproxy.cfg" : "nginx.conf", proxyHeader = new Uint8Array(0) } = options;
	const port = await freePort();
	const directory = dataDirectory(name);
	const [a = 0, b = 0] = gateways.map((gateway) => gateway.port);
	const ports = { 8443: port, 8080: a, 8081: b };
	const file = join(directory, "proxy.conf");
	const given = onPorts(source, ports);
	const own = options.change?.(given) ?? given;
	if (options.change !== undefined) assert.notEqual(own, given);
	const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
		(what) => `${what}_temp_path ${directory};`,
	);
	const whole = `daemon off; pid ${directory}/pid; error_log ${directory}/log; events {}
http { access_log off; ${temporary.join(" ")} ${own} }`;
	writeFileSync(file, name === "haproxy" ? own : whole);
	const command = name === "haproxy" ? findProgram("haproxy") : findProgram("nginx");
	const url = `http://127.0.0.1:${port}`;
	const args = name === "haproxy" ? ["-db", "-f", file] : ["-c", file, "-p", directory];
	return await launch({
		...{ name, command, args, directory, port, url },
		ready: async () => {
			const request = Buffer.from(head("GET /health HTTP/1.1", "Host: x"));
			assert.equal((await RawHttp.ask(port, Buffer.concat([proxyHeader, request]))).status, 200);
		},
		stopSignal: "TERM",
	});
}

/** A PROXY header of version 2 for TCP over IPv4, from an address in hex, with a checksum, a VPC endpoint and padding. */
function withTlvs(address: string): Buffer {
	const tlvs = `03000400000000ea001b01${"76706365".padEnd(52, "30")}04001c${"00".repeat(28)}`;
	const header = Buffer.from(`0d0a0d0a000d0a515549540a21110050${address}7f00000110920050${tlvs}`, "hex");
	header.writeUInt32BE(crc32c(header), 16 + 12 + 3);
	return header;
}

/** RFC 3720 appendix B.4: the polynomial of Castagnoli, bit by bit. */
function crc32c(bytes: Uint8Array): number {
	let crc = ~0;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc >>> 0;
}

describe("behind HAProxy in TCP mode, itself behind a balancer that sends PROXY headers", () => {
	const gateways: GatewayProcess[] = [];
	let proxy: RealServer;
	before(async () => {
		const env = {
			FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1",
			FRAMEGATE_SERVER_PROXY_PROTOCOL: "true",
			LOG_LEVEL: "info",
		};
		for (let i = 0; i < 2; i++) gateways.push(await startGateway({ env }));
		proxy = await startProxy("haproxy", gateways, { source: "haproxy-tcp.cfg", proxyHeader: withTlvs("cb00714d") });
	});
	after(async () => {
		await proxy.stop();
		for (const gateway of gateways) await gateway.kill9();
	});

	it("a client has the address of the header, of version 2 with TLVs as of an AWS NLB, and of version 1", async () => {
		for (const header of [withTlvs("cb00714d"), Buffer.from("PROXY TCP4 203.0.113.78 127.0.0.1 4242 80\r\n")]) {
			const raw = await RawHttp.connect(proxy.port);
			const token = "Sec-WebSocket-Protocol: framegate.v1.json\r\nAuthorization: Bearer none";
			const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
			const request = head("GET /ws HTTP/1.1", "Host: x", ...upgrade, "Sec-WebSocket-Version: 13", token);
			const reply = await raw.ask(Buffer.concat([header, Buffer.from(request)]));
			assert.equal(reply.status, 101);
			raw.destroy();
		}
		for (const address of ["203.0.113.77", "203.0.113.78"]) {
			await until(() => gateways.some((gateway) => gateway.log().includes(address)));
		}
	});
});

/** Each adds what it saw to what the client claims: HAProxy in a line of its own, nginx in the client's. */
const adding = {
	haproxy: (text: string) =>
		text.replace(/http-request del-header X-Forwarded-For\n.*set-header X-Forwarded-For .*\n/, "option forwardfor\n"),
	nginx: (text: string) => text.replace("X-Forwarded-For $remote_addr", "X-Forwarded-For $proxy_add_x_forwarded_for"),
};

for (const [name, change] of [
	["haproxy", undefined],
	["nginx", undefined],
	["haproxy", adding.haproxy],
	["nginx", adding.nginx],
] as const) {
	describe(`behind ${name}${change ? ", which adds to X-Forwarded-For" : ""}`, () => {
		const gateways: GatewayProcess[] = [];
		let proxy: RealServer;
		before(async () => {
			const env = { FRAMEGATE_SERVER_TRUSTED_PROXIES: "127.0.0.1", LOG_LEVEL: "info" };
			for (let i = 0; i < 2; i++) gateways.push(await startGateway({ env }));
			proxy = await startProxy(name, gateways, change ? { change } : {});
		});
		after(async () => {
			await proxy.stop();
			for (const gateway of gateways) await gateway.kill9();
		});

		const open = (headers = {}, localAddress = "127.0.0.1") =>
			WireClient.open(`${proxy.url.replace("http", "ws")}/ws`, { headers, localAddress });

		it("clients are served, on both gateways", async () => {
			const clients = await Promise.all(Array.from({ length: 8 }, () => open()));
			for (const client of clients) {
				const { code } = await client.ask(authRoutes.heartbeat, {});
				assert.notEqual(code ?? 0, 0, "nobody is logged in, and everybody is answered");
			}
			for (const gateway of gateways) {
				const { connections } = (await (await fetch(`${gateway.httpUrl}/status`)).json()) as {
					connections: { open: number };
				};
				assert.ok(connections.open > 0);
			}
			await Promise.all(clients.map((client) => client.close()));
		});

		it("an address that a client claims is not believed", async () => {
			// Not the address of the proxy, which is trusted.
			const client = await open({ "x-forwarded-for": "203.0.113.9" }, "127.0.0.2");
			await client.ask(authRoutes.login, { username: "nobody", password: "wrong password" });
			const refused = () =>
				gateways
					.flatMap((gateway) => gateway.log().split("\n"))
					.find((line) => line.includes('"auth.login"') && line.includes("request refused"));
			await until(() => refused() !== undefined);
			assert.equal(JSON.parse(refused() as string).ip, "127.0.0.2");
			await client.close();
		});

		it("pages for operators are not shown", async () => {
			for (const path of ["/metrics", "/status"]) assert.equal((await fetch(`${proxy.url}${path}`)).status, 403, path);
		});
	});
}

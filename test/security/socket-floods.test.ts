// TCP connections, control frames and slots of a real gateway, taken by one peer that never logs in: others are served.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { CloseCode } from "../../protocol/codes.ts";
import { clientFrame } from "../support/client-frame.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { RawPeer } from "./raw-peer.ts";

const UPGRADE =
	"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const TRY_LATER_FRAME = Buffer.from([CloseCode.TRY_LATER >> 8, CloseCode.TRY_LATER & 0xff]);
const sockets = new Set<Socket>();
after(() => {
	for (const socket of sockets) socket.destroy();
});

function dial(port: number, localAddress = "127.0.0.1"): Socket {
	const socket = connect({ port, host: "127.0.0.1", localAddress }).on("error", () => {});
	sockets.add(socket);
	return socket;
}

/** A request from another address of the loopback than a flooder has; status 0 without an answer. */
function ask(url: string, localAddress = "127.0.0.2"): Promise<{ status: number; body: string }> {
	return new Promise((resolve) => {
		const request = get(url, { localAddress, agent: false, timeout: 20_000 }, (response) => {
			let body = "";
			response.on("data", (chunk) => (body += chunk));
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
		});
		request.on("error", () => resolve({ status: 0, body: "" })).on("timeout", () => request.destroy());
	});
}

async function metric(gateway: GatewayProcess, name: string): Promise<number> {
	const { body } = await ask(`${gateway.httpUrl}/metrics`);
	return Number(new RegExp(`^${name.replace(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(body)?.[1] ?? Number.NaN);
}

async function ended(socket: Socket): Promise<Buffer> {
	const chunks: Buffer[] = [];
	socket.on("data", (chunk) => chunks.push(chunk));
	if (!socket.closed) await once(socket, "close");
	return Buffer.concat(chunks);
}

describe("control frames", { timeout: 120_000 }, () => {
	for (const [name, opcode] of [
		["pings", 9],
		["pongs", 10],
	] as const) {
		it(`of a peer that sends ${name} without end close it, with a time to wait, and are counted`, async () => {
			const gateway = await startGateway();
			after(() => gateway.kill9());
			const flooder = dial(gateway.port);
			flooder.write(UPGRADE);
			await once(flooder, "data");
			const frame = Buffer.from(clientFrame(new Uint8Array(0)));
			frame[0] = 0x80 | opcode;
			flooder.write(Buffer.concat(Array.from({ length: 5_000 }, () => frame)));
			const answer = await ended(flooder);
			assert.ok(answer.includes(TRY_LATER_FRAME), "closed with the code for too much");
			assert.ok(answer.includes("; retry_after_ms="));
			// One pong of two bytes each, and no more than tokens were there.
			assert.ok(answer.length < 1_000, `${answer.length} bytes came back`);
			assert.equal(await metric(gateway, "framegate_control_floods_total"), 1);
			(await RawPeer.open(gateway.url)).close();
		});
	}

	it("now and then are answered, and cost nothing else", async () => {
		const gateway = await startGateway();
		after(() => gateway.kill9());
		const peer = await RawPeer.open(gateway.url);
		for (let i = 0; i < 20; i++) {
			peer.socket.ping();
			await once(peer.socket, "pong");
		}
		peer.close();
	});
});

describe("sockets", { timeout: 120_000 }, () => {
	it("that send nothing leave room for other addresses, also at the limit of open files", async () => {
		const gateway = await startGateway({ openFiles: 200 });
		after(() => gateway.kill9());
		const silent = Array.from({ length: 250 }, () => dial(gateway.port));
		await until(async () => silent.filter(({ closed }) => closed).length > 150);
		for (let i = 0; i < 5; i++) assert.equal((await ask(`${gateway.httpUrl}/health`)).status, 200);
		assert.ok((await metric(gateway, 'framegate_sockets_refused_total{reason="address"}')) > 100);
		await until(() => /closed as soon as they were accepted/.test(gateway.log()));
		await until(() => gateway.log().includes("too low for limits.maxConnections"));
	});

	it("are not accepted while no descriptor is left, which is logged, and are again by itself", async () => {
		const gateway = await startGateway({ env: { LOG_LEVEL: "info" } });
		after(() => gateway.kill9());
		const setLimit = (soft: number) => execFileSync("prlimit", ["--pid", String(gateway.pid), `--nofile=${soft}:`]);
		setLimit(10);
		dial(gateway.port);
		await until(async () => /listening is paused/.test(gateway.log()));
		assert.equal((await ask(`${gateway.httpUrl}/health`)).status, 0);
		setLimit(10_000);
		await until(async () => /listening again/.test(gateway.log()));
		assert.equal((await ask(`${gateway.httpUrl}/health`)).status, 200);
		assert.equal(await metric(gateway, "framegate_listening"), 1);
		assert.equal(await metric(gateway, "framegate_listening_pauses_total"), 1);
	});
});

describe("connections that never log in", { timeout: 120_000 }, () => {
	it("of one address give way to those of others, and to who logs in", async () => {
		const gateway = await startGateway({
			env: { FRAMEGATE_LIMITS_MAX_CONNECTIONS: "40", FRAMEGATE_LIMITS_AUTH_TIMEOUT_MS: "600000" },
		});
		after(() => gateway.kill9());
		const strangers: Socket[] = [];
		for (let i = 0; i < 60; i++) {
			const stranger = dial(gateway.port);
			stranger.resume().write(UPGRADE);
			await once(stranger, "data");
			strangers.push(stranger);
		}
		// A quarter is theirs, of which one address has half.
		await until(async () => strangers.filter(({ closed }) => !closed).length === 5);
		assert.deepEqual(
			strangers.slice(55).map(({ closed }) => closed),
			[false, false, false, false, false],
		);
		assert.equal(await metric(gateway, "framegate_connections_unauthenticated"), 5);
		assert.equal(await metric(gateway, "framegate_connections_evicted_total"), 55);
		const peer = await RawPeer.open(gateway.url);
		peer.close();
	});
});

// What anybody may send behind a login that takes its time: as much as fits into a connection, in frames that are much larger
// decoded than they are as bytes. The heap is small, so that a gateway which keeps what they become would not live.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { authRoutes, ConnectRequest, Envelope, ErrorCode, LoginRequest } from "../../protocol/gen/schema.ts";
import { clientFrame } from "../support/client-frame.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const { heartbeat, connect: connectRoute, login } = authRoutes;
const UPGRADE =
	"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const CONNECTIONS = 12;
/** As many as may be in flight together with the login. */
const FRAMES = 63;
const ENV = {
	NODE_OPTIONS: "--max-old-space-size=128",
	// A login takes long enough for all to have arrived behind it.
	FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "20",
	FRAMEGATE_AUTH_PASSWORD_HASH_MAX_CONCURRENT: "1",
	// On a busy machine the honest login waits longer than strangers may take.
	FRAMEGATE_LIMITS_AUTH_TIMEOUT_MS: "60000",
	FRAMEGATE_LIMITS_MAX_ERRORS_PER_MINUTE: "1000",
};

/** Two bytes an element. */
function protobufBomb(): Buffer {
	const positions = Buffer.from("1200".repeat(32_000), "hex");
	const body = Buffer.concat([ConnectRequest.encode({ accessToken: "x" }).finish(), positions]);
	return clientFrame(Envelope.encode({ protocol: connectRoute.number, seq: 2, body }).finish());
}

/** As many objects as a text frame may hold. */
function jsonBomb(): Buffer {
	return clientFrame(`{"protocol":${connectRoute.number},"seq":2,"body":{"z":[${"{},".repeat(8_000)}{}]}}`);
}

function olderBomb(): Buffer {
	return clientFrame(`{"type":"unsubscribe","id":"1","data":{"channels":[${"1,".repeat(16_000)}1]}}`);
}

async function flood(gateway: GatewayProcess, bomb: Buffer): Promise<Socket[]> {
	const sockets = await Promise.all(
		Array.from({ length: CONNECTIONS }, async () => {
			const socket = connect(gateway.port, "127.0.0.1").on("error", () => {});
			socket.write(UPGRADE);
			await once(socket, "data");
			return socket.resume();
		}),
	);
	for (const [index, socket] of sockets.entries()) {
		const body = LoginRequest.encode({ username: `stranger-${index}`, password: "a long password" }).finish();
		const first = clientFrame(Envelope.encode({ protocol: login.number, seq: 1, body }).finish());
		socket.write(Buffer.concat([first, ...Array<Buffer>(FRAMES).fill(bomb)]));
	}
	return sockets;
}

async function received(gateway: GatewayProcess): Promise<number> {
	const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
	return Number(/^framegate_messages_received_total (\d+)/m.exec(text)?.[1]);
}

describe("frames behind a login that takes its time", () => {
	for (const [dialect, bomb] of Object.entries({
		protobuf: protobufBomb(),
		JSON: jsonBomb(),
		"the older JSON dialect": olderBomb(),
	})) {
		it(`end no process, and others are served all the while: ${dialect}`, { timeout: 120_000 }, async () => {
			const gateway = await startGateway({ env: ENV });
			after(() => gateway.kill9());
			const { client: bystander } = await WireClient.member(gateway.url, "bystander");
			const before = await received(gateway);
			const sockets = await flood(gateway, bomb);
			after(() => {
				for (const socket of sockets) socket.destroy();
			});
			const served = until(async () => {
				const { code } = await bystander.ask(heartbeat, {});
				return code === ErrorCode.OK && (await received(gateway)) - before >= CONNECTIONS * (FRAMES + 1);
			});
			const end = await Promise.race([served, gateway.exited]);
			assert.equal(end, undefined, `the gateway ended: ${gateway.log().slice(-300)}`);
			const { client: newcomer } = await WireClient.member(gateway.url, "newcomer");
			assert.equal((await newcomer.ask(heartbeat, {})).code, ErrorCode.OK);
			assert.equal((await bystander.ask(heartbeat, {})).code, ErrorCode.OK);
			assert.equal(gateway.process.exitCode ?? gateway.process.signalCode, null);
			assert.equal((await gateway.stop()).code, 0);
		});
	}
});

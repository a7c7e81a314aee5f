// Too much of something, against a real gateway process: connections, messages, logins, unread replies.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { CloseCode, ErrorCode, retryAfterOfReason } from "../../protocol/codes.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { clientFrame } from "../support/client-frame.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const { heartbeat, login } = authRoutes;

const UPGRADE =
	"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

async function rawSocket(port: number): Promise<Socket> {
	const socket = connect(port, "127.0.0.1");
	socket.write(UPGRADE);
	await once(socket, "data");
	return socket;
}

interface Status {
	readonly connections: { readonly open: number; readonly refused: number; readonly closed: Record<string, number> };
	readonly messages: { readonly dropped: number };
	readonly memory: { readonly rss_bytes: number };
}

async function statusOf(httpUrl: string): Promise<Status> {
	return (await (await fetch(`${httpUrl}/status`)).json()) as Status;
}

describe("too much", () => {
	it("the 10,001st connection replaces one that has not logged in, which gets an error in band", async () => {
		const env = {
			FRAMEGATE_LIMITS_AUTH_TIMEOUT_MS: "600000",
			FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
			FRAMEGATE_RATES_FAULTS_PER_IP_PER_SECOND: "0",
			FRAMEGATE_LIMITS_MAX_UNAUTHENTICATED: "10000",
			FRAMEGATE_LIMITS_MAX_UNAUTHENTICATED_PER_IP: "20000",
		};
		const gateway = await startGateway({ env });
		after(() => gateway.kill9());
		const oldest = await WireClient.open(gateway.url);
		const sockets: Socket[] = [];
		after(() => {
			for (const socket of sockets) socket.destroy();
		});
		while (sockets.length < 9_999) {
			const batch = Math.min(500, 9_999 - sockets.length);
			sockets.push(...(await Promise.all(Array.from({ length: batch }, () => rawSocket(gateway.port)))));
		}
		assert.equal((await statusOf(gateway.httpUrl)).connections.open, 10_000);
		const next = await WireClient.open(gateway.url);
		const [notice, closed] = await Promise.all([oldest.push(), oldest.closed]);
		assert.equal(notice.code, ErrorCode.TOO_MANY_CONNECTIONS);
		assert.equal(closed.code, CloseCode.TOO_MANY_CONNECTIONS);
		assert.ok((retryAfterOfReason(closed.reason) ?? 0) > 0);
		assert.equal((await statusOf(gateway.httpUrl)).connections.open, 10_000);
		assert.equal((await next.ask(heartbeat, {})).code, ErrorCode.UNAUTHENTICATED);
		await next.close();
	});

	it("a flood is refused, then cut off; a neighbour gets every answer", async () => {
		const gateway = await startGateway();
		after(() => gateway.kill9());
		const { client: neighbour } = await WireClient.member(gateway.url, "bob");
		const { client: flooder } = await WireClient.member(gateway.url, "ann");
		const frame = new EnvelopeWriter().request(heartbeat.number, 0, heartbeat.request, {}, "").slice();
		const flood = (async () => {
			while (flooder.socket.readyState === flooder.socket.OPEN) {
				for (let i = 0; i < 200; i++) flooder.socket.send(frame);
				await new Promise((resolve) => setImmediate(resolve));
			}
		})();
		const codes = new Set<number>();
		for (let i = 0; i < 50; i++) codes.add((await neighbour.ask(heartbeat, {})).code ?? 0);
		await flood;
		// It asked for no replies, and so could read no error.
		assert.equal((await flooder.closed).code, CloseCode.TRY_LATER);
		assert.deepEqual([...codes], [ErrorCode.OK]);
		await neighbour.close();
	});

	it("200 logins at one account: few are tried, the others get a time to wait, from any address", async () => {
		const gateway = await startGateway();
		after(() => gateway.kill9());
		const { client } = await WireClient.member(gateway.url, "ann");
		await client.close();
		const tally = new Map<number, number>();
		const attackers = await Promise.all(Array.from({ length: 10 }, () => WireClient.open(gateway.url)));
		const attempts = Array.from({ length: 200 }, async (_, i) => {
			const attacker = attackers[i % attackers.length] as WireClient;
			const reply = await attacker.ask(login, { username: "ann", password: `guess number ${i}` });
			tally.set(reply.code ?? 0, (tally.get(reply.code ?? 0) ?? 0) + 1);
			if (reply.code === ErrorCode.RATE_LIMITED) assert.ok((reply.error?.retryAfterMs ?? 0) > 0);
		});
		await Promise.all(attempts);
		assert.equal(tally.get(ErrorCode.OK), undefined);
		assert.ok((tally.get(ErrorCode.UNAUTHENTICATED) ?? 0) <= 10, JSON.stringify([...tally]));
		assert.ok((tally.get(ErrorCode.RATE_LIMITED) ?? 0) >= 190, JSON.stringify([...tally]));
		const owner = await WireClient.open(gateway.url);
		const shutOut = await owner.ask(login, { username: "ann", password: PASSWORD });
		assert.equal(shutOut.code, ErrorCode.RATE_LIMITED);
		await Promise.all([owner, ...attackers].map((each) => each.close()));
	});

	it("a client that stops reading is closed as a slow consumer, in bounded memory; others are served", async () => {
		const env = { FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0", FRAMEGATE_RATES_USER_PER_SECOND: "0" };
		const gateway = await startGateway({
			env: {
				...env,
				FRAMEGATE_RATES_IP_PER_SECOND: "0",
				// What comes behind the close would end the socket before the close is read.
				FRAMEGATE_RATES_CONTROL_PER_SECOND: "0",
				FRAMEGATE_RATES_RECEIVED_BYTES_PER_SECOND: "0",
				FRAMEGATE_LIMITS_MAX_BACKPRESSURE_BYTES: "65536",
				FRAMEGATE_LIMITS_MAX_ERRORS_PER_MINUTE: "1000000",
			},
		});
		after(() => gateway.kill9());
		const { client: neighbour } = await WireClient.member(gateway.url, "bob");
		const deaf = await rawSocket(gateway.port);
		after(() => deaf.destroy());
		deaf.pause();
		// Each is refused for want of a login, in a reply that is longer than the request.
		const request = new EnvelopeWriter().request(heartbeat.number, 1, heartbeat.request, {}, "").slice();
		const batch = Buffer.concat(Array.from({ length: 1_000 }, () => clientFrame(request)));
		const before = (await statusOf(gateway.httpUrl)).memory.rss_bytes;
		await until(async () => {
			deaf.write(batch);
			return (await statusOf(gateway.httpUrl)).messages.dropped > 0;
		});
		const full = await statusOf(gateway.httpUrl);
		assert.equal(full.messages.dropped, 1);
		assert.ok(full.memory.rss_bytes - before < 100 * 1024 * 1024);
		// Once it reads again it finds, behind what had been buffered, why it was cut off.
		let tail = Buffer.alloc(0);
		deaf.on("data", (chunk) => {
			tail = Buffer.concat([tail, chunk]).subarray(-64);
		});
		deaf.resume();
		const head = [0x88, 15, CloseCode.SLOW_CONSUMER >> 8, CloseCode.SLOW_CONSUMER & 0xff];
		const close = Buffer.concat([Buffer.from(head), Buffer.from("slow consumer")]);
		await until(() => tail.includes(close));
		assert.equal((await neighbour.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		await neighbour.close();
	});
});

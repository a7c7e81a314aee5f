// Webhooks against real HTTP servers: what is posted, how it is signed, and receivers that fail, hang, redirect or are unreachable.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import net from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { systemClock } from "../../../common/clock.ts";
import type { OutputEvent } from "../../../services/outputs/output-store.ts";
import { WebhookDelivery, type WebhookOptions } from "../../../services/outputs/webhook-delivery.ts";
import { freePort } from "../../support/real-server.ts";
import { startReceiver, type WebhookReceiver } from "../../support/webhook-receiver.ts";

const SECRET = "the secret of a receiver, with 32 bytes or more";
const never = new AbortController().signal;
const sent: OutputEvent = {
	output: "hook",
	id: "message.sent/1",
	key: "room",
	kind: "message.sent",
	body: Buffer.from(JSON.stringify({ specversion: "1.0", data: { text: "Grüße" } })),
	atMs: 1,
	number: 1,
	attempts: 2,
};

describe("a webhook", () => {
	let receiver: WebhookReceiver;
	const open: WebhookDelivery[] = [];
	before(async () => {
		receiver = await startReceiver();
	});
	after(async () => {
		for (const delivery of open) delivery.close();
		await receiver.stop();
	});
	beforeEach(() => {
		receiver.posts.length = 0;
		receiver.answer = () => 200;
		receiver.headers = {};
	});

	function webhook(change: Partial<WebhookOptions> = {}): WebhookDelivery {
		const options = { url: receiver.url, secret: SECRET, private: true, timeoutMs: 2000, concurrency: 4, ...change };
		const delivery = new WebhookDelivery(options, systemClock);
		open.push(delivery);
		return delivery;
	}

	it("posts the event with its id, kind and attempt, signed with the time", async () => {
		assert.deepEqual(await webhook().deliver(sent, never), { outcome: "delivered" });
		const { headers, text } = receiver.posts[0] as (typeof receiver.posts)[0];
		assert.equal(text, sent.body.toString());
		assert.equal(headers["content-type"], "application/cloudevents+json; charset=utf-8");
		assert.equal(headers["x-framegate-event-id"], "message.sent/1");
		assert.equal(headers["x-framegate-event"], "message.sent");
		assert.equal(headers["x-framegate-attempt"], "3");
		const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["x-framegate-signature"])) ?? [];
		assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60);
		assert.equal(signature, createHmac("sha256", SECRET).update(`${seconds}.${text}`).digest("hex"));
	});

	it("takes any 2xx as delivered; what says that the event is bad as final; everything else as passing", async () => {
		const outcomes = new Map<number, string>();
		for (const status of [200, 201, 204, 299, 400, 413, 415, 422, 401, 403, 404, 408, 410, 429, 500, 502, 503]) {
			receiver.answer = () => status;
			outcomes.set(status, (await webhook().deliver(sent, never)).outcome);
		}
		const of = (wanted: string) => [...outcomes].filter(([, outcome]) => outcome === wanted).map(([status]) => status);
		assert.deepEqual(of("delivered"), [200, 201, 204, 299]);
		assert.deepEqual(of("rejected"), [400, 413, 415, 422]);
		assert.deepEqual(of("failed"), [401, 403, 404, 408, 410, 429, 500, 502, 503]);
	});

	/** A receiver that answers each request with bytes of the test's own. */
	async function startRaw(answerOf: (request: number) => string) {
		const sockets = new Set<net.Socket>();
		let requests = 0;
		const server = net.createServer((socket) => {
			sockets.add(socket);
			socket.on("error", () => undefined);
			socket.on("data", (chunk) => {
				if (chunk.toString().startsWith("POST")) socket.write(answerOf(++requests));
			});
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const reset = () => {
			for (const socket of sockets) socket.resetAndDestroy();
			sockets.clear();
		};
		return {
			url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/hook`,
			requests: () => requests,
			connections: () => sockets.size,
			reset,
			stop: async () => {
				reset();
				await new Promise((resolve) => server.close(resolve));
			},
		};
	}

	it("an answer that switches protocols is a failure, and holds up nothing", async () => {
		const raw = await startRaw(
			() => "HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n",
		);
		const delivery = webhook({ url: raw.url });
		for (let turn = 0; turn < 3; turn++) assert.equal((await delivery.deliver(sent, never)).outcome, "failed");
		delivery.close();
		await raw.stop();
	});

	it("an event whose answer breaks off behind its status is not posted again", async () => {
		const raw = await startRaw((request) => {
			const length = request === 2 ? 9 : 2;
			return `HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: ${length}\r\n\r\nok`;
		});
		const delivery = webhook({ url: raw.url, concurrency: 1 });
		const deliver = async () => assert.deepEqual(await delivery.deliver(sent, never), { outcome: "delivered" });
		await deliver();
		await deliver();
		assert.equal(raw.connections(), 1, "the second one went over the connection of the first");
		raw.reset();
		// It needs the place of the connection that broke.
		await deliver();
		assert.equal(raw.requests(), 3);
		delivery.close();
		await raw.stop();
	});

	it("reads from the receiver how long to wait", async () => {
		receiver.answer = () => 429;
		receiver.headers = { "retry-after": "7" };
		const error = "the answer is 429";
		assert.deepEqual(await webhook().deliver(sent, never), { outcome: "failed", error, retryAfterMs: 7000 });
		receiver.headers = { "retry-after": "Fri, 31 Dec 2027 23:59:59 GMT" };
		assert.deepEqual(await webhook().deliver(sent, never), { outcome: "failed", error, retryAfterMs: undefined });
	});

	it("follows no redirect", async () => {
		receiver.answer = () => 307;
		receiver.headers = { location: "http://169.254.169.254/latest/meta-data" };
		assert.deepEqual(await webhook().deliver(sent, never), {
			outcome: "failed",
			error: "the answer is 307",
			retryAfterMs: undefined,
		});
		assert.equal(receiver.posts.length, 1);
	});

	it("waits for a receiver that hangs no longer than its time, and for one that is unreachable not at all", async () => {
		receiver.answer = () => undefined;
		const hanging = await webhook({ timeoutMs: 100 }).deliver(sent, never);
		assert.deepEqual(hanging, { outcome: "failed", error: "no answer within 100 ms" });
		const away = await webhook({ url: `http://127.0.0.1:${await freePort()}/a-secret-path` }).deliver(sent, never);
		assert.deepEqual(away, { outcome: "failed", error: "no answer: ECONNREFUSED" });
	});

	it("is done with an answer whose content never ends", async () => {
		const sockets = new Set<net.Socket>();
		const server = net.createServer((socket) => {
			sockets.add(socket);
			socket.on("error", () => undefined);
			socket.once("data", () => {
				socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
				const chunk = `${(16_384).toString(16)}\r\n${"x".repeat(16_384)}\r\n`;
				const write = () => {
					if (!socket.destroyed) socket.write(chunk, () => setImmediate(write));
				};
				write();
			});
			socket.on("close", () => sockets.delete(socket));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as net.AddressInfo;
		const delivery = webhook({ url: `http://127.0.0.1:${port}/` });
		assert.deepEqual(await delivery.deliver(sent, never), { outcome: "delivered" });
		// The server is not read any more: its connection ends.
		while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
		await new Promise((resolve) => server.close(resolve));
	});

	it("uses a kept connection again, and another one when the receiver has closed it meanwhile", async () => {
		const delivery = webhook();
		for (let n = 0; n < 20; n++) {
			assert.deepEqual(await delivery.deliver(sent, never), { outcome: "delivered" });
			await new Promise((resolve) => setImmediate(resolve));
		}
		const again = await startReceiver();
		const kept = webhook({ url: again.url });
		assert.equal((await kept.deliver(sent, never)).outcome, "delivered");
		await again.stop();
		const back = await startReceiver(again.port);
		assert.equal((await kept.deliver(sent, never)).outcome, "delivered");
		await back.stop();
	});

	it("leads into no private network unless that was permitted, by address or by name", async () => {
		const path = "/a-secret-path";
		for (const host of ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "169.254.169.254"]) {
			const delivery = webhook({ url: `http://${host}:${receiver.port}${path}`, private: false });
			const result = await delivery.deliver(sent, never);
			assert.equal(result.outcome, "failed", host);
			assert.match(JSON.stringify(result), /private network/, host);
			assert.doesNotMatch(JSON.stringify(result), /secret/, host);
		}
		assert.equal(receiver.posts.length, 0);
	});
});

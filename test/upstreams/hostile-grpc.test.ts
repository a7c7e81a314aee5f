// A service that answers as no library would: each answer is one error of the call, within its time, with little memory, and the gateway goes on.
import assert from "node:assert/strict";
import http2, { type ServerHttp2Stream } from "node:http2";
import { after, afterEach, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { ErrorCode } from "../../protocol/codes.ts";
import type { GatewayError } from "../../protocol/error.ts";
import type { UpstreamService } from "../../upstreams/upstream-service.ts";
import { until } from "../support/until.ts";
import { answer, grpcMessage, type HostileServer, hostileServer, OK_HEADERS, plainServer } from "./hostile-server.ts";
import { callOnce, oneEndpoint, openOnce } from "./service-fixture.ts";

const HEALTH = "/grpc.health.v1.Health/Watch";
const NO_BYTES = new Uint8Array(0);
const REPLY = Buffer.from("reply");
/** Longer than any reply here takes that ends at all. */
const LONG_MS = 15_000;

describe("a hostile gRPC service", { timeout: 120_000 }, () => {
	const open: { close(): Promise<void> }[] = [];
	const rssBefore = process.memoryUsage().rss;
	afterEach(async () => {
		for (const one of open.splice(0).reverse()) await one.close();
	});
	after(() => {
		// Replies of 50 MB and bombs of as much were not kept.
		assert.ok(process.memoryUsage().rss - rssBefore < 200 * 1024 * 1024);
	});

	async function start(server: Promise<HostileServer>): Promise<readonly [UpstreamService, HostileServer]> {
		const running = await server;
		const { service } = oneEndpoint(running.port);
		open.push(running, service);
		return [service, running];
	}
	/** A server of which calls are answered so; it says nothing of its health. */
	const answering = (onStream: (stream: ServerHttp2Stream) => void, settings?: http2.Settings) =>
		start(
			hostileServer({
				...(settings && { settings }),
				onStream: (stream, headers) => {
					if (headers[":path"] === HEALTH) answer(stream, NO_BYTES, { "grpc-status": "12" });
					else onStream(stream);
				},
			}),
		);
	const call = (service: UpstreamService, timeoutMs = LONG_MS) => callOnce(service, timeoutMs);
	const connected = (service: UpstreamService) =>
		until(() => service.pool.endpoints.every(({ transport }) => transport.isReady));
	async function failure(service: UpstreamService, timeoutMs?: number): Promise<GatewayError> {
		await connected(service);
		return await call(service, timeoutMs).then(
			() => assert.fail("the call was answered"),
			(error: GatewayError) => error,
		);
	}

	it("that answers with 50 MB is cut off at the length that it announces", async () => {
		let written = 0;
		let isCut = false;
		const [service] = await answering((stream) => {
			stream.respond(OK_HEADERS);
			stream.on("close", () => {
				isCut = true;
			});
			const more = (): void => {
				while (!stream.destroyed && written < 50_000_000) {
					const chunk = Buffer.alloc(100_000);
					const bytes = written === 0 ? grpcMessage(chunk, { length: 50_000_000 }) : chunk;
					written += bytes.length;
					if (!stream.write(bytes)) {
						stream.once("drain", more);
						return;
					}
				}
			};
			more();
		});
		assert.equal((await failure(service)).code, ErrorCode.UPSTREAM_FAILED);
		await until(() => isCut);
		assert.ok(written < 10_000_000, `${written} bytes were written`);
	});

	it("that compresses 50 MB of nothing is cut off when they come out", async () => {
		const bomb = gzipSync(Buffer.alloc(50_000_000));
		const [service] = await answering((stream) => {
			stream.respond({ ...OK_HEADERS, "grpc-encoding": "gzip" }, { waitForTrailers: true });
			stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
			stream.end(grpcMessage(bomb, { flag: 1 }));
		});
		assert.equal((await failure(service)).code, ErrorCode.UPSTREAM_FAILED);
	});

	it("that answers a call of one reply without end is read no further than the first, and ended with the call's time", async () => {
		let written = 0;
		let isCut = false;
		const [service] = await answering((stream) => {
			stream.respond(OK_HEADERS);
			stream.on("close", () => {
				isCut = true;
			});
			const more = (): void => {
				if (stream.destroyed) return;
				written += REPLY.length + 5;
				if (stream.write(grpcMessage(REPLY))) setImmediate(more);
				else stream.once("drain", more);
			};
			more();
		});
		assert.equal((await failure(service, 500)).code, ErrorCode.TIMEOUT);
		await until(() => isCut);
		assert.ok(written < 1_000_000, `${written} bytes were written`);
	});

	it("that sends headers or trailers of a megabyte is refused", async () => {
		const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, "x".repeat(50_000)]));
		const [headers] = await answering((stream) => {
			stream.respond({ ...OK_HEADERS, ...fields });
			stream.end(grpcMessage(REPLY));
		});
		const first = await failure(headers);
		assert.ok(first.code === ErrorCode.UPSTREAM_FAILED || first.code === ErrorCode.UNAVAILABLE, String(first.code));
		const [trailers] = await answering((stream) =>
			answer(stream, grpcMessage(REPLY), { "grpc-status": "0", ...fields }),
		);
		const second = await failure(trailers);
		assert.ok(second.code === ErrorCode.UPSTREAM_FAILED || second.code === ErrorCode.UNAVAILABLE, String(second.code));
	});

	it("with a status that is none, or details that are none, is one that failed", async () => {
		const { UPSTREAM_FAILED, NOT_FOUND, BAD_REQUEST } = ErrorCode;
		const cases: readonly (readonly [trailers: http2.OutgoingHttpHeaders, code: number])[] = [
			[{ "grpc-status": "99" }, UPSTREAM_FAILED],
			[{ "grpc-status": "-1" }, UPSTREAM_FAILED],
			[{ "grpc-status": "abc" }, UPSTREAM_FAILED],
			[{ "grpc-status": "" }, UPSTREAM_FAILED],
			[{}, UPSTREAM_FAILED],
			// OK, and no message.
			[{ "grpc-status": "0" }, UPSTREAM_FAILED],
			[{ "grpc-status": "5", "grpc-message": "%E0%A4%A caf%FF" }, NOT_FOUND],
			[{ "grpc-status": "5", "grpc-message": `${"long ".repeat(2000)}%00%0A` }, NOT_FOUND],
			[{ "grpc-status": "3", "grpc-status-details-bin": "!!no base64!!" }, BAD_REQUEST],
			[{ "grpc-status": "3", "grpc-status-details-bin": Buffer.alloc(3000, 0x1a).toString("base64") }, BAD_REQUEST],
			[{ "grpc-status": "3", "grpc-status-details-bin": ["CAM=", "CAU="] }, BAD_REQUEST],
		];
		for (const [trailers, code] of cases) {
			const [service] = await answering((stream) =>
				stream.respond({ ...OK_HEADERS, ...trailers }, { endStream: true }),
			);
			const error = await failure(service);
			assert.equal(error.code, code, JSON.stringify(trailers).slice(0, 80));
			assert.ok(error.message.length <= 400, `${error.message.length} characters`);
			assert.doesNotMatch(error.message, /\p{Cc}/u);
		}
	});

	it("whose reply is not framed, ends in the middle, or is no gRPC, is one that failed", async () => {
		const ok = { "grpc-status": "0" };
		const cases: readonly ((stream: ServerHttp2Stream) => void)[] = [
			(stream) => answer(stream, grpcMessage(REPLY, { flag: 1 }), ok),
			(stream) => answer(stream, grpcMessage(REPLY, { length: 1000 }), ok),
			(stream) => answer(stream, Buffer.from([0, 0]), ok),
			(stream) => encoded(stream, "gzip"),
			(stream) => encoded(stream, "brotli"),
			(stream) => stream.respond({ ":status": 204 }, { endStream: true }),
			(stream) => {
				stream.respond({ ":status": 200, "content-type": "text/html" });
				stream.end("<html>".repeat(10_000));
			},
			(stream) => {
				stream.respond({ ":status": 404, "content-type": "text/html" });
				stream.end("not here");
			},
		];
		for (const [index, onStream] of cases.entries()) {
			const [service] = await answering(onStream);
			assert.equal((await failure(service)).code, ErrorCode.UPSTREAM_FAILED, `case ${index}`);
		}
	});

	it("that resets streams in the middle of a reply is one that failed, or was not there", async () => {
		const codes = ["NGHTTP2_CANCEL", "NGHTTP2_INTERNAL_ERROR", "NGHTTP2_ENHANCE_YOUR_CALM", "NGHTTP2_REFUSED_STREAM"];
		for (const name of codes) {
			const code = http2.constants[name as keyof typeof http2.constants] as number;
			const [service] = await answering((stream) => {
				stream.respond(OK_HEADERS);
				stream.write(grpcMessage(REPLY, { length: 1000 }), () => stream.close(code));
			});
			const error = await failure(service);
			const isExpected = [ErrorCode.UPSTREAM_FAILED, ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED].includes(
				error.code as never,
			);
			assert.ok(isExpected, `${name}: ${error.code}`);
		}
	});

	it("whose stream breaks off ends it with an error, behind the messages that were whole", async () => {
		const whole = grpcMessage(REPLY);
		const ok = { "grpc-status": "0" };
		const cases: readonly (readonly [onStream: (stream: ServerHttp2Stream) => void, messages: number])[] = [
			[(stream) => answer(stream, Buffer.concat([whole, grpcMessage(REPLY, { flag: 1 })]), ok), 1],
			[(stream) => answer(stream, Buffer.concat([whole, grpcMessage(REPLY, { length: 50_000_000 })]), ok), 1],
			[(stream) => encoded(stream, "gzip"), 0],
			[(stream) => stream.respond({ ...OK_HEADERS, "grpc-status": "abc" }, { endStream: true }), 0],
		];
		for (const [index, [onStream, expected]] of cases.entries()) {
			const [service] = await answering(onStream);
			await connected(service);
			let messages = 0;
			const end = await new Promise<GatewayError | undefined>((resolve, reject) => {
				const listener = { onMessage: () => messages++, onEnd: resolve };
				openOnce(service, LONG_MS, listener).then((stream) => stream.resume(), reject);
			});
			assert.equal(end?.code, ErrorCode.UPSTREAM_FAILED, `case ${index}`);
			assert.ok(messages <= expected, `case ${index}: ${messages} messages`);
		}
	});

	it("that never answers, or answers a byte at a time, takes no longer than the call has", async () => {
		const [silent] = await answering(() => {});
		assert.equal((await failure(silent, 200)).code, ErrorCode.TIMEOUT);
		const [slow] = await answering((stream) => {
			stream.respond(OK_HEADERS);
			stream.write(Buffer.from([0, 0, 0]));
			const timer = setInterval(() => stream.write(Buffer.from([0])), 50);
			stream.on("close", () => clearInterval(timer));
		});
		assert.ok([ErrorCode.TIMEOUT, ErrorCode.UPSTREAM_FAILED].includes((await failure(slow, 200)).code as never));
	});

	it("that takes one stream at a time serves the others after it", async () => {
		const [service] = await answering(
			(stream) => setTimeout(() => answer(stream, grpcMessage(REPLY), { "grpc-status": "0" }), 5),
			{ maxConcurrentStreams: 1 },
		);
		await connected(service);
		const replies = await Promise.all(Array.from({ length: 20 }, () => call(service)));
		assert.ok(replies.every((reply) => REPLY.equals(reply)));
	});

	it("that is none of HTTP/2 is never used", async () => {
		const [service, server] = await start(plainServer("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
		await until(() => server.sessions.length > 1);
		const error = await call(service).then(
			() => assert.fail("answered"),
			(thrown: GatewayError) => thrown,
		);
		assert.equal(error.code, ErrorCode.UNAVAILABLE);
	});

	it("that ends each connection at once is connected to less and less often", async () => {
		const [, server] = await start(
			hostileServer({ onSession: (session) => session.once("remoteSettings", () => session.goaway()) }),
		);
		await until(() => server.sessions.length >= 5);
		const gaps = server.sessions.slice(1).map((atMs, index) => atMs - (server.sessions[index] as number));
		// On a busy machine each is longer, and none is shorter.
		assert.ok(
			gaps.every((gapMs) => gapMs >= 90),
			gaps.map(Math.round).join(),
		);
		assert.ok((gaps.at(-1) as number) > 350, gaps.map(Math.round).join());
	});
});

/** A reply that says that it is compressed, and is not. */
function encoded(stream: ServerHttp2Stream, encoding: string): void {
	stream.respond({ ...OK_HEADERS, "grpc-encoding": encoding }, { waitForTrailers: true });
	stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
	stream.end(grpcMessage(REPLY, { flag: 1 }));
}

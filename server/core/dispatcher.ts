// From a frame to its reply: finds the route, runs its chain, encodes what comes of it. The one path that every
// message takes; a route that answers at once is done when `message` returns.

import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import { EnvelopeReader, EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import type { JsonRequest, JsonTranscoder } from "../../protocol/json.ts";
import { MAX_SENT_BYTES } from "../../protocol/message-bounds.ts";
import { CallQueue } from "./call-queue.ts";
import type { Connection } from "./connection.ts";
import type { RateLimits } from "./rate-limits.ts";
import { RequestCall, type RequestCallHost } from "./request-call.ts";
import type { RequestObserver } from "./request-observer.ts";
import type { RouteTable } from "./route-table.ts";
import type { TextDialect } from "./text-dialect.ts";

/** Limits of the message path. Replaced as a whole on reload. */
export interface MessageLimits {
	readonly maxMessageBytes: number;
	/** Calls of one connection that may be under way or waiting. */
	readonly maxInFlight: number;
	readonly maxErrorsPerMinute: number;
	readonly requestTimeoutMs: number;
}

export interface DispatcherOptions {
	readonly table: RouteTable;
	readonly limits: MessageLimits;
	readonly rates: RateLimits;
	readonly observer: RequestObserver;
	readonly json: () => JsonTranscoder;
	/** In the order in which they are asked; JSON of the envelope is the last. */
	readonly dialects: readonly TextDialect[];
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** A trace id for a request that came without one; returns "" when tracing is off. */
	readonly newTraceId: () => string;
}

/** Codes that tell of a client doing wrong; enough of them within a minute close its connection. */
const CLIENT_FAULTS = new Set<ErrorCode>([
	ErrorCode.UNAUTHENTICATED,
	ErrorCode.TOKEN_EXPIRED,
	ErrorCode.PERMISSION_DENIED,
	ErrorCode.UNKNOWN_PROTOCOL,
	ErrorCode.BAD_REQUEST,
	ErrorCode.VALIDATION_FAILED,
	ErrorCode.RATE_LIMITED,
	ErrorCode.PAYLOAD_TOO_LARGE,
]);
const NO_BYTES = new Uint8Array(0);
const ERROR_WINDOW_MS = 60_000;
/** What a client with too many calls under way should wait: about a round trip. */
const IN_FLIGHT_RETRY_MS = 100;

export class Dispatcher implements RequestCallHost {
	readonly reader = new EnvelopeReader();
	readonly limits: RateLimits;
	/** Swap to change routes or middleware while running; calls under way finish on the route that they began with. */
	table: RouteTable;
	messageLimits: MessageLimits;
	private readonly options: DispatcherOptions;
	private readonly writer = new EnvelopeWriter();
	/** Calls that returned a promise, oldest first. */
	private readonly pending = new Set<RequestCall>();

	constructor(options: DispatcherOptions) {
		this.options = options;
		this.table = options.table;
		this.messageLimits = options.limits;
		this.limits = options.rates;
	}

	json(): JsonTranscoder {
		return this.options.json();
	}

	/** A frame from a client. `frame` is only valid during the call. */
	message(connection: Connection, frame: Uint8Array, isBinary: boolean): void {
		if (!connection.isOpen) return;
		const nowMs = this.options.now();
		connection.lastHeardMs = nowMs;
		if (frame.length > this.messageLimits.maxMessageBytes) {
			this.badFrame(connection, nowMs, `message larger than ${this.messageLimits.maxMessageBytes} bytes`);
			return;
		}
		if (!isBinary) {
			this.textMessage(connection, frame, nowMs);
			return;
		}
		connection.speak("protobuf");
		const { reader } = this;
		if (!reader.read(frame)) {
			this.badFrame(connection, nowMs, "no envelope");
			return;
		}
		const route = this.table.find(reader.protocol);
		const traceId = reader.traceId || this.options.newTraceId();
		if (route === undefined) {
			this.unknownProtocol(connection, reader.protocol, reader.seq, traceId, nowMs);
			return;
		}
		const { seq, bodyStart, bodyEnd } = reader;
		const call = new RequestCall(this, connection, route, seq, traceId, nowMs, frame, bodyStart, bodyEnd);
		this.admit(call, route.copiesBody);
	}

	/**
	 * Refuses a frame for which there was no room in the byte budget. It is not read further than its request number, so that a
	 * text frame is answered as no request at all: parsing it is the work that is to be avoided.
	 *
	 * @param frame - only valid during the call.
	 */
	refuseFrame(connection: Connection, frame: Uint8Array, isBinary: boolean, retryAfterMs: number): void {
		const nowMs = this.options.now();
		connection.lastHeardMs = nowMs;
		const { reader } = this;
		const [number, seq] = isBinary && reader.read(frame) ? [reader.protocol, reader.seq] : [0, 0];
		const error = new GatewayError(ErrorCode.RATE_LIMITED, "too many bytes", { retryAfterMs });
		this.options.observer.refused(error.code);
		if (seq !== 0 || !isBinary) {
			connection.send(this.writer.error(number, seq, error.code, detailOf(error), ""), undefined);
		}
		this.countError(connection, error, nowMs);
	}

	/**
	 * Runs 1000 Connect for a token that came with the upgrade. Its reply goes out with seq 0, as nobody asked for it.
	 */
	connect(connection: Connection, accessToken: string): void {
		const route = this.table.find(authRoutes.connect.number);
		if (route === undefined) return;
		const body = authRoutes.connect.request.encode({ accessToken }).finish();
		const call = new RequestCall(this, connection, route, 0, "", this.options.now(), body, 0, body.length);
		call.unasked = true;
		this.admit(call, false);
	}

	/** Answers calls that have been under way for too long. Call about once a second. */
	expire(nowMs: number): void {
		for (const call of this.pending) {
			// Not in the order of their deadlines: some have waited before they were started.
			if (this.isOverdue(call, nowMs)) this.settle(call, outOfTime(), undefined);
		}
	}

	/** Calls under way in the whole process. */
	get inFlight(): number {
		return this.pending.size;
	}

	/** The connection is gone: nothing that waits for it will be started. */
	forget(connection: Connection): void {
		connection.calls?.clear();
	}

	/** Sends an error that answers no request, such as the reason for a refusal. */
	notice(connection: Connection, error: GatewayError): void {
		connection.send(this.writer.error(0, 0, error.code, detailOf(error), ""), undefined);
	}

	private textMessage(connection: Connection, frame: Uint8Array, nowMs: number): void {
		const value = parsed(frame);
		for (const dialect of value === undefined ? [] : this.options.dialects) {
			const read = dialect.read(connection, value);
			if (read === undefined) continue;
			connection.speak(dialect.encoding);
			if (typeof read === "string") this.textAnswer(connection, read, nowMs);
			else for (const request of read) this.textRequest(connection, request, nowMs);
			return;
		}
		this.badFrame(connection, nowMs, "text frames carry the envelope as JSON");
	}

	/** What a dialect answers by itself is a message that it could not make a request of. */
	private textAnswer(connection: Connection, text: string, nowMs: number): void {
		const retryAfterMs = this.limits.take({ peer: connection, contract: { number: 0 }, receivedAtMs: nowMs }, 1);
		const code = retryAfterMs > 0 ? ErrorCode.RATE_LIMITED : ErrorCode.BAD_REQUEST;
		this.options.observer.refused(code);
		if (retryAfterMs === 0) connection.socket.send(text);
		this.countError(connection, { code, retryAfterMs }, nowMs);
	}

	private textRequest(connection: Connection, request: JsonRequest, nowMs: number): void {
		const { protocol, seq } = request;
		const route = this.table.find(protocol);
		const traceId = request.traceId || this.options.newTraceId();
		if (route === undefined) {
			this.unknownProtocol(connection, protocol, seq, traceId, nowMs);
			return;
		}
		const call = new RequestCall(this, connection, route, seq, traceId, nowMs, NO_BYTES, 0, 0);
		call.json = request;
		this.admit(call, false);
	}

	/** Starts a call, or puts it behind those that it must follow. */
	private admit(call: RequestCall, copyBody: boolean): void {
		const { calls } = call.peer;
		if (calls === undefined || calls.mayStart(call.contract.ordering)) {
			if (calls !== undefined && calls.length >= this.messageLimits.maxInFlight) this.refuseInFlight(call);
			else {
				if (copyBody) call.keepBody();
				this.start(call);
			}
			return;
		}
		if (calls.length >= this.messageLimits.maxInFlight) {
			this.refuseInFlight(call);
			return;
		}
		call.keepBody();
		calls.enqueue(call);
	}

	private refuseInFlight(call: RequestCall): void {
		const message = `more than ${this.messageLimits.maxInFlight} requests under way on this connection`;
		this.answer(
			call,
			new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: IN_FLIGHT_RETRY_MS }),
			undefined,
		);
	}

	private isOverdue(call: RequestCall, nowMs: number): boolean {
		return nowMs - call.receivedAtMs >= this.messageLimits.requestTimeoutMs;
	}

	/** Starts a call that has waited, unless its time is up already. */
	private startLate(call: RequestCall): void {
		if (this.isOverdue(call, this.options.now())) this.answer(call, outOfTime(), undefined);
		else this.start(call);
	}

	private start(call: RequestCall): void {
		let result: object | Promise<object>;
		try {
			result = call.route.run(call);
		} catch (error) {
			this.answer(call, error, undefined);
			return;
		}
		if (result instanceof Promise) this.track(call, result);
		else this.answer(call, undefined, result);
	}

	private track(call: RequestCall, result: Promise<object>): void {
		const { peer } = call;
		peer.calls ??= new CallQueue();
		peer.calls.started(call);
		this.pending.add(call);
		result.then(
			(reply) => this.settle(call, undefined, reply),
			(error: unknown) => this.settle(call, error, undefined),
		);
	}

	/** A call that had returned a promise is finished, or out of time. */
	private settle(call: RequestCall, error: unknown, reply: object | undefined): void {
		if (call.settled) return;
		call.settled = true;
		this.pending.delete(call);
		const { calls } = call.peer;
		calls?.finished(call);
		this.answer(call, error, reply, true);
		// Only `admit` puts calls in.
		for (let next = calls?.next(); next !== undefined; next = calls?.next()) this.startLate(next as RequestCall);
	}

	private answer(call: RequestCall, error: unknown, reply: object | undefined, later = false): void {
		if (reply === undefined) {
			this.answerError(call, error, later);
			return;
		}
		const { contract } = call;
		if (call.seq !== 0 || call.unasked) {
			let frame: Uint8Array;
			try {
				frame = this.writer.reply(contract.number, call.seq, contract.reply, reply, call.traceId);
			} catch (encodingError) {
				this.answerError(call, encodingError, later);
				return;
			}
			if (!call.peer.send(frame, contract.reply)) {
				this.answerError(call, new Error(`a reply of more than ${MAX_SENT_BYTES} bytes was not sent`), later);
				return;
			}
		}
		this.options.observer.settled(call, ErrorCode.OK, undefined, later);
	}

	private answerError(call: RequestCall, thrown: unknown, later: boolean): void {
		const error = GatewayError.from(thrown);
		const { peer, contract } = call;
		if (call.seq !== 0 || call.unasked) {
			const frame = this.writer.error(contract.number, call.seq, error.code, detailOf(error), call.traceId);
			peer.send(frame, undefined);
		}
		this.options.observer.settled(call, error.code, error, later);
		this.countError(peer, error, call.receivedAtMs);
	}

	private unknownProtocol(connection: Connection, number: number, seq: number, traceId: string, nowMs: number): void {
		const waitMs = this.limits.take({ peer: connection, contract: { number }, receivedAtMs: nowMs }, 1);
		const error =
			waitMs > 0
				? new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: waitMs })
				: new GatewayError(ErrorCode.UNKNOWN_PROTOCOL, `no route has protocol number ${number}`);
		this.options.observer.refused(error.code);
		if (seq !== 0) connection.send(this.writer.error(number, seq, error.code, detailOf(error), traceId), undefined);
		this.countError(connection, error, nowMs);
	}

	private badFrame(connection: Connection, nowMs: number, text: string): void {
		this.options.observer.refused(ErrorCode.BAD_REQUEST);
		connection.close(CloseCode.BAD_FRAME, nowMs, { text });
	}

	private countError(connection: Connection, error: Pick<GatewayError, "code" | "retryAfterMs">, nowMs: number): void {
		const { code, retryAfterMs } = error;
		if (!CLIENT_FAULTS.has(code)) return;
		if (code === ErrorCode.RATE_LIMITED) {
			// Who has waited for as long as it was told did nothing wrong, however often it meets the limit.
			const hasWaited = nowMs >= connection.limitedUntilMs;
			connection.limitedUntilMs = nowMs + retryAfterMs;
			if (hasWaited) return;
		}
		if (nowMs - connection.errorsSinceMs > ERROR_WINDOW_MS) {
			connection.errorsSinceMs = nowMs;
			connection.errorCount = 0;
		}
		connection.errorCount++;
		if (connection.errorCount > this.messageLimits.maxErrorsPerMinute) connection.close(CloseCode.LIMIT, nowMs);
	}
}

/** What a text frame says, undefined when it is no JSON. uWebSockets.js has checked its UTF-8. */
function parsed(frame: Uint8Array): unknown {
	try {
		return JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString());
	} catch {
		return undefined;
	}
}

function outOfTime(): GatewayError {
	return new GatewayError(ErrorCode.TIMEOUT, "the request was not finished in time");
}

function detailOf(error: GatewayError) {
	return {
		message: error.message,
		retryable: error.retryable,
		retryAfterMs: Math.ceil(error.retryAfterMs),
		violations: [...error.violations],
	};
}

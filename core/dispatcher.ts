// From a frame to its reply: finds the route, runs its chain, encodes what comes of it. The one path that every
// message takes; a route that answers at once is done when `message` returns.

import { CloseCode, ErrorCode } from "../protocol/codes.ts";
import { EnvelopeReader, EnvelopeWriter } from "../protocol/envelope.ts";
import { GatewayError } from "../protocol/error.ts";
import { authRoutes } from "../protocol/gen/schema.ts";
import type { JsonRequest, JsonTranscoder } from "../protocol/json.ts";
import { MAX_SENT_BYTES } from "../protocol/message-bounds.ts";
import { CallBudget, type PendingBound, type PendingLimits, runningBytes, waitingBytes } from "./call-budget.ts";
import { deadlineExceeded, detailOf, pendingError, tooManyRequests } from "./call-errors.ts";
import { CallQueue } from "./call-queue.ts";
import type { CallTracing } from "./call-tracing.ts";
import { countFault } from "./client-faults.ts";
import type { Connection } from "./connection.ts";
import type { RateLimits } from "./rate-limits.ts";
import { RequestCall, type RequestTools } from "./request-call.ts";
import type { RequestObserver } from "./request-observer.ts";
import { MAX_PROTOCOL } from "./route-table.ts";
import type { ServedRoutes } from "./served-routes.ts";
import { openingRequests, type TextDialect } from "./text-dialect.ts";
import { readTextFrame } from "./text-frame.ts";

/** Limits of the message path. Replaced as a whole on reload. */
export interface MessageLimits extends PendingLimits {
	readonly maxMessageBytes: number;
	readonly maxErrorsPerMinute: number;
	readonly requestTimeoutMs: number;
}

export interface DispatcherOptions {
	readonly routes: ServedRoutes;
	readonly limits: MessageLimits;
	readonly rates: RateLimits;
	readonly observer: RequestObserver;
	readonly json: () => JsonTranscoder;
	/** In the order in which they are tried; JSON of the envelope is the last. */
	readonly dialects: readonly TextDialect[];
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** A trace id for a request that came without one; returns "" when tracing is off. */
	readonly newTraceId: () => string;
	/** Undefined where tracing is off. */
	readonly tracing?: CallTracing | undefined;
}

const NO_BYTES = new Uint8Array(0);

export class Dispatcher {
	readonly routes: ServedRoutes;
	readonly budget: CallBudget;
	private limitsOfMessages: MessageLimits;
	private readonly options: DispatcherOptions;
	private readonly reader = new EnvelopeReader();
	private readonly rates: RateLimits;
	private readonly tools: RequestTools;
	private readonly tracing: CallTracing | undefined;
	private readonly writer = new EnvelopeWriter();
	/** Calls that returned a promise, oldest first. */
	private readonly pending = new Set<RequestCall>();
	/** By protocol number: 1 for routes that have returned a promise once. Others hold nothing, and are not refused for it. */
	private readonly takesTime = new Uint8Array(MAX_PROTOCOL + 1);

	constructor(options: DispatcherOptions) {
		this.options = options;
		this.routes = options.routes;
		this.limitsOfMessages = options.limits;
		this.budget = new CallBudget(options.limits);
		this.rates = options.rates;
		this.tracing = options.tracing;
		this.tools = { reader: this.reader, rates: options.rates, json: options.json };
	}

	get messageLimits(): MessageLimits {
		return this.limitsOfMessages;
	}

	set messageLimits(limits: MessageLimits) {
		this.limitsOfMessages = limits;
		this.budget.limits = limits;
	}

	/** A frame from a client. `frame` is only valid during the call. */
	message(connection: Connection, frame: Uint8Array, isBinary: boolean): void {
		if (!connection.isOpen) return;
		const nowMs = this.options.now();
		connection.lastReceivedMs = nowMs;
		const { maxMessageBytes } = this.limitsOfMessages;
		if (frame.length > maxMessageBytes) {
			this.badFrame(connection, nowMs, `the message is larger than ${maxMessageBytes} bytes`);
			return;
		}
		if (!isBinary) {
			this.textMessage(connection, frame, nowMs);
			return;
		}
		connection.setEncoding("protobuf");
		const { reader } = this;
		if (!reader.read(frame)) {
			this.badFrame(connection, nowMs, "no envelope");
			return;
		}
		const route = this.routes.table.find(reader.protocol);
		const traceId = reader.traceId || this.options.newTraceId();
		if (route === undefined) {
			this.unknownProtocol(connection, reader.protocol, reader.seq, traceId, nowMs);
			return;
		}
		const call = new RequestCall(this.tools, connection, route, nowMs);
		call.identify(reader, traceId);
		if (this.tracing !== undefined) this.tracing.begin(call);
		call.setBody(frame, reader.bodyStart, reader.bodyEnd);
		this.admit(call, route.copiesBody);
	}

	/**
	 * Refuses a frame for which there was no room in the byte budget. It is not read further than its request number, so that a
	 * text frame is answered as no request at all: parsing it is the work that is to be avoided.
	 *
	 * @param frame - only valid during the call.
	 */
	refuseFrame(connection: Connection, frame: Uint8Array, isBinary: boolean, error: GatewayError): void {
		const nowMs = this.options.now();
		connection.lastReceivedMs = nowMs;
		const { reader } = this;
		const [number, seq] = isBinary && reader.read(frame) ? [reader.protocol, reader.seq] : [0, 0];
		this.options.observer.refused(error.code);
		const isReported = seq !== 0 || !isBinary;
		if (isReported) connection.send(this.writer.error(number, seq, error.code, detailOf(error), ""), undefined);
		this.countError(connection, error, isReported, nowMs);
	}

	/**
	 * Runs 1000 Connect for a token that came with the upgrade. Its reply has seq 0, as it answers no frame.
	 */
	connect(connection: Connection, accessToken: string): void {
		const route = this.routes.table.find(authRoutes.connect.number);
		if (route === undefined) return;
		const body = authRoutes.connect.request.encode({ accessToken }).finish();
		const call = new RequestCall(this.tools, connection, route, this.options.now());
		call.setBody(body, 0, body.length);
		call.unsolicited = true;
		this.admit(call, false);
	}

	/** Answers calls whose deadline is exceeded. Call about once a second. */
	expire(nowMs: number): void {
		for (const call of this.pending) {
			// Not in the order of their deadlines: some have waited before they were started.
			if (this.isOverdue(call, nowMs)) this.settle(call, deadlineExceeded(), undefined);
		}
	}

	/** Calls in flight in the whole process. */
	get inFlight(): number {
		return this.pending.size;
	}

	/** The connection is gone: nothing that waits for it will be started. */
	forget(connection: Connection): void {
		const { calls } = connection;
		if (calls === undefined) return;
		// Only `admit` puts calls in.
		for (const call of calls.clear()) this.budget.release(call as RequestCall, calls);
	}

	/** Sends an error that answers no request, such as the reason why a connection is rejected. */
	sendUnsolicitedError(connection: Connection, error: GatewayError): void {
		connection.send(this.writer.error(0, 0, error.code, detailOf(error), ""), undefined);
	}

	private textMessage(connection: Connection, frame: Uint8Array, nowMs: number): void {
		const text = readTextFrame(frame);
		if ("problem" in text) {
			this.badFrame(connection, nowMs, text.problem);
			return;
		}
		for (const dialect of this.options.dialects) {
			const read = dialect.read(connection, text.value);
			if (read === undefined) continue;
			connection.setEncoding(dialect.encoding);
			const source = dialect.framesBody ? frame : NO_BYTES;
			if (typeof read === "string") this.textAnswer(connection, read, nowMs);
			else for (const request of read) this.textRequest(connection, request, source, nowMs);
			return;
		}
		this.badFrame(connection, nowMs, "a text frame must be the envelope as JSON");
	}

	/** What a dialect answers by itself is a message that it could not make a request of. */
	private textAnswer(connection: Connection, text: string, nowMs: number): void {
		const retryAfterMs = this.rates.take({ peer: connection, contract: { number: 0 }, receivedAtMs: nowMs }, 1);
		const code = retryAfterMs > 0 ? ErrorCode.RATE_LIMITED : ErrorCode.BAD_REQUEST;
		this.options.observer.refused(code);
		if (retryAfterMs === 0) connection.socket.send(text);
		this.countError(connection, { code, retryAfterMs }, retryAfterMs === 0, nowMs);
	}

	/** @param frame - empty for a dialect that has translated the body. */
	private textRequest(connection: Connection, request: JsonRequest, frame: Uint8Array, nowMs: number): void {
		const { protocol, seq } = request;
		const route = this.routes.table.find(protocol);
		const traceId = request.traceId || this.options.newTraceId();
		if (route === undefined) {
			this.unknownProtocol(connection, protocol, seq, traceId, nowMs);
			return;
		}
		const call = new RequestCall(this.tools, connection, route, nowMs);
		call.identify(request, traceId);
		if (this.tracing !== undefined) this.tracing.begin(call);
		call.setText(request, frame);
		this.admit(call, false);
	}

	/** Takes the tokens of a call, and starts it or queues it behind the calls that must run before it. */
	private admit(call: RequestCall, copyBody: boolean): void {
		const { peer, contract } = call;
		const waitMs = this.rates.take(call, contract.cost);
		if (waitMs > 0) {
			this.answer(call, tooManyRequests(contract.name, waitMs), undefined);
			return;
		}
		const { calls } = peer;
		if (calls !== undefined && calls.heldBytes > 0) {
			this.admitBeside(calls, call, copyBody);
			return;
		}
		if (this.budget.isFull && this.takesTime[contract.number] === 1) {
			this.refusePending(call, "process");
			return;
		}
		if (copyBody) call.keepBody();
		this.start(call);
	}

	/** Admits a call of a connection that has others in flight. */
	private admitBeside(calls: CallQueue, call: RequestCall, copyBody: boolean): void {
		const { budget } = this;
		const { peer, contract } = call;
		const tooMany = budget.countProblem(peer, calls);
		if (tooMany !== undefined) {
			this.refusePending(call, tooMany);
			return;
		}
		const mayStart = calls.mayStart(contract.ordering);
		if (!mayStart || this.takesTime[contract.number] === 1) {
			const bytes = mayStart ? runningBytes(call) : waitingBytes(call);
			const tooMuch = budget.bytesProblem(peer, calls, bytes);
			if (tooMuch !== undefined) {
				this.refusePending(call, tooMuch);
				return;
			}
			if (!mayStart) {
				call.keepBody();
				budget.hold(call, calls, bytes);
				calls.enqueue(call);
				return;
			}
		}
		if (copyBody) call.keepBody();
		this.start(call);
	}

	/** Rejects a call for lack of room. Not counted as a client error: floods are rejected by the rate limits before this. */
	private refusePending(call: RequestCall, bound: PendingBound): void {
		const error = pendingError(bound, this.messageLimits);
		this.budget.countRefused(bound);
		if (error.code === ErrorCode.UNAVAILABLE) this.options.observer.overloaded(call, bound);
		this.sendError(call, error);
		this.options.observer.settled(call, error.code, undefined, false);
		call.peer.restartLoginTime(call.receivedAtMs, error.retryAfterMs);
	}

	private isOverdue(call: RequestCall, nowMs: number): boolean {
		return nowMs - call.receivedAtMs >= this.messageLimits.requestTimeoutMs;
	}

	/** Starts a call that has waited, unless its time is up already. */
	private startLate(call: RequestCall, calls: CallQueue): void {
		this.budget.release(call, calls);
		if (this.isOverdue(call, this.options.now())) this.answer(call, deadlineExceeded(), undefined);
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
		const { peer, contract } = call;
		peer.calls ??= new CallQueue();
		const { calls } = peer;
		calls.started(call);
		this.pending.add(call);
		this.takesTime[contract.number] = 1;
		this.budget.hold(call, calls, runningBytes(call));
		call.dropBody();
		// Not when it is out of time: until its handler has ended, what it holds is held.
		result.then(
			(reply) => {
				this.budget.release(call, calls);
				this.settle(call, undefined, reply);
			},
			(error: unknown) => {
				this.budget.release(call, calls);
				this.settle(call, error, undefined);
			},
		);
	}

	/** A call that had returned a promise is finished, or out of time. */
	private settle(call: RequestCall, error: unknown, reply: object | undefined): void {
		if (call.settled) return;
		call.settled = true;
		this.pending.delete(call);
		const { calls } = call.peer;
		calls?.finished(call);
		if (call.peer.identity === undefined) call.peer.restartLoginTime(this.options.now(), 0);
		this.answer(call, error, reply, true);
		if (calls === undefined) return;
		// Only `admit` puts calls in.
		for (let next = calls.next(); next !== undefined; next = calls.next()) this.startLate(next as RequestCall, calls);
	}

	private answer(call: RequestCall, error: unknown, reply: object | undefined, later = false): void {
		if (reply === undefined) {
			this.answerError(call, error, later);
			return;
		}
		const { contract } = call;
		if (call.seq !== 0 || call.unsolicited) {
			try {
				const frame = this.writer.reply(contract.number, call.seq, contract.reply, reply, call.traceId);
				if (!call.peer.send(frame, contract.reply)) throw new Error(`a reply of more than ${MAX_SENT_BYTES} bytes`);
				if (contract.hasLargeReply) call.chargeReply(frame.length);
			} catch (encodingError) {
				this.answerError(call, encodingError, later);
				return;
			}
		}
		this.options.observer.settled(call, ErrorCode.OK, undefined, later);
		if (contract.number === authRoutes.connect.number) this.open(call.peer);
	}

	private open(connection: Connection): void {
		const { dialects, now } = this.options;
		for (const request of openingRequests(dialects, connection)) this.textRequest(connection, request, NO_BYTES, now());
	}

	private answerError(call: RequestCall, thrown: unknown, later: boolean): void {
		const error = GatewayError.from(thrown);
		this.sendError(call, error);
		this.options.observer.settled(call, error.code, error, later);
		this.countError(call.peer, error, call.seq !== 0 || call.unsolicited, this.options.now());
	}

	private sendError({ peer, contract, seq, unsolicited, traceId }: RequestCall, error: GatewayError): void {
		if (seq === 0 && !unsolicited) return;
		peer.send(this.writer.error(contract.number, seq, error.code, detailOf(error), traceId), undefined);
	}

	private unknownProtocol(connection: Connection, number: number, seq: number, traceId: string, nowMs: number): void {
		const waitMs = this.rates.take({ peer: connection, contract: { number }, receivedAtMs: nowMs }, 1);
		const error =
			waitMs > 0
				? new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: waitMs })
				: new GatewayError(ErrorCode.UNKNOWN_PROTOCOL, `no route has protocol number ${number}`);
		this.options.observer.refused(error.code);
		if (seq !== 0) connection.send(this.writer.error(number, seq, error.code, detailOf(error), traceId), undefined);
		this.countError(connection, error, seq !== 0, nowMs);
	}

	private badFrame(connection: Connection, nowMs: number, text: string): void {
		this.options.observer.refused(ErrorCode.BAD_REQUEST);
		connection.close(CloseCode.BAD_FRAME, nowMs, { text });
	}

	/** @param isReported - an error reply was sent. */
	private countError(
		connection: Connection,
		error: Pick<GatewayError, "code" | "retryAfterMs">,
		isReported: boolean,
		nowMs: number,
	): void {
		if (error.retryAfterMs > 0) connection.restartLoginTime(nowMs, error.retryAfterMs);
		countFault(connection, error, isReported, nowMs, this.messageLimits.maxErrorsPerMinute);
	}
}

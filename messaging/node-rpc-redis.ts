// Calls between nodes over Redis pub/sub: each node listens on a channel of its own, for requests and for answers. A message
// is a line of JSON and the payload behind it.
import type { Logger } from "../common/logger.ts";
import type { Probe } from "../common/probe.ts";
import { problemOf, type Span, type Tracer } from "../common/tracing.ts";
import { ErrorCode, replyCode } from "../protocol/codes.ts";
import { type FaultSource, GatewayError, unavailable, type Violation } from "../protocol/error.ts";
import { parseTraceparent, traceparentOf } from "../protocol/trace-context.ts";
import type { RedisConnection } from "../stores/redis/connection.ts";
import { Echo } from "../stores/redis/echo.ts";
import { RedisPubSub } from "../stores/redis/pub-sub.ts";
import type { NodeRequestHandler, NodeRpc } from "./node-rpc.ts";

export interface RedisNodeRpcOptions {
	/** Limit of the calls that wait for a reply, and of the requests of other nodes in flight, each. */
	readonly maxInFlight?: number;
	readonly maxPayloadBytes?: number;
	/** Records calls that belong to what is recorded, here and where they are answered. */
	readonly tracer?: Tracer | undefined;
}

const RETRY_AFTER_MS = 500;
const LINE_END = 10;
const NOTHING = new Uint8Array(0);
const RPC = { "rpc.system.name": "framegate", "rpc.method": "node" };

interface WireError {
	readonly code: ErrorCode;
	readonly message: string;
	readonly retryAfterMs: number;
	readonly violations: readonly Violation[];
	/** Nodes that do not know it pass over it. */
	readonly source?: FaultSource | undefined;
}

type Header =
	| {
			readonly kind: "request";
			readonly id: number;
			readonly from: string;
			/** Of a sampled call alone. Nodes that do not know it pass over it. */
			readonly traceparent?: string;
	  }
	/** Wants no answer. */
	| { readonly kind: "notice"; readonly id: number }
	/** From this process to itself. */
	| { readonly kind: "probe"; readonly id: number }
	| { readonly kind: "answer"; readonly id: number; readonly error?: WireError };

interface Pending {
	readonly resolve: (payload: Uint8Array) => void;
	readonly reject: (error: GatewayError) => void;
	readonly timer: NodeJS.Timeout;
}

export class RedisNodeRpc implements NodeRpc {
	readonly nodeId: string;
	/** Requests and answers of other nodes arrive. */
	readonly probe: Probe;
	private readonly redis: RedisConnection;
	private readonly logger: Logger;
	private readonly maxInFlight: number;
	private readonly maxPayloadBytes: number;
	private readonly tracer: Tracer | undefined;
	private readonly pubSub: RedisPubSub;
	private readonly echo: Echo;
	private readonly pending = new Map<number, Pending>();
	private handler: NodeRequestHandler | undefined;
	private noticed: (payload: Uint8Array) => void = () => {};
	private serving = 0;
	private lastId = 0;

	/** @param nodeId - unique for the life of this process. @param redis - stays its opener's to close. */
	constructor(nodeId: string, redis: RedisConnection, logger: Logger, options: RedisNodeRpcOptions = {}) {
		this.nodeId = nodeId;
		this.redis = redis;
		this.logger = logger;
		this.maxInFlight = options.maxInFlight ?? 10_000;
		this.maxPayloadBytes = options.maxPayloadBytes ?? 1_048_576;
		this.tracer = options.tracer;
		const what = "calls of other nodes";
		const message = (_name: string, payload: Buffer) => this.receive(payload);
		this.pubSub = new RedisPubSub(redis, logger, { message }, { what });
		this.pubSub.add([this.channelOf(nodeId)]);
		this.echo = new Echo({
			what,
			send: (id) => this.send(nodeId, { kind: "probe", id }, NOTHING),
			onSilence: (error) => this.pubSub.restart(error),
		});
		this.probe = { name: "redis-rpc", check: () => this.check() };
	}

	serve(handler: NodeRequestHandler): void {
		this.handler = handler;
	}

	call(nodeId: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
		const span = this.tracer?.current()?.child("call node", "client", RPC);
		if (span === undefined) return this.exchange(nodeId, payload, timeoutMs, undefined);
		const traceparent = span.context.isSampled ? traceparentOf(span.context) : undefined;
		const exchanged = this.exchange(nodeId, payload, timeoutMs, traceparent);
		endWith(span, exchanged);
		return exchanged;
	}

	private async exchange(
		nodeId: string,
		payload: Uint8Array,
		timeoutMs: number,
		traceparent: string | undefined,
	): Promise<Uint8Array> {
		if (payload.length > this.maxPayloadBytes) {
			throw new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, "the request is too large to be passed on");
		}
		if (this.pending.size >= this.maxInFlight) throw unavailable("the other node", RETRY_AFTER_MS);
		this.lastId++;
		const id = this.lastId;
		const answer = new Promise<Uint8Array>((resolve, reject) => {
			const late = () => this.settle(id)?.reject(timeout());
			this.pending.set(id, { resolve, reject, timer: setTimeout(late, timeoutMs) });
		});
		// If sending fails, the caller gets that error, and nothing waits for the answer any more.
		answer.catch(() => {});
		try {
			const header: Header = {
				kind: "request",
				id,
				from: this.nodeId,
				...(traceparent !== undefined && { traceparent }),
			};
			const receivers = await this.send(nodeId, header, payload);
			// In a Cluster the number counts one server's subscribers only: there the deadline decides.
			if (receivers === 0 && !("nodes" in this.redis.client)) throw unavailable("the other node", RETRY_AFTER_MS);
		} catch (error) {
			this.settle(id);
			throw error;
		}
		return await answer;
	}

	notify(nodeId: string, payload: Uint8Array): void {
		if (payload.length > this.maxPayloadBytes) return;
		this.send(nodeId, { kind: "notice", id: 0 }, payload).catch(() => {});
	}

	onNotice(handler: (payload: Uint8Array) => void): void {
		this.noticed = handler;
	}

	async close(): Promise<void> {
		for (const id of [...this.pending.keys()]) this.settle(id)?.reject(unavailable("the other node", RETRY_AFTER_MS));
		this.pubSub.close();
	}

	private async check(): Promise<void> {
		if (!this.pubSub.isSubscribed) {
			this.echo.invalidate();
			throw new Error("calls of other nodes cannot be received");
		}
		await this.echo.check();
	}

	private send(nodeId: string, header: Header, payload: Uint8Array): Promise<number> {
		const message = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload]);
		return this.redis.run((client) => client.publish(this.channelOf(nodeId), message));
	}

	private receive(message: Buffer): void {
		const end = message.indexOf(LINE_END);
		const header = parse(message.toString("utf8", 0, Math.max(end, 0)));
		const payload = message.subarray(end + 1);
		if (header?.kind === "request") void this.answer(header, payload);
		else if (header?.kind === "notice") this.notice(payload);
		else if (header?.kind === "answer") this.conclude(header.id, header.error, payload);
		else if (header?.kind === "probe") this.echo.received(header.id);
		else this.logger.warn({ length: message.length }, "ignored a message of another node that is none");
	}

	private notice(payload: Buffer): void {
		try {
			this.noticed(payload);
		} catch (error) {
			this.logger.warn({ err: error }, "a message of another node could not be read");
		}
	}

	private conclude(id: number, error: WireError | undefined, payload: Uint8Array): void {
		const pending = this.settle(id);
		if (error === undefined) pending?.resolve(payload);
		else pending?.reject(new GatewayError(error.code, error.message, error));
	}

	private async answer(
		{ id, from, traceparent }: Extract<Header, { kind: "request" }>,
		payload: Uint8Array,
	): Promise<void> {
		let header: Header = { kind: "answer", id };
		let body: Uint8Array = NOTHING;
		try {
			body = await (traceparent === undefined ? this.perform(payload) : this.performRecorded(payload, traceparent));
		} catch (thrown) {
			const error = GatewayError.from(thrown);
			const { code, message, retryAfterMs, violations, source } = error;
			if (code === ErrorCode.INTERNAL)
				this.logger.error({ ...source, err: thrown }, "a request of another node failed");
			header = { kind: "answer", id, error: { code, message, retryAfterMs, violations, source } };
		}
		// If this fails, the caller gets no answer, and its deadline ends the call.
		await this.send(from, header, body).catch(() => {});
	}

	private async perform(payload: Uint8Array): Promise<Uint8Array> {
		if (this.handler === undefined || this.serving >= this.maxInFlight) {
			throw unavailable("the other node", RETRY_AFTER_MS);
		}
		this.serving++;
		try {
			return await this.handler(payload);
		} finally {
			this.serving--;
		}
	}

	/** Continues the trace of the node that asks. */
	private performRecorded(payload: Uint8Array, traceparent: string): Promise<Uint8Array> {
		const parent = parseTraceparent(traceparent);
		if (this.tracer === undefined || parent === undefined) return this.perform(payload);
		const span = this.tracer.begin("answer node", "server", parent, RPC);
		const performed = this.tracer.run(span, () => this.perform(payload));
		if (span !== undefined) endWith(span, performed);
		return performed;
	}

	private settle(id: number): Pending | undefined {
		const pending = this.pending.get(id);
		if (pending === undefined) return undefined;
		this.pending.delete(id);
		clearTimeout(pending.timer);
		return pending;
	}

	private channelOf(nodeId: string): string {
		return `${this.redis.channelPrefix}node:${nodeId}`;
	}
}

function endWith(span: Span, work: Promise<unknown>): void {
	work.then(
		() => span.end(),
		(error: unknown) => span.end(error instanceof GatewayError ? replyCode(error.code).name : problemOf(error)),
	);
}

function parse(text: string): Header | undefined {
	try {
		const header = JSON.parse(text) as Header;
		return typeof header.id === "number" ? header : undefined;
	} catch {
		return undefined;
	}
}

function timeout(): GatewayError {
	return new GatewayError(ErrorCode.TIMEOUT, "the other node did not answer in time");
}

// A request that came over HTTP, on its way through the pipeline. It runs through the same chain as a frame does.
import type { Identity } from "../common/identity.ts";
import type { CallTrace } from "../common/tracing.ts";
import { ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { EnvelopeReader } from "../protocol/envelope.ts";
import { GatewayError } from "../protocol/error.ts";
import type { TraceContext } from "../protocol/trace-context.ts";
import type { ServedBy } from "./call.ts";
import type { HttpCaller } from "./http-caller.ts";
import type { HttpHead } from "./http-request.ts";
import type { PipelineCall } from "./pipeline.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { CompiledRoute } from "./route-table.ts";

/** What requests are decoded with, and take tokens from. One object for all calls. */
export interface HttpCallTools {
	readonly reader: EnvelopeReader;
	readonly rates: RateLimits;
}

/** A request message that has no other form than the JSON that it came as. */
export class ParsedBody {
	readonly value: object;
	/** Of its text. */
	readonly byteLength: number;

	constructor(value: object, byteLength: number) {
		this.value = value;
		this.byteLength = byteLength;
	}
}

/** The request message as protobuf bytes, or what makes it: it is called once the call is authorized. */
export type HttpCallBody = Uint8Array | (() => Uint8Array | ParsedBody);

export interface HttpCallOptions {
	readonly tools: HttpCallTools;
	readonly peer: HttpCaller;
	readonly route: CompiledRoute;
	readonly head: HttpHead;
	readonly body: HttpCallBody;
	/** On the monotonic clock in milliseconds. */
	readonly receivedAtMs: number;
	readonly traceId: string;
	readonly requestId: string;
	/** The way in which it is called: `connect`, `rest`, `module`. */
	readonly style: string;
	/** How long the caller waits, in milliseconds; undefined: as long as the gateway lets it. */
	readonly timeoutMs: number | undefined;
}

const IDEMPOTENCY_KEY = /^(?:"([!#-~]{1,255})"|[!#-~]{1,255})$/;
const NO_BYTES = new Uint8Array(0);

export class HttpCall implements PipelineCall {
	readonly peer: HttpCaller;
	readonly route: CompiledRoute;
	readonly receivedAtMs: number;
	readonly traceId: string;
	readonly requestId: string;
	readonly style: string;
	readonly timeoutMs: number | undefined;
	context: TraceContext | undefined = undefined;
	trace: CallTrace | undefined = undefined;
	servedBy: ServedBy | undefined = undefined;
	/** Always answered. */
	readonly seq = 1;
	/** What came before the content. */
	readonly head: HttpHead;
	/** Header fields that the handler adds to the reply, by lower-case name; undefined: none. */
	replyHeaders: Record<string, string> | undefined = undefined;
	bytes: Uint8Array = NO_BYTES;
	readonly bodyStart = 0;
	bodyEnd = 0;
	request: object | undefined = undefined;
	settled = false;
	/** What the CallBudget counts for it now. */
	heldBytes = 0;
	readonly tokenExpired = false;
	private readonly tools: HttpCallTools;
	private readonly body: HttpCallBody;

	constructor(options: HttpCallOptions) {
		const { tools, peer, route, head, body, receivedAtMs, traceId, requestId, style, timeoutMs } = options;
		this.tools = tools;
		this.peer = peer;
		this.route = route;
		this.head = head;
		this.body = body;
		this.receivedAtMs = receivedAtMs;
		this.traceId = traceId;
		this.requestId = requestId;
		this.style = style;
		this.timeoutMs = timeoutMs;
	}

	get contract(): AnyRouteContract {
		return this.route.contract;
	}

	/** A string, in quotes as a structured field has it (RFC 9651) or without. */
	get idempotencyKey(): string {
		const text = this.head.headers.get("idempotency-key");
		if (text === undefined) return "";
		const key = IDEMPOTENCY_KEY.exec(text);
		if (key !== null) return key[1] ?? text;
		throw new GatewayError(ErrorCode.BAD_REQUEST, "the Idempotency-Key header is not 1 to 255 visible characters");
	}

	identity(): Identity {
		const { identity } = this.peer;
		if (identity === undefined) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "log in first");
		return identity;
	}

	authenticate(identity: Identity): void {
		if (!this.settled) this.peer.identity = identity;
	}

	signOut(): void {
		if (!this.settled) this.peer.identity = undefined;
	}

	decode(): object {
		const body = typeof this.body === "function" ? this.body() : this.body;
		this.bodyEnd = body.byteLength;
		if (body instanceof ParsedBody) return body.value;
		this.bytes = body;
		return this.tools.reader.decodeBody(this.contract.request, this.bytes, 0, this.bodyEnd);
	}

	takeTokens(cost: number): number {
		const { peer, contract, receivedAtMs } = this;
		return this.tools.rates.takeCall(peer.identity, peer.addressKey, contract.number, cost, receivedAtMs);
	}

	takeBytes(bytes: number): number {
		const { identity } = this.peer;
		return identity === undefined ? 0 : this.tools.rates.takeBytes(identity, bytes, this.receivedAtMs);
	}

	replyWaitMs(): number {
		const { identity } = this.peer;
		return identity === undefined ? 0 : this.tools.rates.replyWaitMs(identity, this.receivedAtMs);
	}

	/** Takes the bytes of a reply that may be a page, once it is made. */
	chargeReply(bytes: number): void {
		const { identity } = this.peer;
		if (identity !== undefined) this.tools.rates.chargeReply(identity, bytes, this.receivedAtMs);
	}
}

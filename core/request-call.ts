// A request that came over a WebSocket, on its way through the pipeline.
import type { Identity } from "../common/identity.ts";
import type { CallTrace } from "../common/tracing.ts";
import { ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { EnvelopeReader } from "../protocol/envelope.ts";
import { GatewayError } from "../protocol/error.ts";
import { type JsonRequest, type JsonTranscoder, jsonBody } from "../protocol/json.ts";
import { isJsonText } from "../protocol/json-message.ts";
import type { TraceContext } from "../protocol/trace-context.ts";
import type { ServedBy } from "./call.ts";
import type { Connection } from "./connection.ts";
import type { PipelineCall } from "./pipeline.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { CompiledRoute } from "./route-table.ts";

/** What requests are decoded with, and take tokens from. One object for all calls. */
export interface RequestTools {
	readonly reader: EnvelopeReader;
	readonly rates: RateLimits;
	readonly json: () => JsonTranscoder;
}

/** The body of a text frame, parsed and nothing more. */
export interface JsonBody {
	readonly body: unknown;
}

const NO_BYTES = new Uint8Array(0);
/** What a dialect keeps of a request until it is answered, by the length of its text: a number of two characters takes 8. */
const TRANSLATED_FACTOR = 4;

export class RequestCall implements PipelineCall {
	readonly peer: Connection;
	readonly route: CompiledRoute;
	readonly receivedAtMs: number;
	seq = 0;
	traceId = "";
	context: TraceContext | undefined = undefined;
	trace: CallTrace | undefined = undefined;
	servedBy: ServedBy | undefined = undefined;
	/** The frame or, of a text frame that waits, a text with a member `body`. */
	bytes: Uint8Array = NO_BYTES;
	bodyStart = 0;
	bodyEnd = 0;
	request: object | undefined = undefined;
	/** Of a text frame: the parsed body, until it is decoded or has to wait. */
	json: JsonBody | undefined = undefined;
	/** `bytes` are text. */
	isText = false;
	/** What the CallBudget counts for it now. */
	heldBytes = 0;
	/** It is counted for its address as well. */
	isShared = false;
	/** It is counted among those that have not authenticated. */
	isUnauthenticated = false;
	/** Answers no frame: replied to although its seq is 0. */
	unsolicited = false;
	/** Replied to, or given up on: what still comes of it is dropped. */
	settled = false;
	private readonly tools: RequestTools;

	/** A call with an empty body, until `setBody` or `setText`. */
	constructor(tools: RequestTools, peer: Connection, route: CompiledRoute, receivedAtMs: number) {
		this.tools = tools;
		this.peer = peer;
		this.route = route;
		this.receivedAtMs = receivedAtMs;
	}

	/** What its envelope says of it. */
	identify({ seq, context }: Pick<JsonRequest, "seq" | "context">, traceId: string): void {
		this.seq = seq;
		this.traceId = traceId;
		this.context = context;
	}

	/** The body lies in `[start, end)` of `bytes`. */
	setBody(bytes: Uint8Array, start: number, end: number): void {
		this.bytes = bytes;
		this.bodyStart = start;
		this.bodyEnd = end;
	}

	/** @param frame - the text that `json` was parsed from; empty for a dialect that has translated the body. */
	setText(json: JsonBody, frame: Uint8Array): void {
		this.isText = true;
		this.json = json;
		this.setBody(frame, 0, frame.length);
	}

	get contract(): AnyRouteContract {
		return this.route.contract;
	}

	/** Frames have none: messages have keys of their own where they need one. */
	get idempotencyKey(): string {
		return "";
	}

	get tokenExpired(): boolean {
		return this.peer.tokenExpired;
	}

	identity(): Identity {
		const { identity } = this.peer;
		if (identity === undefined) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "log in first");
		return identity;
	}

	authenticate(identity: Identity): void {
		if (!this.settled) this.peer.authenticate(identity);
	}

	signOut(): void {
		if (!this.settled) this.peer.signOut();
	}

	decode(): object {
		if (this.isText) {
			const parsed = isJsonText(this.contract.request) ? this.parsedBody() : undefined;
			if (parsed !== undefined) return parsed;
			this.transcode();
		}
		return this.tools.reader.decodeBody(this.contract.request, this.bytes, this.bodyStart, this.bodyEnd);
	}

	/**
	 * The body of a text frame for a route whose messages are JSON: the value itself, whose size is that of its frame. Undefined where it has
	 * to be read as others are: no object, which is an error or a base64 text, or a translated one.
	 */
	private parsedBody(): object | undefined {
		if (this.bytes.length === 0) return undefined;
		const body = this.json === undefined ? jsonBody(textOf(this.bytes)) : this.json.body;
		if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
		this.json = undefined;
		this.isText = false;
		return body;
	}

	/** The body of a text frame as protobuf bytes: what is decoded is the same either way. */
	private transcode(): void {
		const body = this.json === undefined ? jsonBody(textOf(this.bytes)) : this.json.body;
		this.json = undefined;
		this.isText = false;
		const bytes = this.tools.json().bodyFromJson(this.contract.request, body);
		this.setBody(bytes, 0, bytes.length);
	}

	takeTokens(cost: number): number {
		return this.tools.rates.take(this, cost);
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

	/** How many bytes `keepBody` will keep. */
	keptBytes(): number {
		const isTranslated = this.json !== undefined && this.bytes.length === 0;
		if (!isTranslated) return this.bodyEnd - this.bodyStart;
		this.bytes = Buffer.from(JSON.stringify({ body: this.json?.body }));
		this.bodyEnd = this.bytes.length;
		return TRANSLATED_FACTOR * this.bodyEnd;
	}

	/** Makes the body outlive the frame that it came in, as bytes: the objects that a text was parsed to take much more. */
	keepBody(): void {
		this.json = undefined;
		// Not slice(): on a Buffer that would be another view of the same memory.
		this.bytes = new Uint8Array(this.bytes.subarray(this.bodyStart, this.bodyEnd));
		this.bodyEnd -= this.bodyStart;
		this.bodyStart = 0;
	}

	/** Lets the body go, once it is decoded and nothing refers to it. */
	dropBody(): void {
		if (!this.route.copiesBody) this.bytes = NO_BYTES;
	}
}

function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

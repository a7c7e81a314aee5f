// A request that came over a WebSocket, on its way through the pipeline.
import type { Identity } from "../common/identity.ts";
import { ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { EnvelopeReader } from "../protocol/envelope.ts";
import { GatewayError } from "../protocol/error.ts";
import { type JsonTranscoder, jsonBody } from "../protocol/json.ts";
import type { Connection } from "./connection.ts";
import type { PipelineCall } from "./pipeline.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { CompiledRoute } from "./route-table.ts";

export interface RequestCallHost {
	readonly reader: EnvelopeReader;
	readonly limits: RateLimits;
	json(): JsonTranscoder;
}

/** The body of a text frame, parsed and nothing more. */
export interface JsonBody {
	readonly body: unknown;
}

const NO_BYTES = new Uint8Array(0);
/** What a dialect remembers of a request until it is answered, by the length of its text: a number of two characters takes 8. */
const TRANSLATED_FACTOR = 4;

export class RequestCall implements PipelineCall {
	readonly peer: Connection;
	readonly route: CompiledRoute;
	readonly seq: number;
	readonly traceId: string;
	readonly receivedAtMs: number;
	/** The frame or, of a text frame that waits, a text with a member `body`. */
	bytes: Uint8Array;
	bodyStart: number;
	bodyEnd: number;
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
	isStranger = false;
	/** Not asked for by a frame: replied to although its seq is 0. */
	unsolicited = false;
	/** Replied to, or given up on: what still comes of it is dropped. */
	settled = false;
	private readonly host: RequestCallHost;

	constructor(
		host: RequestCallHost,
		peer: Connection,
		route: CompiledRoute,
		seq: number,
		traceId: string,
		receivedAtMs: number,
		bytes: Uint8Array,
		bodyStart: number,
		bodyEnd: number,
	) {
		this.host = host;
		this.peer = peer;
		this.route = route;
		this.seq = seq;
		this.traceId = traceId;
		this.receivedAtMs = receivedAtMs;
		this.bytes = bytes;
		this.bodyStart = bodyStart;
		this.bodyEnd = bodyEnd;
	}

	get contract(): AnyRouteContract {
		return this.route.contract;
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
		if (this.isText) this.transcode();
		return this.host.reader.decodeBody(this.contract.request, this.bytes, this.bodyStart, this.bodyEnd);
	}

	/** The body of a text frame as protobuf bytes: what is decoded is the same either way. */
	private transcode(): void {
		const body = this.json === undefined ? jsonBody(textOf(this.bytes)) : this.json.body;
		this.json = undefined;
		this.isText = false;
		this.bytes = this.host.json().bodyFromJson(this.contract.request, body);
		this.bodyStart = 0;
		this.bodyEnd = this.bytes.length;
	}

	takeTokens(cost: number): number {
		return this.host.limits.take(this, cost);
	}

	takeBytes(bytes: number): number {
		const { identity } = this.peer;
		return identity === undefined ? 0 : this.host.limits.takeBytes(identity.userId, bytes, this.receivedAtMs);
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

// A request that came over a WebSocket, on its way through the pipeline.
import type { Identity } from "../../ports/identity.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import type { EnvelopeReader } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { Connection } from "./connection.ts";
import type { PipelineCall } from "./pipeline.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { CompiledRoute } from "./route-table.ts";

export interface RequestCallHost {
	readonly reader: EnvelopeReader;
	readonly limits: RateLimits;
}

export class RequestCall implements PipelineCall {
	readonly peer: Connection;
	readonly route: CompiledRoute;
	readonly seq: number;
	readonly traceId: string;
	readonly receivedAtMs: number;
	bytes: Uint8Array;
	bodyStart: number;
	bodyEnd: number;
	request: object | undefined = undefined;
	/** Not asked for by a frame: replied to although its seq is 0. */
	unasked = false;
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

	decode(): object {
		return this.host.reader.decodeBody(this.contract.request, this.bytes, this.bodyStart, this.bodyEnd);
	}

	takeTokens(cost: number): number {
		return this.host.limits.take(this, cost);
	}

	/** Makes the body outlive the frame that it came in. */
	keepBody(): void {
		// Not slice(): on a Buffer that would be another view of the same memory.
		this.bytes = new Uint8Array(this.bytes.subarray(this.bodyStart, this.bodyEnd));
		this.bodyEnd -= this.bodyStart;
		this.bodyStart = 0;
	}
}

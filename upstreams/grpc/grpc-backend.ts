// Answers a route by a method of a gRPC service: the call's context becomes metadata, its body the message.
import type { RelayedBody } from "../../protocol/contract.ts";
import type { UpstreamCall } from "../call-host.ts";
import type {
	BackendStream,
	BackendStreamListener,
	RouteBackend,
	RouteCall,
	StreamBackend,
} from "../routes/route-backend.ts";
import { type StickyBy, stickyKeyOf } from "../routes/sticky-key.ts";
import type { UpstreamService } from "../upstream-service.ts";
import { callMetadata } from "./call-metadata.ts";

export interface GrpcMethod {
	readonly service: UpstreamService;
	/** `/package.Service/Method`. */
	readonly path: string;
	readonly isIdempotent: boolean;
	readonly sticky: StickyBy | undefined;
	/** Of a stream as a whole, in milliseconds; undefined: it may last. */
	readonly streamTimeoutMs: number | undefined;
	/** Name of this node. */
	readonly gateway: string;
}

export class GrpcBackend implements RouteBackend, StreamBackend {
	private readonly method: GrpcMethod;

	constructor(method: GrpcMethod) {
		this.method = method;
	}

	async call(call: RouteCall): Promise<RelayedBody> {
		return { bytes: await this.method.service.call(this.upstreamCall(call)) };
	}

	open(call: RouteCall, listener: BackendStreamListener): Promise<BackendStream> {
		const { service, streamTimeoutMs } = this.method;
		return service.openStream(this.upstreamCall(call), streamTimeoutMs, listener);
	}

	private upstreamCall(call: RouteCall): UpstreamCall {
		const { path, isIdempotent, sticky, gateway } = this.method;
		return {
			context: { path, metadata: callMetadata(call, gateway) },
			trace: call.trace,
			body: call.body,
			deadlineMs: call.deadlineMs,
			isIdempotent,
			stickyKey: stickyKeyOf(sticky, call),
		};
	}
}

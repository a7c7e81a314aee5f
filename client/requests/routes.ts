// Typed methods out of route contracts: adding a route to a .proto file adds its method here by itself.
import type { AnyWirePush, AnyWireRoute, WireMessage, WireRoute } from "../../protocol/codec/wire.ts";

/** The trace that a request belongs to. */
export interface TraceOptions {
	/** W3C trace id: 32 lower-case hexadecimal digits. */
	readonly traceId?: string;
	/**
	 * W3C Trace Context of the caller's span, as its tracing library writes the header: the gateway's spans are below it. Instead of
	 * `traceId`.
	 */
	readonly traceparent?: string;
	readonly tracestate?: string;
}

export interface RequestOptions extends TraceOptions {
	/** Milliseconds until the request fails with TIMEOUT, waiting for a connection included. */
	readonly timeoutMs?: number;
	readonly signal?: AbortSignal;
	/**
	 * Repeats the request, if its route is idempotent, after `retryable` errors, until its deadline. Without
	 * it, only a lost connection makes an idempotent request go out again.
	 */
	readonly retry?: boolean;
}

/** What a route's request is made of. */
export type RequestOf<Contract extends AnyWireRoute> =
	Contract["request"] extends WireMessage<infer _Message, infer Properties> ? Properties : never;

/** What a route answers. */
export type ReplyOf<Contract extends AnyWireRoute> =
	Contract["reply"] extends WireMessage<infer Message, infer _Properties> ? Message : never;

/** What a push carries. */
export type PushOf<Contract extends AnyWirePush> =
	Contract["message"] extends WireMessage<infer Message, infer _Properties> ? Message : never;

/** Makes one request; see `Client.request`. */
export type Requester<Options = RequestOptions> = <Request, RequestProperties, Reply, ReplyProperties>(
	contract: WireRoute<Request, RequestProperties, Reply, ReplyProperties>,
	properties: RequestProperties,
	options?: Options,
) => Promise<Reply>;

/** One method per route, under the route's name in its table: `auth.getUserInfo({ userId })`. */
export type RouteMethods<Routes extends Readonly<Record<string, AnyWireRoute>>, Options = RequestOptions> = {
	readonly [Name in keyof Routes]: (
		properties?: RequestOf<Routes[Name]>,
		options?: Options,
	) => Promise<ReplyOf<Routes[Name]>>;
};

/** Makes the methods of a route table, such as `authRoutes` of protocol/gen/schema.ts. */
export function routeMethods<Routes extends Readonly<Record<string, AnyWireRoute>>, Options = RequestOptions>(
	routes: Routes,
	request: Requester<Options>,
): RouteMethods<Routes, Options> {
	const methods = Object.entries(routes).map(([name, contract]) => [
		name,
		(properties: unknown = {}, options?: Options) => request(contract, properties, options),
	]);
	return Object.freeze(Object.fromEntries(methods)) as RouteMethods<Routes, Options>;
}

// Plain HTTP beside the WebSockets: exact paths, JSON errors of one shape, CORS by the same origin allow-list.

import type { Logger } from "../../common/logger.ts";
import type { OriginPolicy } from "../../core/origin.ts";
import type { HttpReply, HttpRequest, HttpService } from "../../core/transport.ts";
import { ErrorCode, replyCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";

export interface HttpRoute {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	readonly path: string;
	/** Shown in the list of routes that `/` gives. */
	readonly summary: string;
	/** Longest body; absent for routes that take none. */
	readonly maxBodyBytes?: () => number;
	readonly handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>;
}

export interface HttpRouterOptions {
	readonly routes: readonly HttpRoute[];
	/** Where WebSockets are served; plain requests to it get an error that says so. */
	readonly webSocketPath?: string;
	/** Browsers whose pages may read replies. */
	readonly isOriginAllowed: OriginPolicy;
	readonly logger: Logger;
}

const JSON_TYPE = "application/json; charset=utf-8";

/** A JSON reply. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
	return { status, headers: { "content-type": JSON_TYPE, ...headers }, body: `${JSON.stringify(value)}\n` };
}

/** The one shape of an HTTP error: `{success, code, error, endpoint, retry_after_ms?, violations?}`. */
export function errorReply(request: Pick<HttpRequest, "path">, thrown: unknown): HttpReply {
	const error = GatewayError.from(thrown);
	const { name, httpStatus } = replyCode(error.code);
	const body = {
		success: false,
		code: name,
		error: error.message,
		endpoint: request.path,
		...(error.retryAfterMs > 0 ? { retry_after_ms: Math.ceil(error.retryAfterMs) } : {}),
		...(error.violations.length > 0 ? { violations: error.violations } : {}),
	};
	// RFC 9110 section 10.2.3 counts in seconds.
	const headers: Record<string, string> = {};
	if (error.retryAfterMs > 0) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
	return json(httpStatus, body, headers);
}

/** Builds the router for a fixed set of routes. */
export function httpRouter(options: HttpRouterOptions): HttpService {
	const byPath = new Map<string, Map<string, HttpRoute>>();
	for (const route of options.routes) {
		const methods = byPath.get(route.path) ?? new Map<string, HttpRoute>();
		methods.set(route.method, route);
		byPath.set(route.path, methods);
	}
	const respond = async (request: HttpRequest): Promise<HttpReply> => {
		if (request.path === options.webSocketPath) {
			const error = "this path takes WebSocket upgrades only";
			const headers = { upgrade: "websocket", connection: "upgrade" };
			return json(426, { success: false, code: "BAD_REQUEST", error, endpoint: request.path }, headers);
		}
		const methods = byPath.get(request.path);
		if (methods === undefined) {
			return errorReply(request, new GatewayError(ErrorCode.NOT_FOUND, `nothing at ${request.path.slice(0, 200)}`));
		}
		const allow = [...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
		if (request.method === "OPTIONS") return { status: 204, headers: { allow } };
		const route = methods.get(request.method === "HEAD" ? "GET" : request.method);
		if (route === undefined) {
			const error = `${request.path} takes ${allow}`;
			return json(405, { success: false, code: "BAD_REQUEST", error, endpoint: request.path }, { allow });
		}
		try {
			return await route.handle(request);
		} catch (error) {
			if (!(error instanceof GatewayError)) {
				options.logger.error({ err: error, method: request.method, path: request.path }, "http request failed");
			}
			return errorReply(request, error);
		}
	};
	return {
		async handle(request) {
			const reply = await respond(request);
			const cors = corsHeaders(request, options.isOriginAllowed);
			return cors === undefined ? reply : { ...reply, headers: { ...reply.headers, ...cors } };
		},
		maxBodyBytes: (method, path) => byPath.get(path)?.get(method)?.maxBodyBytes?.() ?? 0,
	};
}

/** Fetch standard, section 3.3: only a page of an allowed origin may read the reply. */
function corsHeaders(request: HttpRequest, isAllowed: OriginPolicy): Record<string, string> | undefined {
	const origin = request.headers.get("origin");
	if (origin === undefined || !isAllowed(origin)) return undefined;
	return {
		"access-control-allow-origin": origin,
		vary: "origin",
		...(request.method === "OPTIONS"
			? {
					"access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
					"access-control-allow-headers": "authorization, content-type",
					"access-control-max-age": "600",
				}
			: {}),
	};
}

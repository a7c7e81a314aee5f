// Plain HTTP beside the WebSockets: exact paths, JSON errors of one shape, CORS by the same origin allow-list.

import type { Logger } from "../../common/logger.ts";
import type { HttpHead } from "../../core/http-request.ts";
import type { OriginPolicy } from "../../core/origin.ts";
import type { HttpReply, HttpRequest, HttpService } from "../../core/transport.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { CallStyle, FoundPath } from "./calls/call-style.ts";
import { encodeContent } from "./calls/content.ts";
import { errorReply, MAX_SHOWN_PATH } from "./replies.ts";

export interface HttpRoute {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** A segment may be a variable: `/services/{name}`. */
	readonly path: string;
	/** Shown in the list of routes that `/` gives. */
	readonly summary: string;
	/** Longest body; absent for routes that take none. */
	readonly maxBodyBytes?: () => number;
	/** No page of another origin may read it, whichever origins are allowed. */
	readonly isForOperators?: boolean;
	/** OPTIONS fails where GET does: HAProxy's health check sends OPTIONS by default. */
	readonly isHealthCheck?: boolean;
	/** GET changes something, as older servers had it: HEAD, which must not (RFC 9110 section 9.2.1), is no method of the path. */
	readonly hasEffect?: boolean;
	readonly handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>;
}

export interface HttpRouterOptions {
	readonly routes: readonly HttpRoute[];
	/** Where WebSockets are served; plain requests to it get an error that says so. */
	readonly webSocketPath?: string;
	/** Browsers whose pages may read replies. */
	readonly isOriginAllowed: OriginPolicy;
	readonly logger: Logger;
	/** Paths that call routes; a page of the same path comes first. */
	readonly calls?: readonly CallStyle[];
	/** Longest content of a call. */
	readonly maxCallBytes?: () => number;
}

/** Builds the router for a fixed set of routes. */
export function httpRouter(options: HttpRouterOptions): HttpService {
	const methodsOf = routesByPath(options.routes);
	const run = async (route: HttpRoute, request: HttpRequest): Promise<HttpReply> => {
		try {
			return await route.handle(request);
		} catch (error) {
			if (!(error instanceof GatewayError)) {
				options.logger.error({ err: error, method: request.method, path: request.path }, "http request failed");
			}
			return errorReply(request, error);
		}
	};
	const calls = options.calls ?? [];
	const findCall = (path: string): FoundPath | undefined => {
		for (const style of calls) {
			const found = style.find(path);
			if (found !== undefined) return found;
		}
		return undefined;
	};
	/** What was found for the head of a request is taken once, for its reply: the routes may be others for the next one. */
	let lastPath = "";
	let lastFound: FoundPath | undefined;
	const takeFound = (path: string): FoundPath | undefined => {
		const found = lastPath === path ? lastFound : findCall(path);
		lastPath = "";
		return found;
	};
	const page = async (request: HttpRequest): Promise<HttpReply> => {
		if (request.path === options.webSocketPath) {
			const text = "this path takes WebSocket upgrades only";
			return errorReply(request, new GatewayError(ErrorCode.UPGRADE_REQUIRED, text));
		}
		const methods = methodsOf(request.path);
		if (methods === undefined) {
			const text = `nothing at ${request.path.slice(0, MAX_SHOWN_PATH)}`;
			return errorReply(request, new GatewayError(ErrorCode.NOT_FOUND, text));
		}
		const get = methods.get("GET");
		const hasHead = get !== undefined && get.hasEffect !== true;
		const allow = [...methods.keys(), ...(hasHead ? ["HEAD"] : []), "OPTIONS"].join(", ");
		if (request.method === "OPTIONS") {
			const allowed: HttpReply = { status: 204, headers: { allow } };
			if (isPreflight(request) || !get?.isHealthCheck) return allowed;
			const reply = await run(get, request);
			return reply.status < 400 ? allowed : reply;
		}
		const route = request.method === "HEAD" && hasHead ? get : methods.get(request.method);
		if (route !== undefined) return run(route, request);
		const text = `${request.path} takes ${allow}`;
		return errorReply(request, new GatewayError(ErrorCode.METHOD_NOT_ALLOWED, text), { allow });
	};
	const isOperators = (path: string): boolean => {
		for (const route of methodsOf(path)?.values() ?? []) if (route.isForOperators) return true;
		return false;
	};
	const finish = (head: HttpHead, reply: HttpReply): HttpReply => {
		const headers: Record<string, string> = { ...reply.headers };
		if (!isOperators(head.path)) addCors(headers, head, options.isOriginAllowed);
		headers["x-content-type-options"] = "nosniff";
		const { status, body } = reply;
		return body === undefined ? { status, headers } : { status, headers, body };
	};
	const finishCall = (request: HttpRequest, reply: HttpReply): HttpReply | Promise<HttpReply> => {
		const encoded = encodeContent(request, reply);
		if (encoded instanceof Promise) return encoded.then((coded) => finish(request, coded));
		return finish(request, encoded);
	};
	return {
		handle: (request) => {
			const found = methodsOf(request.path) !== undefined ? undefined : takeFound(request.path);
			if (found === undefined) return page(request).then((reply) => finish(request, reply));
			const reply = callReply(found, request);
			if (reply instanceof Promise) return reply.then((late) => finishCall(request, late));
			return finishCall(request, reply);
		},
		reject: (head, error) => {
			const call = methodsOf(head.path) !== undefined ? undefined : findCall(head.path)?.path;
			return finish(head, call === undefined ? errorReply(head, error) : call.writeError(head, error));
		},
		maxBodyBytes: (method, path) => {
			const methods = methodsOf(path);
			if (methods !== undefined) return methods.get(method)?.maxBodyBytes?.() ?? 0;
			lastFound = findCall(path);
			lastPath = path;
			const takesContent = lastFound?.path.operations.get(method)?.takesContent ?? false;
			return takesContent ? (options.maxCallBytes?.() ?? 0) : 0;
		},
	};
}

type RoutesByMethod = ReadonlyMap<string, HttpRoute>;

/** @returns what finds the routes of a path. */
function routesByPath(routes: readonly HttpRoute[]): (path: string) => RoutesByMethod | undefined {
	const byPath = new Map<string, Map<string, HttpRoute>>();
	for (const route of routes) {
		const methods = byPath.get(route.path) ?? new Map<string, HttpRoute>();
		methods.set(route.method, route);
		byPath.set(route.path, methods);
	}
	const patterns = [...byPath].flatMap(([path, methods]) => {
		return path.includes("{") ? [{ pattern: patternOf(path), methods }] : [];
	});
	// A request asks several times for one path.
	let lastPath = "";
	let lastMethods: RoutesByMethod | undefined;
	return (path) => {
		if (path !== lastPath) {
			lastMethods = byPath.get(path) ?? patterns.find(({ pattern }) => pattern.test(path))?.methods;
			lastPath = path;
		}
		return lastMethods;
	};
}

/** What paths with variables look like. */
function patternOf(path: string): RegExp {
	const segments = path.split("/").map((segment) => {
		return segment.startsWith("{") ? "[^/]+" : segment.replace(/[^A-Za-z0-9_-]/g, "\\$&");
	});
	return new RegExp(`^${segments.join("/")}$`);
}

/** What a path that calls routes answers. */
function callReply({ path, variables }: FoundPath, request: HttpRequest): HttpReply | Promise<HttpReply> {
	const { operations } = path;
	const operation = operations.get(request.method === "HEAD" ? "GET" : request.method);
	if (operation !== undefined) return operation.run(request, variables);
	const allow = [...operations.keys(), ...(operations.has("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
	if (request.method === "OPTIONS") return { status: 204, headers: { allow } };
	const error = new GatewayError(ErrorCode.METHOD_NOT_ALLOWED, `${request.path} takes ${allow}`);
	const reply = path.writeError(request, error);
	return { ...reply, status: 405, headers: { ...reply.headers, allow } };
}

/** Whether a browser asks, before a request of a page, if it may be sent (Fetch standard, section 3.3.2). */
function isPreflight({ method, headers }: HttpHead): boolean {
	return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}

/** Of a request: what a page may set. Those of the Connect protocol among them. */
const ALLOWED_HEADERS = [
	"authorization",
	"content-type",
	"connect-protocol-version",
	"connect-timeout-ms",
	"idempotency-key",
	"if-match",
	"if-none-match",
	"traceparent",
	"tracestate",
	"x-request-id",
].join(", ");
/** Of a reply: what a page may read. */
const EXPOSED_HEADERS = [
	"etag",
	"ratelimit",
	"ratelimit-policy",
	"retry-after",
	"www-authenticate",
	"x-request-id",
].join(", ");

/** Fetch standard, section 3.3: only a page of an allowed origin may read the reply. @param reply - its header fields so far. */
function addCors(reply: Record<string, string>, { method, headers }: HttpHead, isAllowed: OriginPolicy): void {
	const origin = headers.get("origin");
	const before = reply["vary"];
	// Also where nothing is allowed: a cache must not give that reply to another origin.
	reply["vary"] = before === undefined ? "origin" : `${before}, origin`;
	if (origin === undefined || !isAllowed(origin)) return;
	reply["access-control-allow-origin"] = origin;
	reply["access-control-expose-headers"] = EXPOSED_HEADERS;
	if (method !== "OPTIONS") return;
	reply["access-control-allow-methods"] = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
	reply["access-control-allow-headers"] = ALLOWED_HEADERS;
	reply["access-control-max-age"] = "600";
}

// REST calls: methods and paths that the google.api.http annotations of the .proto files give to routes, in plain JSON.
import { type HttpCall, ParsedBody } from "../../../core/http-call.ts";
import type { HttpDispatcher } from "../../../core/http-dispatcher.ts";
import type { CompiledRoute, RouteTable } from "../../../core/route-table.ts";
import type { ServedRoutes } from "../../../core/served-routes.ts";
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { AnyRouteContract } from "../../../protocol/contract.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import type { HttpBinding } from "../../../protocol/http-binding.ts";
import { isJsonText } from "../../../protocol/json-message.ts";
import { MessageEncoder } from "../../../protocol/message-encoder.ts";
import type { PlainJson } from "../../../protocol/plain-json.ts";
import { matches, withTag } from "../etag.ts";
import { plainText } from "../replies.ts";
import type { CallOperation, CallPath, CallStyle, FoundPath, PathVariables } from "./call-style.ts";
import { decodeContent, jsonObject } from "./content.ts";
import { PathTable } from "./path-table.ts";
import { problemReply } from "./problem.ts";
import { MAX_PARAMETERS, queryTexts } from "./query.ts";

export interface RestStyleOptions {
	readonly routes: ServedRoutes;
	readonly dispatcher: HttpDispatcher;
	readonly json: () => PlainJson;
	/** Of content, inflated. */
	readonly maxContentBytes: () => number;
}

const REPLY_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

interface RestPath extends CallPath {
	readonly operations: Map<string, CallOperation>;
}

export class RestStyle implements CallStyle {
	private readonly options: RestStyleOptions;
	private readonly encoder = new MessageEncoder();
	private readonly paths: () => PathTable<RestPath>;

	constructor(options: RestStyleOptions) {
		this.options = options;
		this.paths = options.routes.view((table) => this.pathsOf(table));
	}

	private pathsOf(table: RouteTable): PathTable<RestPath> {
		const paths = new PathTable<RestPath>();
		for (const binding of table.bindings) {
			const route = table.find(binding.route);
			if (route === undefined) continue;
			const path = paths.add(binding.path, () => ({ operations: new Map(), writeError: problemReply }));
			path.operations.set(binding.method, {
				takesContent: binding.method !== "GET",
				run: (request, variables) => {
					const run = () => this.run(route, binding, request, variables);
					if (binding.method === "GET") return tagged(request, run());
					return request.headers.has("if-match") ? this.runIfMatch(path, request, variables, run) : run();
				},
			});
		}
		return paths;
	}

	find(path: string): FoundPath | undefined {
		const found = this.paths().find(path);
		return found && { path: found.entry, variables: found.variables };
	}

	private run(
		route: CompiledRoute,
		binding: HttpBinding,
		request: HttpRequest,
		variables: PathVariables,
	): HttpReply | Promise<HttpReply> {
		const coding = request.headers.get("content-encoding") ?? "";
		const call = (body: Uint8Array) => {
			return this.call(route, binding, body === request.body ? request : { ...request, body }, variables);
		};
		const failed = (error: unknown) => problemReply(request, GatewayError.from(error));
		try {
			const plain = decodeContent(coding, request.body, this.options.maxContentBytes());
			return plain instanceof Uint8Array ? call(plain) : plain.then(call, failed);
		} catch (error) {
			return failed(error);
		}
	}

	/** Runs a call if what a GET of its path gives is what the caller has seen. Nothing keeps it from changing in between. */
	private async runIfMatch(
		path: CallPath,
		request: HttpRequest,
		variables: PathVariables,
		run: () => HttpReply | Promise<HttpReply>,
	): Promise<HttpReply> {
		const get = path.operations.get("GET");
		const headers = new Map([...request.headers].filter(([name]) => !CONDITIONAL.has(name)));
		const current = await get?.run({ ...request, method: "GET", query: "", headers, body: NO_CONTENT }, variables);
		if (current !== undefined && current.status !== 200) return current;
		const tag = current?.headers?.["etag"] ?? "";
		if (tag !== "" && matches(request.headers.get("if-match") ?? "", tag, false)) return await run();
		return problemReply(
			request,
			new GatewayError(ErrorCode.PRECONDITION_FAILED, "If-Match: this is not the present state"),
		);
	}

	private call(
		route: CompiledRoute,
		binding: HttpBinding,
		request: HttpRequest,
		variables: PathVariables,
	): HttpReply | Promise<HttpReply> {
		return this.options.dispatcher.run({
			route,
			style: "rest",
			head: request,
			ip: request.ip,
			bodyBytes: request.body.length,
			body: () => this.message(route.contract, binding, request, variables),
			encoding: "json",
			timeoutMs: undefined,
			writeReply: (call, reply) => this.reply(call, reply),
			writeError: (error) => problemReply(request, error),
		});
	}

	/** The request message of a call, from its path, query and content. */
	private message(
		{ request: type }: AnyRouteContract,
		{ body }: HttpBinding,
		request: HttpRequest,
		variables: PathVariables,
	): Uint8Array | ParsedBody {
		const json = this.options.json();
		const given = body === "*" ? jsonObject(request) : noContent(request);
		const clash = Object.keys(variables).find((name) => Object.hasOwn(given, name));
		if (clash !== undefined) throw fieldError(clash, "is part of the path");
		json.assign(type, given, Object.entries(variables), true);
		const pairs = queryTexts(request.query);
		const excess = pairs[MAX_PARAMETERS];
		if (excess !== undefined) {
			throw fieldError(excess[0].slice(0, 64), `is behind the ${MAX_PARAMETERS} parameters that a query may have`);
		}
		// A field may come in one place only.
		const inBody = body === "*" ? pairs[0]?.[0] : pairs.find(([name]) => Object.hasOwn(variables, name))?.[0];
		const [unknown] = inBody === undefined ? json.assign(type, given, pairs) : [inBody];
		if (unknown !== undefined) throw fieldError(unknown.slice(0, 64), "is no parameter of the query");
		if (isJsonText(type)) return new ParsedBody(given, request.body.length);
		return this.encoder.encode(type, json.read(type, given));
	}

	private reply(call: HttpCall, reply: object): HttpReply {
		const body = plainText(this.options.json().write(call.contract.reply, reply));
		return { status: 200, headers: REPLY_HEADERS, body };
	}
}

const NO_CONTENT = new Uint8Array(0);
/** Of the request that has the condition, not of the one that looks. */
const CONDITIONAL = new Set(["if-match", "content-type", "content-encoding", "content-length", "idempotency-key"]);

function tagged({ headers }: HttpRequest, reply: HttpReply | Promise<HttpReply>): HttpReply | Promise<HttpReply> {
	const ifNoneMatch = headers.get("if-none-match");
	if (reply instanceof Promise) return reply.then((late) => withTag(late, ifNoneMatch));
	return withTag(reply, ifNoneMatch);
}

/** A method whose fields are all in path and query may have an empty object, which some clients always send. */
function noContent(request: HttpRequest): Record<string, unknown> {
	const [name] = Object.keys(jsonObject(request));
	if (name !== undefined) throw fieldError(name.slice(0, 64), "is not taken in the content");
	return {};
}

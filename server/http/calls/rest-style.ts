// REST calls: methods and paths that the google.api.http annotations of the .proto files give to routes, in plain JSON.
import { type HttpCall, ParsedBody } from "../../../core/http-call.ts";
import type { HttpDispatcher } from "../../../core/http-dispatcher.ts";
import type { CompiledRoute, RouteTable } from "../../../core/route-table.ts";
import type { ServedRoutes } from "../../../core/served-routes.ts";
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import type { AnyRouteContract } from "../../../protocol/contract.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import type { HttpBinding } from "../../../protocol/http-binding.ts";
import { isJsonText } from "../../../protocol/json-message.ts";
import { MessageEncoder } from "../../../protocol/message-encoder.ts";
import type { PlainJson } from "../../../protocol/plain-json.ts";
import { withTag } from "../etag.ts";
import { plainText } from "../replies.ts";
import type { CallOperation, CallPath, CallStyle, FoundPath, PathVariables } from "./call-style.ts";
import { changedMeanwhile, conditionalReply, EXPECTED_VERSION, isConditional, runConditionally } from "./conditions.ts";
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
					const run = (version?: number) => this.run(route, binding, request, variables, version);
					const isPlain = !isConditional(request);
					if (binding.method !== "GET") return isPlain ? run() : runConditionally(path, request, variables, run);
					return isPlain ? tagged(run()) : conditionalReply(request, run());
				},
			});
		}
		return paths;
	}

	find(path: string): FoundPath | undefined {
		const found = this.paths().find(path);
		return found && { path: found.entry, variables: found.variables };
	}

	/** @param version - that the record has to have still, where the request can say so. */
	private run(
		route: CompiledRoute,
		binding: HttpBinding,
		request: HttpRequest,
		variables: PathVariables,
		version: number | undefined,
	): HttpReply | Promise<HttpReply> {
		const coding = request.headers.get("content-encoding") ?? "";
		const call = (body: Uint8Array) => {
			return this.call(route, binding, body === request.body ? request : { ...request, body }, variables, version);
		};
		const failed = (error: unknown) => problemReply(request, GatewayError.from(error));
		try {
			const plain = decodeContent(coding, request.body, this.options.maxContentBytes());
			return plain instanceof Uint8Array ? call(plain) : plain.then(call, failed);
		} catch (error) {
			return failed(error);
		}
	}

	private call(
		route: CompiledRoute,
		binding: HttpBinding,
		request: HttpRequest,
		variables: PathVariables,
		version: number | undefined,
	): HttpReply | Promise<HttpReply> {
		return this.options.dispatcher.run({
			route,
			style: "rest",
			head: request,
			ip: request.ip,
			bodyBytes: request.body.length,
			body: () => this.message(route.contract, binding, request, variables, version),
			encoding: "json",
			timeoutMs: undefined,
			writeReply: (call, reply) => this.reply(call, reply),
			writeError: (error) => problemReply(request, version === undefined ? error : changedMeanwhile(error)),
		});
	}

	/** The request message of a call, from its path, query and content. */
	private message(
		{ request: type }: AnyRouteContract,
		{ body }: HttpBinding,
		request: HttpRequest,
		variables: PathVariables,
		version: number | undefined,
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
		// A version that the caller names is the caller's; a message without one is compared before the call only.
		if (version !== undefined && !Object.hasOwn(given, EXPECTED_VERSION) && !Object.hasOwn(given, "expectedVersion")) {
			json.assign(type, given, [[EXPECTED_VERSION, String(version)]]);
		}
		if (isJsonText(type)) return new ParsedBody(given, request.body.length);
		return this.encoder.encode(type, json.read(type, given));
	}

	private reply(call: HttpCall, reply: object): HttpReply {
		const body = plainText(this.options.json().write(call.contract.reply, reply));
		return { status: 200, headers: REPLY_HEADERS, body };
	}
}

function tagged(reply: HttpReply | Promise<HttpReply>): HttpReply | Promise<HttpReply> {
	return reply instanceof Promise ? reply.then((late) => withTag(late, undefined)) : withTag(reply, undefined);
}

/** A method whose fields are all in path and query may have an empty object, which some clients always send. */
function noContent(request: HttpRequest): Record<string, unknown> {
	const [name] = Object.keys(jsonObject(request));
	if (name !== undefined) throw fieldError(name.slice(0, 64), "is not taken in the content");
	return {};
}

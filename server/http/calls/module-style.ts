// Calls by module and function, `POST /chat/sendMessage`, as an older API server had them: the content is `{"token","body":{…}}`,
// or the parameters alone with a bearer token; the answer is `{"success","data","endpoint"}`.
import { type HttpCall, ParsedBody } from "../../../core/http-call.ts";
import type { HttpDispatcher } from "../../../core/http-dispatcher.ts";
import type { CompiledRoute } from "../../../core/route-table.ts";
import type { ServedRoutes } from "../../../core/served-routes.ts";
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import type { AnyRouteContract } from "../../../protocol/contract.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import { isJsonText } from "../../../protocol/json-message.ts";
import { MessageEncoder } from "../../../protocol/message-encoder.ts";
import type { PlainJson } from "../../../protocol/plain-json.ts";
import { errorReply, JSON_TYPE, plainText } from "../replies.ts";
import { type CallPath, type CallStyle, type FoundPath, NO_VARIABLES } from "./call-style.ts";
import { decodeContent, jsonObject } from "./content.ts";
import { queryTexts } from "./query.ts";

export interface ModuleStyleOptions {
	readonly routes: ServedRoutes;
	readonly dispatcher: HttpDispatcher;
	readonly json: () => PlainJson;
	/** Of content, inflated. */
	readonly maxContentBytes: () => number;
	/** Where a path of this style is one of REST as well, parameters without `body` around them are for that. */
	readonly rest: CallStyle;
}

const REPLY_HEADERS = { "content-type": JSON_TYPE, "cache-control": "no-store" };

type Properties = Readonly<Record<string, unknown>>;

/** `/chat/sendMessage` for `chat.sendMessage`. */
export function modulePath({ name }: AnyRouteContract): string {
	return `/${name.replace(".", "/")}`;
}

export class ModuleStyle implements CallStyle {
	private readonly options: ModuleStyleOptions;
	private readonly encoder = new MessageEncoder();
	private readonly paths: () => ReadonlyMap<string, FoundPath>;

	constructor(options: ModuleStyleOptions) {
		this.options = options;
		this.paths = options.routes.view(({ routes }) => {
			return new Map(
				routes.map((route) => [modulePath(route.contract), { path: this.pathOf(route), variables: NO_VARIABLES }]),
			);
		});
	}

	find(path: string): FoundPath | undefined {
		return this.paths().get(path);
	}

	private pathOf(route: CompiledRoute): CallPath {
		const run = (request: HttpRequest) => this.run(route, request);
		const writeError: CallPath["writeError"] = (head, error) => errorReply(head, error);
		return { operations: new Map([["POST", { takesContent: true, run }]]), writeError };
	}

	private run(route: CompiledRoute, request: HttpRequest): HttpReply | Promise<HttpReply> {
		// What is no object is no call of this style either.
		const shared = this.options.rest.find(request.path)?.path.writeError;
		const failed = (error: unknown) => (shared ?? errorReply)(request, GatewayError.from(error));
		try {
			const coding = request.headers.get("content-encoding") ?? "";
			const plain = decodeContent(coding, request.body, this.options.maxContentBytes());
			if (plain instanceof Uint8Array) return this.call(route, { ...request, body: plain });
			return plain.then((body) => this.call(route, { ...request, body })).catch(failed);
		} catch (error) {
			return failed(error);
		}
	}

	/** @throws GatewayError when the content is no JSON object. */
	private call(route: CompiledRoute, request: HttpRequest): HttpReply | Promise<HttpReply> {
		const content = jsonObject(request);
		const wrapped = unwrapped(content);
		const rest = wrapped === undefined ? this.options.rest.find(request.path) : undefined;
		const operation = rest?.path.operations.get(request.method);
		if (rest !== undefined && operation !== undefined) {
			// Inflated already.
			const headers = new Map([...request.headers].filter(([name]) => name !== "content-encoding"));
			return operation.run({ ...request, headers }, rest.variables);
		}
		const { token, parameters } = wrapped ?? { token: undefined, parameters: content };
		const [inQuery] = queryTexts(request.query);
		if (inQuery !== undefined)
			throw fieldError(inQuery[0].slice(0, 64), "is in the query: parameters are in the content");
		return this.options.dispatcher.run({
			route,
			style: "module",
			head: request,
			ip: request.ip,
			bodyBytes: request.body.length,
			body: () => this.message(route.contract, parameters, request.body.length),
			encoding: "json",
			timeoutMs: undefined,
			token,
			writeReply: (call, reply) => this.reply(call, request, reply),
			writeError: (error) => errorReply(request, error),
		});
	}

	/** @param bytes - of the content. */
	private message({ request }: AnyRouteContract, parameters: Properties, bytes: number): Uint8Array | ParsedBody {
		if (isJsonText(request)) return new ParsedBody(parameters, bytes);
		return this.encoder.encode(request, this.options.json().read(request, parameters));
	}

	private reply({ contract }: HttpCall, { path }: HttpRequest, reply: object): HttpReply {
		const data = this.options.json().write(contract.reply, reply);
		const body = plainText({ success: true, data, endpoint: path });
		return { status: 200, headers: REPLY_HEADERS, body };
	}
}

/**
 * The parts of `{"token": …, "body": {…}}`; undefined for content that is the parameters themselves.
 *
 * @throws GatewayError VALIDATION_FAILED where one of the two is of another type.
 */
function unwrapped(
	content: Properties,
): { readonly token: string | undefined; readonly parameters: Properties } | undefined {
	const names = Object.keys(content);
	if (names.length === 0 || !names.every((name) => name === "token" || name === "body")) return undefined;
	const { token, body = {} } = content;
	if (token !== undefined && typeof token !== "string") throw fieldError("token", "must be a string");
	if (typeof body !== "object" || body === null || Array.isArray(body)) throw fieldError("body", "must be an object");
	return { token, parameters: body as Properties };
}

// Pages for an administrator: parameters in the query or the content, their names and the token of the request checked.
import type { HttpRequest } from "../../core/transport.ts";
import { fieldError } from "../../protocol/error.ts";
import type { AdminTokens } from "./admin-token.ts";
import { jsonObject } from "./calls/content.ts";
import { queryParameters } from "./calls/query.ts";
import type { HttpRoute } from "./http-router.ts";
import { json, NO_STORE } from "./replies.ts";

export type Parameters = Readonly<Record<string, unknown>>;

const MAX_BODY_BYTES = 4096;
const MAX_BY = 128;
const COMMON = ["token", "by"];

export interface AdminPage {
	readonly method: "GET" | "POST";
	readonly path: string;
	readonly summary: string;
	/** Parameters that it takes, besides `token` and `by`. */
	readonly takes: readonly string[];
	/** Of a GET: it changes something, so that HEAD is not taken. */
	readonly hasEffect?: boolean;
	/** @param by - who asks, for people. */
	readonly run: (parameters: Parameters, by: string) => object | Promise<object>;
}

export function adminPage(
	{ method, path, summary, takes, run, hasEffect = false }: AdminPage,
	tokens: AdminTokens,
): HttpRoute {
	return {
		method,
		path,
		summary,
		isForOperators: true,
		hasEffect,
		...(method === "POST" ? { maxBodyBytes: () => MAX_BODY_BYTES } : {}),
		handle: async (request) => {
			const parameters = parametersOf(request);
			const problem = tokens.problem(request, parameters["token"]);
			if (problem !== undefined) return problem;
			checkNames(parameters, [...takes, ...COMMON]);
			const data = await run(parameters, byOf(request, parameters));
			return json(200, { success: true, data, endpoint: path }, NO_STORE);
		},
	};
}

/** Of the query, or of the content. */
export function parametersOf(request: HttpRequest): Parameters {
	if (request.method === "POST") return jsonObject(request);
	return Object.fromEntries([...queryParameters(request.query)].map(([name, value]) => [name, value.toString()]));
}

/** A parameter that was misspelt would leave things as they are, and say that all is well. @throws GatewayError VALIDATION_FAILED. */
export function checkNames(parameters: Parameters, taken: readonly string[]): void {
	const unknown = Object.keys(parameters).find((name) => !taken.includes(name));
	if (unknown !== undefined) throw fieldError(unknown.slice(0, 64), `is unknown; there are ${taken.join(", ")}`);
}

/** Who asks: what the caller says of itself, else where it is. */
function byOf({ ip }: HttpRequest, { by }: Parameters): string {
	return typeof by === "string" && by !== "" ? by.slice(0, MAX_BY) : ip;
}

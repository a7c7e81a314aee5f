// Pages for an administrator: parameters in the query or the content, and the token of the request checked.
import type { HttpRequest } from "../../core/transport.ts";
import type { AdminTokens } from "./admin-token.ts";
import { jsonObject } from "./calls/content.ts";
import { queryParameters } from "./calls/query.ts";
import type { HttpRoute } from "./http-router.ts";
import { json, NO_STORE } from "./replies.ts";

export type Parameters = Readonly<Record<string, unknown>>;

const MAX_BODY_BYTES = 4096;
const MAX_BY = 128;

/** @param run - `by` is who asks, for people. */
export function adminPage(
	method: "GET" | "POST",
	path: string,
	summary: string,
	tokens: AdminTokens,
	run: (parameters: Parameters, request: HttpRequest, by: string) => object | Promise<object>,
): HttpRoute {
	return {
		method,
		path,
		summary,
		isForOperators: true,
		...(method === "POST" ? { maxBodyBytes: () => MAX_BODY_BYTES } : {}),
		handle: async (request) => {
			const parameters = parametersOf(request);
			const problem = tokens.problem(request, parameters["token"]);
			if (problem !== undefined) return problem;
			const data = await run(parameters, request, byOf(request, parameters));
			return json(200, { success: true, data, endpoint: path }, NO_STORE);
		},
	};
}

function parametersOf(request: HttpRequest): Parameters {
	if (request.method === "POST") return jsonObject(request);
	return Object.fromEntries([...queryParameters(request.query)].map(([name, value]) => [name, value.toString()]));
}

/** Who asks: what the caller says of itself, else where it is. */
function byOf({ ip }: HttpRequest, { by }: Parameters): string {
	return typeof by === "string" && by !== "" ? by.slice(0, MAX_BY) : ip;
}

// Conditions of REST calls (RFC 9110 section 13.1): what a GET of the same path gives is the present state. Where its record has a version
// and the request of the call an `expected_version`, the store compares it as well, in the step that changes the record: of two calls
// that have seen the same state, one is made.
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { matches, withTag } from "../etag.ts";
import type { CallPath, PathVariables } from "./call-style.ts";
import { problemReply } from "./problem.ts";

/** The field that stands for a version which the store compares. */
export const EXPECTED_VERSION = "expected_version";

const NO_CONTENT = new Uint8Array(0);
/** Of the request that has the condition, not of the one that looks. */
const OWN_HEADERS = new Set([
	...["if-match", "if-none-match", "content-type", "content-encoding", "content-length", "idempotency-key"],
]);

export function isConditional({ headers }: HttpRequest): boolean {
	return headers.has("if-match") || headers.has("if-none-match");
}

/** The reply of a GET with its tag, or what the conditions of the request make of it. */
export async function conditionalReply(
	request: HttpRequest,
	reply: HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
	const ifMatch = request.headers.get("if-match");
	const made = await reply;
	const tagged = withTag(made, request.headers.get("if-none-match"));
	if (ifMatch === undefined || made.status !== 200 || matches(ifMatch, tagOf(tagged), false)) return tagged;
	return problemReply(request, notMet("If-Match"));
}

/**
 * Runs a call if the present state is what its conditions ask for.
 *
 * @param run - gets the version of the present state, if it has one.
 */
export async function runConditionally(
	path: CallPath,
	request: HttpRequest,
	variables: PathVariables,
	run: (version: number | undefined) => HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
	const { headers } = request;
	const get = path.operations.get("GET");
	const looking = new Map([...headers].filter(([name]) => !OWN_HEADERS.has(name)));
	const current = await get?.run(
		{ ...request, method: "GET", query: "", headers: looking, body: NO_CONTENT },
		variables,
	);
	const [ifMatch, ifNoneMatch] = [headers.get("if-match"), headers.get("if-none-match")];
	// What is not there matches nothing, which is what If-None-Match asks for.
	const isThere = current?.status === 200;
	if (current !== undefined && !isThere && (ifMatch !== undefined || current.status !== 404)) return current;
	const tag = isThere ? tagOf(current) : "";
	if (ifMatch !== undefined && !(isThere && matches(ifMatch, tag, false))) {
		return problemReply(request, notMet("If-Match"));
	}
	if (ifNoneMatch !== undefined && isThere && matches(ifNoneMatch, tag, true)) {
		return problemReply(request, notMet("If-None-Match"));
	}
	return await run(ifMatch === undefined ? undefined : versionIn(current));
}

/** The record was changed between the look at it and the call. */
export function changedMeanwhile(error: GatewayError): GatewayError {
	return error.code === ErrorCode.CONFLICT ? notMet("If-Match") : error;
}

function notMet(condition: "If-Match" | "If-None-Match"): GatewayError {
	const message = condition === "If-Match" ? "this is not the present state" : "this is the present state";
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, `${condition}: ${message}`);
}

const tagOf = ({ headers }: HttpReply): string => headers?.["etag"] ?? "";

/** The `version` of the one record that a reply has. */
function versionIn(reply: HttpReply | undefined): number | undefined {
	if (typeof reply?.body !== "string") return undefined;
	const [record, ...others] = Object.values(JSON.parse(reply.body) as object);
	if (others.length > 0 || typeof record !== "object" || record === null) return undefined;
	const { version } = record as { readonly version?: unknown };
	return typeof version === "number" && version > 0 ? version : undefined;
}

// Who may use an operator's path: those who send a token of `admin.tokens`, as a bearer token or as the parameter `token`. The answers
// are those of the older server that had such paths.
import { createHash, timingSafeEqual } from "node:crypto";
import { LogQuota } from "../../common/log-quota.ts";
import type { Logger } from "../../common/logger.ts";
import type { HttpReply, HttpRequest } from "../../core/transport.ts";
import { json, NO_STORE } from "./replies.ts";

export class AdminTokens {
	private readonly tokens: () => readonly string[];
	private readonly rejections: LogQuota;

	/**
	 * @param tokens - read for each request: they change with the configuration.
	 * @param now - monotonic milliseconds.
	 */
	constructor(tokens: () => readonly string[], logger: Logger, now: () => number) {
		this.tokens = tokens;
		this.rejections = new LogQuota(logger.child({ category: "auth" }), now);
	}

	/** The reply to a request without an admin token, or with another one, which is logged; undefined when it may pass. */
	problem(request: HttpRequest, parameter: unknown): HttpReply | undefined {
		const problem = tokenProblem(request, parameter, this.tokens());
		if (problem === undefined) return undefined;
		const { ip, method, path } = request;
		this.rejections.log("info", { ip, method, path, status: problem.status }, "admin request refused");
		return problem;
	}
}

/** RFC 9110 section 15.5.2 wants the challenge. */
const UNAUTHENTICATED = { ...NO_STORE, "www-authenticate": "Bearer" };

function tokenProblem(
	{ path, headers }: HttpRequest,
	parameter: unknown,
	tokens: readonly string[],
): HttpReply | undefined {
	const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
	const given = parameter ?? bearer;
	if (given === undefined || given === "") {
		const error = "Admin token is required for this operation";
		return json(401, { success: false, error, code: "MISSING_ADMIN_TOKEN", endpoint: path }, UNAUTHENTICATED);
	}
	if (typeof given === "string" && tokens.some((token) => isSame(token, given))) return undefined;
	const error = "Invalid admin token or insufficient permissions";
	return json(403, { success: false, error, code: "INVALID_ADMIN_TOKEN" }, NO_STORE);
}

/** In a time that does not depend on how much of it is right. */
function isSame(one: string, other: string): boolean {
	return timingSafeEqual(digestOf(one), digestOf(other));
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

// Errors of REST calls: RFC 9457 problem details, with the reply code, when to retry and the fields that broke a rule.
import type { HttpHead } from "../../../core/http-request.ts";
import type { HttpReply } from "../../../core/transport.ts";
import { replyCode } from "../../../protocol/codes.ts";
import type { GatewayError } from "../../../protocol/error.ts";
import { CODES_PATH } from "../codes-page.ts";

/** Characters of a path that an error repeats. */
const MAX_SHOWN_PATH = 200;

export function problemReply({ path }: Pick<HttpHead, "path">, error: GatewayError): HttpReply {
	const { name, httpStatus: status } = replyCode(error.code);
	const problem = {
		type: `${CODES_PATH}#${name}`,
		title: titleOf(name),
		status,
		detail: error.message,
		instance: path.slice(0, MAX_SHOWN_PATH),
		code: name,
		...(error.retryAfterMs > 0 ? { retry_after_ms: Math.ceil(error.retryAfterMs) } : {}),
		...(error.violations.length > 0 ? { violations: error.violations } : {}),
	};
	const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" };
	if (error.retryAfterMs > 0) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
	if (status === 401) headers["www-authenticate"] = "Bearer";
	return { status, headers, body: `${JSON.stringify(problem)}\n` };
}

/** `VALIDATION_FAILED` → `Validation failed`. */
function titleOf(name: string): string {
	const words = name.toLowerCase().replaceAll("_", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}

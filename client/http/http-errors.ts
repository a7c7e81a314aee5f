// Replies that are no success, as the one error class of the product. A gateway sends an ErrorDetail; a proxy before it a status.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { ErrorDetail } from "../../protocol/gen/codec/envelope.ts";
import { ReplyLostError } from "../errors.ts";
import type { FetchResponse } from "./http-settings.ts";

const codeOfStatus = new Map<number, ErrorCode>([
	[400, ErrorCode.BAD_REQUEST],
	[401, ErrorCode.UNAUTHENTICATED],
	[403, ErrorCode.PERMISSION_DENIED],
	[404, ErrorCode.UNKNOWN_PROTOCOL],
	[413, ErrorCode.PAYLOAD_TOO_LARGE],
	[415, ErrorCode.UNSUPPORTED_MEDIA_TYPE],
	[429, ErrorCode.RATE_LIMITED],
	[431, ErrorCode.HEADERS_TOO_LARGE],
]);
/** After which it is unknown whether the call took effect. */
const lostWith = new Map<number, ErrorCode>([
	[408, ErrorCode.TIMEOUT],
	[502, ErrorCode.UNAVAILABLE],
	[503, ErrorCode.UNAVAILABLE],
	[504, ErrorCode.TIMEOUT],
]);

interface ConnectErrorJson {
	readonly message?: unknown;
	readonly details?: readonly { readonly type?: unknown; readonly value?: unknown }[];
}

/** The error that a reply stands for (Connect protocol, "Unary-Response"). */
export async function errorOfResponse(response: FetchResponse, routeName: string): Promise<GatewayError> {
	const { status } = response;
	const json = parsed(await response.text());
	const detail = detailOf(json);
	if (detail !== undefined) {
		return new GatewayError(detail.code || ErrorCode.INTERNAL, detail.message || `${routeName} failed`, {
			retryAfterMs: detail.retryAfterMs,
			violations: detail.violations.map(({ field, description }) => ({ field, description })),
		});
	}
	const message = typeof json?.message === "string" ? json.message : `${routeName}: status ${status}`;
	const retryAfterMs = Number(response.headers.get("retry-after") ?? 0) * 1000;
	const options = retryAfterMs > 0 ? { retryAfterMs } : {};
	const lost = lostWith.get(status);
	if (lost !== undefined) return new ReplyLostError(lost, message, options);
	return new GatewayError(codeOfStatus.get(status) ?? ErrorCode.INTERNAL, message, options);
}

function parsed(text: string): ConnectErrorJson | undefined {
	try {
		const json: unknown = JSON.parse(text);
		return typeof json === "object" && json !== null ? json : undefined;
	} catch {
		return undefined;
	}
}

function detailOf(json: ConnectErrorJson | undefined): ErrorDetail | undefined {
	if (!Array.isArray(json?.details)) return undefined;
	const found = json.details.find((detail) => detail.type === ErrorDetail.typeName);
	if (typeof found?.value !== "string") return undefined;
	try {
		return ErrorDetail.decode(Uint8Array.from(atob(found.value), (char) => char.charCodeAt(0)));
	} catch {
		return undefined;
	}
}

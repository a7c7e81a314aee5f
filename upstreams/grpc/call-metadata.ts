// What a service learns of a call beside its message. Names are ours: nothing that a client sends becomes one.
import { traceHeaders } from "../../common/trace-headers.ts";
import type { RouteCall } from "../routes/route-backend.ts";

export function callMetadata(call: RouteCall, gateway: string): Record<string, string> {
	const { identity, ip, requestId, idempotencyKey } = call;
	const metadata: Record<string, string> = { "x-framegate-gateway": gateway, "x-framegate-client-address": ip };
	if (identity !== undefined) {
		const { key, userId, sessionId, roles } = identity;
		if (key !== undefined) metadata["x-framegate-key"] = visible(userId);
		else {
			metadata["x-framegate-user"] = visible(userId);
			metadata["x-framegate-session"] = visible(sessionId);
		}
		metadata["x-framegate-roles"] = roles.map(visible).join(",");
	}
	if (requestId !== "") metadata["x-framegate-request-id"] = visible(requestId);
	if (idempotencyKey !== "") metadata["idempotency-key"] = visible(idempotencyKey);
	return Object.assign(metadata, traceHeaders(call));
}

const VISIBLE = /^[!-+\--~]*$/;

/** Names may have any letters; values of metadata have visible ASCII, and roles are separated by commas. */
function visible(text: string): string {
	return VISIBLE.test(text) ? text : encodeURIComponent(text);
}

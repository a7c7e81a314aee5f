// Calls that must not be repeated, with a key of the caller's (draft-ietf-httpapi-idempotency-key-header): the first one runs, the
// others get its result. Only HTTP calls have such keys, and only routes that may not be repeated anyway need them.
import { createHash } from "node:crypto";
import type { Middleware, PipelineCall, Step } from "../core/pipeline.ts";
import { MAX_RESULT_BYTES, type ResultKey, type ResultStore } from "../messaging/result-store.ts";
import { ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import { fieldError, GatewayError } from "../protocol/error.ts";

const FIELD = "Idempotency-Key";
/** When a caller should come back whose call is running elsewhere. */
const RUNNING_RETRY_MS = 1000;
const FULL_RETRY_MS = 60_000;

export interface KeepResultOptions {
	readonly results: ResultStore;
	/** After this time a call that left nothing behind counts as gone with its process, in milliseconds. */
	readonly runningMs: number;
}

export function keepResult(options: KeepResultOptions): Middleware {
	return function keepForRoute(route, next) {
		// Who is not logged in has no keys of their own, and the replies of public routes are tokens.
		if (route.idempotent || route.handlesRepeats || route.permission === "public") return next;
		return function kept(call) {
			return call.idempotencyKey === "" ? next(call) : runOnce(options, route, call, next);
		};
	};
}

async function runOnce(
	{ results, runningMs }: KeepResultOptions,
	route: AnyRouteContract,
	call: PipelineCall,
	next: Step,
): Promise<object> {
	const key: ResultKey = {
		owner: call.identity().userId,
		key: digest(call.idempotencyKey),
		fingerprint: digest(route.name, route.request.encode(call.request as object).finish()),
	};
	const claim = await results.claim(key, runningMs);
	if (claim.state === "claimed") return await runClaimed(results, key, route, call, next);
	if (claim.state === "full") {
		throw new GatewayError(ErrorCode.RATE_LIMITED, `too many calls with an ${FIELD}`, { retryAfterMs: FULL_RETRY_MS });
	}
	if (claim.fingerprint !== key.fingerprint) throw fieldError(FIELD, "belongs to a call with other content");
	if (claim.state === "running") {
		throw new GatewayError(ErrorCode.CONFLICT, `a call with this ${FIELD} is running`, {
			retryAfterMs: RUNNING_RETRY_MS,
		});
	}
	if (claim.result === undefined) {
		throw new GatewayError(
			ErrorCode.CONFLICT,
			`the call with this ${FIELD} is done; its result was too large to be kept`,
		);
	}
	return route.reply.decode(claim.result) as object;
}

async function runClaimed(
	results: ResultStore,
	key: ResultKey,
	route: AnyRouteContract,
	call: PipelineCall,
	next: Step,
): Promise<object> {
	let reply: object;
	try {
		reply = await next(call);
	} catch (error) {
		// What failed may be tried again. If the store does not answer now, it can when the key is forgotten.
		await results.abandon(key).catch(() => {});
		throw error;
	}
	const bytes = route.reply.encode(reply).finish();
	// The call has been carried out, and its caller gets the reply whether or not it can be kept for a repeat.
	await results.complete(key, bytes.length > MAX_RESULT_BYTES ? undefined : new Uint8Array(bytes)).catch(() => {});
	return reply;
}

/** Parts cannot run into each other: each is hashed by itself. */
function digest(...parts: readonly (string | Uint8Array)[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(createHash("sha256").update(part).digest());
	return hash.digest("base64url");
}

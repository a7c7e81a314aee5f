// The limits on guessing, by what is guessed at and from where.
import type { AttemptLimiter } from "../ports/attempt-limiter.ts";
import { ipKey } from "../ports/ip-key.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

export interface AttemptLimiters {
	readonly loginByAccount: AttemptLimiter;
	readonly loginByIp: AttemptLimiter;
	readonly registerByIp: AttemptLimiter;
	readonly requestCodeByAccount: AttemptLimiter;
	readonly requestCodeByIp: AttemptLimiter;
	readonly confirmCodeByAccount: AttemptLimiter;
	readonly confirmCodeByIp: AttemptLimiter;
}

/**
 * Counts one attempt from an address, then, if given, at an account: an address that is shut out cannot use up the
 * attempts at someone's account.
 *
 * @throws GatewayError RATE_LIMITED, with the time to wait; the same for accounts that exist and those that do not.
 */
export async function countAttempt(
	byIp: AttemptLimiter,
	ip: string,
	byAccount?: AttemptLimiter,
	account?: string,
): Promise<void> {
	refuseUnless(await byIp.consume(ipKey(ip)));
	if (byAccount && account !== undefined) refuseUnless(await byAccount.consume(account));
}

function refuseUnless(decision: { readonly allowed: boolean; readonly retryAfterMs: number }): void {
	if (decision.allowed) return;
	const { retryAfterMs } = decision;
	throw new GatewayError(ErrorCode.RATE_LIMITED, "too many attempts; try again later", { retryAfterMs });
}

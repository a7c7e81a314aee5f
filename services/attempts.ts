// The limits on guessing, by what is guessed at and from where.
import type { AttemptLimit, AttemptLimiter } from "../ports/attempt-limiter.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { ipKey } from "./ip-key.ts";

export interface AttemptLimiters {
	readonly loginByAccount: AttemptLimiter;
	readonly loginByIp: AttemptLimiter;
	readonly registerByIp: AttemptLimiter;
	readonly requestCodeByAccount: AttemptLimiter;
	readonly requestCodeByIp: AttemptLimiter;
	readonly confirmCodeByAccount: AttemptLimiter;
	readonly confirmCodeByIp: AttemptLimiter;
}

/** What each limiter allows unless configured otherwise. */
export const attemptDefaults: Record<keyof AttemptLimiters, AttemptLimit> = {
	loginByAccount: { attempts: 10, windowMs: 5 * 60_000 },
	loginByIp: { attempts: 100, windowMs: 60_000 },
	registerByIp: { attempts: 20, windowMs: 3_600_000 },
	requestCodeByAccount: { attempts: 3, windowMs: 15 * 60_000 },
	requestCodeByIp: { attempts: 20, windowMs: 15 * 60_000 },
	confirmCodeByAccount: { attempts: 10, windowMs: 15 * 60_000 },
	confirmCodeByIp: { attempts: 30, windowMs: 15 * 60_000 },
};

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

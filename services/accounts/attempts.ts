// The limits on guessing, by what is guessed at and from where.

import type { Origin } from "../../common/fair-queue.ts";
import { ipKey } from "../../common/ip-key.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { AttemptLimiter } from "./attempt-limiter.ts";

export interface AttemptLimiters {
	readonly loginByAccount: AttemptLimiter;
	readonly loginByIp: AttemptLimiter;
	readonly registerByIp: AttemptLimiter;
	readonly requestCodeByAccount: AttemptLimiter;
	readonly requestCodeByIp: AttemptLimiter;
	readonly confirmCodeByAccount: AttemptLimiter;
	readonly confirmCodeByIp: AttemptLimiter;
}

/** An attempt that was counted. */
export interface CountedAttempt {
	/** What the expensive part of it is queued under. */
	readonly origin: Origin;
	/**
	 * Gives the points back: to the address of a client that has authenticated, and to all when nothing was tried.
	 */
	giveBack(what: "address" | "all"): Promise<void>;
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
): Promise<CountedAttempt> {
	const address = ipKey(ip);
	refuseUnless(await byIp.consume(address));
	if (byAccount && account !== undefined) refuseUnless(await byAccount.consume(account));
	return {
		origin: { address, account: account ?? "" },
		giveBack: async (what) => {
			await byIp.giveBack(address);
			if (what === "all" && byAccount && account !== undefined) await byAccount.giveBack(account);
		},
	};
}

/**
 * Runs what an attempt is about. Points count failures: what succeeds gives the address its point back, since whole sites
 * share one, and what was refused for want of a free place or of a store has tried nothing.
 */
export async function attempted<T>(attempt: CountedAttempt, work: () => Promise<T>): Promise<T> {
	const result = await untried(attempt, work);
	await attempt.giveBack("address");
	return result;
}

/** The same for what counts whether it succeeds or not. */
export async function untried<T>(attempt: CountedAttempt, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE) await attempt.giveBack("all");
		throw error;
	}
}

function refuseUnless(decision: { readonly allowed: boolean; readonly retryAfterMs: number }): void {
	if (decision.allowed) return;
	const { retryAfterMs } = decision;
	throw new GatewayError(ErrorCode.RATE_LIMITED, "too many attempts; try again later", { retryAfterMs });
}

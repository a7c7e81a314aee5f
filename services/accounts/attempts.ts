// The limits on guessing, by what is guessed at and from where.

import type { Origin } from "../../common/fair-queue.ts";
import { ipKey } from "../../common/ip-key.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { AttemptDecision, AttemptLimiter } from "./attempt-limiter.ts";
import { type KnownOrigins, originsOf } from "./known-origins.ts";

export interface AttemptLimiters {
	readonly loginByAccount: AttemptLimiter;
	readonly loginByIp: AttemptLimiter;
	readonly registerByIp: AttemptLimiter;
	readonly requestCodeByAccount: AttemptLimiter;
	readonly requestCodeByIp: AttemptLimiter;
	readonly confirmCodeByAccount: AttemptLimiter;
	readonly confirmCodeByIp: AttemptLimiter;
}

/** What is attempted, from where. */
export interface Attempt {
	readonly byIp: AttemptLimiter;
	readonly ip: string;
	/** Key of the account. */
	readonly account: string;
	/** Attempts at the account, from all addresses; without it only those from an address are counted. */
	readonly byAccount?: AttemptLimiter;
	readonly known?: KnownOrigins;
	/** "" when the client named none. */
	readonly deviceId?: string;
}

/** An attempt that was counted. */
export interface CountedAttempt {
	/** What the expensive part of it is queued under. */
	readonly origin: Origin;
	/**
	 * Gives the points back: to the address of a client that has authenticated, and to all when nothing was tried.
	 */
	giveBack(what: "address" | "all"): Promise<void>;
	/** The owner of the account was there: forgets the attempts with which this one was counted. */
	forget(): Promise<void>;
}

/**
 * Counts one attempt from an address, then, if given, at an account: an address that is shut out cannot use up the
 * attempts at someone's account. An address or device that has logged in to the account before has a count of its own:
 * attempts from elsewhere cannot use it up.
 *
 * @throws GatewayError RATE_LIMITED, with the time to wait; the same for accounts that exist and those that do not.
 */
export async function countAttempt({ byIp, ip, account, byAccount, ...from }: Attempt): Promise<CountedAttempt> {
	const address = ipKey(ip);
	refuseUnless(await byIp.consume(address));
	const key = byAccount === undefined ? "" : await consumeOne(byAccount, await countsOf(account, address, from));
	return {
		origin: { address, account },
		giveBack: async (what) => {
			await byIp.giveBack(address);
			if (what === "all") await byAccount?.giveBack(key);
		},
		forget: async () => byAccount?.reset(key),
	};
}

/** The counts that an attempt at an account may be taken from. */
async function countsOf(
	account: string,
	address: string,
	{ known, deviceId = "" }: Pick<Attempt, "known" | "deviceId">,
): Promise<readonly string[]> {
	const origins = (await known?.among(account, originsOf(address, deviceId))) ?? [];
	// No name has a line end.
	return origins.length === 0 ? [account] : origins.map((origin) => `${account}\n${origin}`);
}

/** Takes a point from the first count that has one left. @returns its key. */
async function consumeOne(limiter: AttemptLimiter, keys: readonly string[]): Promise<string> {
	let last: AttemptDecision = { allowed: false, retryAfterMs: 0 };
	for (const key of keys) {
		last = await limiter.consume(key);
		if (last.allowed) return key;
	}
	throw tooManyAttempts(last);
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

function refuseUnless(decision: AttemptDecision): void {
	if (!decision.allowed) throw tooManyAttempts(decision);
}

function tooManyAttempts({ retryAfterMs }: AttemptDecision): GatewayError {
	return new GatewayError(ErrorCode.RATE_LIMITED, "too many attempts; try again later", { retryAfterMs });
}

// Forgotten passwords, in two steps: a code is sent to the account's address; with it a new password is set. Neither
// step's reply reveals which accounts or addresses exist. Step one replies before it reads the database. Step two runs
// the same statements for every account, so that its timing reveals no more than the cost of writing one row.
import { setTimeout as delay } from "node:timers/promises";
import { deleteInRounds } from "../../common/bounded-deletion.ts";
import type { Clock } from "../../common/clock.ts";
import type { Origin } from "../../common/fair-queue.ts";
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { type AttemptLimiters, attempted, countAttempt } from "./attempts.ts";
import type { KnownOrigins } from "./known-origins.ts";
import type { Notifier } from "./notifier.ts";
import type { AuthOptions } from "./options.ts";
import type { Passwords } from "./passwords.ts";
import { hashResetCode, isResetCode, newResetCode } from "./reset-codes.ts";
import type { Sessions } from "./sessions.ts";
import type { UserRecord, UserStore } from "./user-store.ts";
import { usernameKey } from "./username.ts";

export interface PasswordResetOptions extends Pick<AuthOptions, "resetCodeTtlMs"> {
	/** Wrong codes after which the code is void. */
	readonly codeAttempts: number;
	/** Requests whose notice is not sent yet; beyond it requests are refused. */
	readonly maxPending: number;
	/** Named in the notice. */
	readonly productName: string;
}

export interface PasswordResetServices {
	readonly users: UserStore;
	readonly sessions: Sessions;
	readonly passwords: Passwords;
	readonly limiters: AttemptLimiters;
	readonly known: KnownOrigins;
	readonly notifier: Notifier;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** Accounts that may share an address and still get a code each. */
const MAX_ACCOUNTS_PER_EMAIL = 5;
/** No account has this id: checking a code for no account runs the same statements as checking one for an account. */
const NOBODY = "00000000-0000-0000-0000-000000000000";
const SWEEP_INTERVAL_MS = 60_000;
/** Rows deleted in one statement, and statements of one sweep. */
const REMOVAL = { rows: 1000, maxRounds: 20 } as const;
const RETRY_AFTER_MS = 5000;
const CLOSE_TIMEOUT_MS = 5000;

export class PasswordReset {
	private readonly services: PasswordResetServices;
	private readonly options: PasswordResetOptions;
	private readonly pending = new Set<Promise<void>>();
	private nextSweepAtMs = 0;

	constructor(services: PasswordResetServices, options: PasswordResetOptions) {
		this.services = services;
		this.options = options;
	}

	/**
	 * Step one. Replies before it has read whether there is such an account, so that neither the reply nor its timing
	 * reveals it.
	 *
	 * @param account - user name, or email address.
	 * @returns how long the code, if any, is good for, in milliseconds.
	 * @throws GatewayError RATE_LIMITED, UNAVAILABLE.
	 */
	async requestCode(account: string, ip: string): Promise<number> {
		const { limiters, known, logger } = this.services;
		const { requestCodeByIp: byIp, requestCodeByAccount: byAccount } = limiters;
		const attempt = await countAttempt({ byIp, byAccount, known, ip, account: accountKey(account) });
		if (this.pending.size >= this.options.maxPending) {
			await attempt.giveBack("all");
			throw unavailable("password reset", RETRY_AFTER_MS);
		}
		const task = this.sendCodes(account)
			.catch((error: unknown) => logger.error({ err: error }, "a password reset code could not be sent"))
			.finally(() => this.pending.delete(task));
		this.pending.add(task);
		return this.options.resetCodeTtlMs;
	}

	/**
	 * Step two: sets the password and ends every session of the user.
	 *
	 * @throws GatewayError UNAUTHENTICATED when the code is wrong, used, outdated or tried too often, or the account does
	 *   not exist; RATE_LIMITED; UNAVAILABLE.
	 */
	async confirm(account: string, code: string, newPassword: string, ip: string): Promise<void> {
		const { limiters, known } = this.services;
		const { confirmCodeByIp: byIp, confirmCodeByAccount: byAccount } = limiters;
		const attempt = await countAttempt({ byIp, byAccount, known, ip, account: accountKey(account) });
		await attempted(attempt, () => this.setPassword(account, code, newPassword, attempt.origin));
		await attempt.forget();
	}

	private async setPassword(account: string, code: string, newPassword: string, origin: Origin): Promise<void> {
		const { users, sessions, passwords, limiters, clock } = this.services;
		const match = await this.match(account, code);
		if (match === undefined) throw wrongCode();
		const passwordHash = await passwords.hash(newPassword, origin);
		// Ended before and after: the first time so that an outage of the session store leaves everything as it was, the
		// second time for logins with the old password in between.
		await sessions.revokeAll(match.user.id, "password-changed");
		if (!(await users.deleteResetCode(match.user.id, match.codeHash))) throw wrongCode();
		await users.setPassword(match.user.id, passwordHash, clock.now());
		await sessions.revokeAll(match.user.id, "password-changed");
		await limiters.loginByAccount.reset(match.user.usernameKey);
	}

	/** Resolves when every notice that was on its way is sent or given up, or after a few seconds. */
	async close(): Promise<void> {
		const timeout = new AbortController();
		await Promise.race([
			Promise.all(this.pending),
			delay(CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => {}),
		]);
		timeout.abort();
	}

	private async match(account: string, code: string): Promise<{ user: UserRecord; codeHash: string } | undefined> {
		const { users } = this.services;
		const candidates = await this.candidates(account);
		// As many checks as there could be accounts, so that their number does not show.
		const checks = isAddress(account) ? MAX_ACCOUNTS_PER_EMAIL : 1;
		for (let index = 0; index < checks; index++) {
			const user = candidates[index];
			const codeHash = await users.consumeResetAttempt(user?.id ?? NOBODY);
			const isRight = isResetCode(codeHash ?? "", user?.id ?? NOBODY, code);
			if (user !== undefined && codeHash !== undefined && isRight) return { user, codeHash };
		}
		return undefined;
	}

	private async candidates(account: string): Promise<readonly UserRecord[]> {
		const { users } = this.services;
		const found = isAddress(account)
			? await users.byEmail(account, MAX_ACCOUNTS_PER_EMAIL)
			: [await users.byUsername(usernameKey(account))].filter((user) => user !== undefined);
		// An account without a password is an issuer's or a guest's: a code would give it a second door.
		return found.filter(
			({ status, email, passwordHash }) => status === "active" && email !== "" && passwordHash !== "",
		);
	}

	private async sendCodes(account: string): Promise<void> {
		const { users, notifier } = this.services;
		const { resetCodeTtlMs, codeAttempts, productName } = this.options;
		await this.sweep();
		for (const user of await this.candidates(account)) {
			const code = newResetCode();
			const codeHash = hashResetCode(user.id, code);
			await users.putResetCode({ userId: user.id, codeHash, ttlMs: resetCodeTtlMs, attemptsLeft: codeAttempts });
			const minutes = Math.max(1, Math.floor(resetCodeTtlMs / 60_000));
			await notifier.send({
				to: user.email,
				subject: `${productName}: your code for a new password`,
				text:
					`Someone, probably you, asked for a new password for the account ${user.username}.\n\n` +
					`Code: ${code}\n\nIt is good for ${minutes} minutes. If it was not you, do nothing: the old password stays.\n`,
			});
		}
	}

	private async sweep(): Promise<void> {
		const { users, clock, logger } = this.services;
		const nowMs = clock.monotonic();
		if (nowMs < this.nextSweepAtMs) return;
		this.nextSweepAtMs = nowMs + SWEEP_INTERVAL_MS;
		try {
			await deleteInRounds(REMOVAL, (rows) => users.deleteExpiredResetCodes(rows));
		} catch (error) {
			// Expired codes are refused anyway; a failed removal must not fail the caller's request for a new one.
			logger.warn({ err: error }, "outdated password reset codes were not removed; a later request tries again");
		}
	}
}

/** No user name has an @. */
function isAddress(account: string): boolean {
	return account.includes("@");
}

/** What attempts at an account are counted under. */
function accountKey(account: string): string {
	return usernameKey(account);
}

function wrongCode(): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, "the code is wrong or has expired");
}

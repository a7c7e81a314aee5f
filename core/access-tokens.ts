// Access tokens of HTTP calls. A connection presents its token once, a client of HTTP with every request: what was verified is
// kept for a while, so that not every call costs a signature check and a read of the session store.
import type { Identity } from "../common/identity.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

export interface AccessTokensOptions {
	/** @throws GatewayError TOKEN_EXPIRED, UNAUTHENTICATED, UNAVAILABLE. */
	readonly resume: (accessToken: string) => Promise<Identity>;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Unix milliseconds. */
	readonly wall: () => number;
}

/** How long a token counts as verified: a session whose end was not received is served for no longer. */
const VERIFIED_MS = 30_000;
/** Verified tokens; the one that was verified first gives way. One takes about 1.5 kB. */
const MAX_TOKENS = 20_000;

/**
 * A token is some hundred characters, and each request brings it as a new string, which a map would have to hash as a whole. Its end is
 * the end of a signature or of a secret: no two that verify have the same.
 */
const endOf = (token: string): string => token.slice(-32);

interface Verified {
	readonly token: string;
	readonly identity: Identity;
	readonly untilMs: number;
	/** Since the last `takeUsedSessions`. */
	isUsed: boolean;
}

interface Verification {
	readonly result: Promise<Identity>;
	/** Sessions that were ended while it ran. */
	readonly revoked: Set<string>;
	/** Users whose roles were changed while it ran. */
	readonly changed: Set<string>;
}

export class AccessTokens {
	private readonly options: AccessTokensOptions;
	/** By the end of the token, in the order in which they were verified. */
	private readonly verified = new Map<string, Verified>();
	private readonly running = new Map<string, Verification>();

	constructor(options: AccessTokensOptions) {
		this.options = options;
	}

	/** The identity of a token that was verified a short time ago. */
	find(token: string): Identity | undefined {
		const end = endOf(token);
		const known = this.verified.get(end);
		if (known === undefined || known.token !== token) return undefined;
		const { identity, untilMs } = known;
		if (untilMs <= this.options.now() || identity.expiresAtMs <= this.options.wall()) {
			this.verified.delete(end);
			return undefined;
		}
		known.isUsed = true;
		return identity;
	}

	/** Verifies a token, once for all calls that wait for it. @throws as `resume`. */
	verify(token: string): Promise<Identity> {
		const running = this.running.get(token);
		if (running !== undefined) return running.result;
		const [revoked, changed] = [new Set<string>(), new Set<string>()];
		const result = this.run(token, revoked, changed);
		this.running.set(token, { result, revoked, changed });
		return result;
	}

	/** Sessions have been ended. */
	revoke(sessionIds: readonly string[]): void {
		const ended = new Set(sessionIds);
		for (const [end, { identity }] of this.verified) if (ended.has(identity.sessionId)) this.verified.delete(end);
		for (const { revoked } of this.running.values()) for (const id of sessionIds) revoked.add(id);
	}

	/** The roles of a user have been changed: the next call of each token reads them. */
	forgetUser(userId: string): void {
		for (const [token, { identity }] of this.verified) if (identity.userId === userId) this.verified.delete(token);
		for (const { changed } of this.running.values()) changed.add(userId);
	}

	/** The sessions that were used since the last time. */
	takeUsedSessions(): readonly string[] {
		const used = new Set<string>();
		for (const entry of this.verified.values()) {
			if (entry.isUsed) used.add(entry.identity.sessionId);
			entry.isUsed = false;
		}
		return [...used];
	}

	private async run(token: string, revoked: ReadonlySet<string>, changed: ReadonlySet<string>): Promise<Identity> {
		try {
			const identity = await this.options.resume(token);
			if (revoked.has(identity.sessionId)) {
				throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the session has ended; log in again");
			}
			// What was read may be what was before the change: good for the calls that came before its end.
			if (!changed.has(identity.userId)) this.keep(token, identity);
			return identity;
		} finally {
			this.running.delete(token);
		}
	}

	private keep(token: string, identity: Identity): void {
		const nowMs = this.options.now();
		this.verified.set(endOf(token), { token, identity, untilMs: nowMs + VERIFIED_MS, isUsed: true });
		for (const [oldest, { untilMs }] of this.verified) {
			if (untilMs > nowMs && this.verified.size <= MAX_TOKENS) return;
			this.verified.delete(oldest);
		}
	}
}

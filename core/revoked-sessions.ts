// Sessions that were ended a moment ago: a login may be about to bind one of them.
import type { RevocationReason } from "../messaging/node-bus.ts";
import { SessionRevoked_Reason } from "../protocol/gen/schema.ts";

/** Longer than a request may take. */
const REVOKED_KEPT_MS = 60_000;
const MAX_REVOKED = 100_000;

/** Reasons as clients get them. */
export const REVOCATION_REASONS: Readonly<Record<RevocationReason, SessionRevoked_Reason>> = {
	"logged-out": SessionRevoked_Reason.LOGGED_OUT,
	replaced: SessionRevoked_Reason.REPLACED,
	"password-changed": SessionRevoked_Reason.PASSWORD_CHANGED,
	"token-reused": SessionRevoked_Reason.TOKEN_REUSED,
	administrative: SessionRevoked_Reason.ADMINISTRATIVE,
	"account-deleted": SessionRevoked_Reason.ACCOUNT_DELETED,
};

export class RevokedSessions {
	/** In the order of their times. */
	private readonly sessions = new Map<string, { readonly reason: RevocationReason; readonly atMs: number }>();

	/** @param nowMs - monotonic milliseconds. */
	record(sessionId: string, reason: RevocationReason, nowMs: number): void {
		this.sessions.set(sessionId, { reason, atMs: nowMs });
	}

	/** Undefined for a session that was not ended, as far as is known. */
	reasonOf(sessionId: string): RevocationReason | undefined {
		return this.sessions.get(sessionId)?.reason;
	}

	/** Removes what was recorded long enough ago, and the oldest of too many. */
	sweep(nowMs: number): void {
		for (const [sessionId, { atMs }] of this.sessions) {
			if (nowMs - atMs < REVOKED_KEPT_MS && this.sessions.size <= MAX_REVOKED) return;
			this.sessions.delete(sessionId);
		}
	}
}

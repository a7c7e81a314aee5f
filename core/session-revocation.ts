// Ends the connections of revoked sessions, and those of a login that binds such a session a moment later.
import type { RevocationReason } from "../messaging/node-bus.ts";
import { CloseCode } from "../protocol/codes.ts";
import { pushes } from "../protocol/gen/schema.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { PushSender } from "./push-sender.ts";
import { REVOCATION_REASONS, RevokedSessions } from "./revoked-sessions.ts";

export interface SessionRevocationOptions {
	readonly hub: Hub;
	readonly pushes: PushSender;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

export class SessionRevocation {
	private readonly revoked = new RevokedSessions();
	private readonly options: SessionRevocationOptions;

	constructor(options: SessionRevocationOptions) {
		this.options = options;
	}

	/** Sends SessionRevoked to every client of these sessions, and closes its connection. */
	revoke(sessionIds: readonly string[], reason: RevocationReason): void {
		const { hub, now } = this.options;
		for (const sessionId of sessionIds) {
			this.revoked.record(sessionId, reason, now());
			for (const connection of hub.ofSession(sessionId)) this.end(connection, sessionId, reason);
		}
	}

	/** Ends a connection that was just bound to a session which is revoked. @returns whether it was. */
	endIfRevoked(connection: Connection, sessionId: string): boolean {
		const reason = this.revoked.reasonOf(sessionId);
		if (reason === undefined) return false;
		this.end(connection, sessionId, reason);
		return true;
	}

	/** Removes sessions revoked so long ago that every login of that time is settled. Call about once a second. */
	sweep(nowMs: number): void {
		this.revoked.sweep(nowMs);
	}

	private end(connection: Connection, sessionId: string, reason: RevocationReason): void {
		this.options.pushes.push(connection, pushes.sessionRevoked, { sessionId, reason: REVOCATION_REASONS[reason] });
		connection.close(CloseCode.REVOKED, this.options.now(), { text: reason });
	}
}

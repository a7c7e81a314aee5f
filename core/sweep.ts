// What happens by the clock: one pass over all connections a second, instead of several timers for each.
import { TOKEN_LEEWAY_MS } from "../common/identity.ts";
import { CloseCode } from "../protocol/codes.ts";
import { type Connection, ConnectionState } from "./connection.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Hub } from "./hub.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SessionRevocation } from "./session-revocation.ts";
import type { UnsentBudget, UnsentLimits } from "./unsent-budget.ts";

/** How often `Sweep.run` should be called. */
export const SWEEP_INTERVAL_MS = 1000;
/** How long a client may take over the closing handshake before its socket is torn down. */
const CLOSING_TIMEOUT_MS = 5_000;
/** The time of a received frame may be that of the beginning of its turn, and is a whole millisecond. */
const CLOCKS_APART_MS = 100;

/** Limits that are checked by the clock. Replaced as a whole on reload. */
export interface SweepLimits extends UnsentLimits {
	readonly authTimeoutMs: number;
	readonly heartbeatIntervalMs: number;
	readonly idleTimeoutMs: number;
	/** How long a connection is kept after its access token ran out. */
	readonly tokenGraceMs: number;
}

export interface SweepOptions {
	readonly hub: Hub;
	readonly dispatcher: Dispatcher;
	readonly rates: RateLimits;
	readonly revocation: SessionRevocation;
	readonly unsent: UnsentBudget;
	readonly limits: SweepLimits;
	readonly monotonic: () => number;
	/** Unix milliseconds, for token expiry. */
	readonly wall: () => number;
}

export class Sweep {
	limits: SweepLimits;
	private readonly options: SweepOptions;
	/** When the process last went on after it was paused, Unix milliseconds: tokens that ran out before could not be refreshed. */
	private resumedWallMs = Number.NEGATIVE_INFINITY;

	constructor(options: SweepOptions) {
		this.options = options;
		this.limits = options.limits;
	}

	/** Pings, closes what is idle, late or expired, answers overdue calls, removes full buckets. */
	run(): void {
		const { hub, dispatcher, rates, revocation, unsent } = this.options;
		const nowMs = this.options.monotonic();
		const wallMs = this.options.wall();
		dispatcher.expire(nowMs);
		rates.sweep(nowMs);
		revocation.sweep(nowMs);
		for (const connection of hub.all()) this.checkTimeouts(connection, nowMs, wallMs);
		unsent.enforce(hub.all(), this.limits.maxUnsentBytes);
	}

	/**
	 * Called instead of `run` when the process was paused for `pausedMs`, and could not read what clients sent meanwhile. That
	 * time does not count for any of them; until the next run, everything that waits in their sockets is read.
	 */
	resume(pausedMs: number): void {
		const nowMs = this.options.monotonic();
		this.resumedWallMs = this.options.wall();
		for (const connection of this.options.hub.all()) connection.extendTimeouts(pausedMs, nowMs);
	}

	private checkTimeouts(connection: Connection, nowMs: number, wallMs: number): void {
		if (connection.state === ConnectionState.LEAVING) return;
		if (connection.state !== ConnectionState.OPEN) {
			if (nowMs - connection.closingSinceMs > CLOSING_TIMEOUT_MS) connection.socket.terminate();
			return;
		}
		const { limits } = this;
		const silentMs = nowMs - connection.lastReceivedMs;
		const { identity } = connection;
		if (silentMs >= limits.idleTimeoutMs) {
			connection.close(CloseCode.NO_PONG, nowMs);
			return;
		}
		if (identity === undefined) {
			if (this.closeLate(connection, nowMs)) return;
		} else if (identity.expiresAtMs + TOKEN_LEEWAY_MS <= wallMs) {
			connection.tokenExpired = true;
			if (Math.max(identity.expiresAtMs + TOKEN_LEEWAY_MS, this.resumedWallMs) + limits.tokenGraceMs <= wallMs) {
				connection.close(CloseCode.SESSION_EXPIRED, nowMs, { retryAfterMs: 0 });
				return;
			}
		}
		const quietMs = nowMs - Math.max(connection.lastReceivedMs, connection.lastPingMs);
		// One that owes a login is asked for a sign of life before its time is over.
		const isStranger = identity === undefined;
		const pingAfterMs = isStranger
			? Math.min(limits.heartbeatIntervalMs, limits.authTimeoutMs / 2)
			: limits.heartbeatIntervalMs;
		if (quietMs >= pingAfterMs) {
			connection.lastPingMs = nowMs;
			connection.socket.ping();
		}
	}

	/**
	 * Closes a client whose time to log in is over. Only one that could have logged in, and did not, is asked not to come back:
	 * the time does not run while requests are in flight, one that was asked to wait longer may come back after that, and one
	 * that answered no ping may not have been reachable.
	 *
	 * @returns whether it was closed.
	 */
	private closeLate(connection: Connection, nowMs: number): boolean {
		const { unauthenticatedSinceMs, loginWaitUntilMs, calls, lastReceivedMs, lastPingMs } = connection;
		if (calls !== undefined && calls.length > 0) return false;
		if (nowMs - unauthenticatedSinceMs < this.limits.authTimeoutMs) return false;
		const isSilent = lastPingMs - lastReceivedMs > CLOCKS_APART_MS;
		if (loginWaitUntilMs > nowMs) {
			const retryAfterMs = loginWaitUntilMs - nowMs;
			connection.close(CloseCode.TRY_LATER, nowMs, { text: "no login yet", retryAfterMs });
		} else connection.close(isSilent ? CloseCode.NO_PONG : CloseCode.AUTH_TIMEOUT, nowMs);
		return true;
	}
}

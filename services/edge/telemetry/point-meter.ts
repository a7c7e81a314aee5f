// How many points the requests of each user may touch: a bucket that is emptied by what a request really took, which is only
// known when it is done, so that it may go into debt. Kept as the time at which it will be full again (ITU-T I.371).
import type { Clock } from "../../../common/clock.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";

export interface PointMeterOptions {
	readonly readPointsPerSecond: number;
	readonly readPointsBurst: number;
}

/** Users in debt, or with less than a full bucket, are few; beyond this many all who are full are forgotten. */
const SWEEP_FROM = 1024;

export class PointMeter {
	/** Requests refused, since the start. */
	refused = 0;
	private readonly clock: Clock;
	private readonly msPerPoint: number;
	private readonly burstMs: number;
	private readonly fullAtMs = new Map<string, number>();
	private sweepAt = SWEEP_FROM;

	constructor(clock: Clock, { readPointsPerSecond, readPointsBurst }: PointMeterOptions) {
		this.clock = clock;
		this.msPerPoint = 1000 / readPointsPerSecond;
		this.burstMs = readPointsBurst * this.msPerPoint;
	}

	/** @throws GatewayError RATE_LIMITED while the user has taken more than there was. */
	admit(userId: string): void {
		const debtMs = (this.fullAtMs.get(userId) ?? 0) - this.clock.monotonic() - this.burstMs;
		if (debtMs <= 0) return;
		this.refused++;
		throw new GatewayError(ErrorCode.RATE_LIMITED, "too many points asked for (points a second of one user)", {
			retryAfterMs: Math.ceil(debtMs),
		});
	}

	/** Takes points out, however many there are. */
	charge(userId: string, points: number): void {
		const nowMs = this.clock.monotonic();
		const { fullAtMs } = this;
		fullAtMs.set(userId, Math.max(fullAtMs.get(userId) ?? 0, nowMs) + points * this.msPerPoint);
		if (fullAtMs.size < this.sweepAt) return;
		for (const [id, atMs] of fullAtMs) if (atMs <= nowMs) fullAtMs.delete(id);
		this.sweepAt = Math.max(SWEEP_FROM, 2 * fullAtMs.size);
	}

	/** As both together. @throws GatewayError as `admit`; nothing is taken then. */
	take(userId: string, points: number): void {
		this.admit(userId);
		this.charge(userId, points);
	}
}

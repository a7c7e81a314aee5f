// How many points the requests of each user may touch: a bucket that is emptied by what a request really took, which is only
// known when it is done, so that it may go into debt.
import type { Clock } from "../../../common/clock.ts";
import { KeyedRate } from "../../../common/keyed-rate.ts";

/** Of a document: it costs about as much to take in as a point. */
const BYTES_PER_POINT = 64;

export interface PointMeterOptions {
	readonly readPointsPerSecond: number;
	readonly readPointsBurst: number;
}

export class PointMeter {
	private readonly rate: KeyedRate;

	constructor(clock: Clock, { readPointsPerSecond, readPointsBurst }: PointMeterOptions) {
		const rate = { perSecond: readPointsPerSecond, burst: readPointsBurst };
		this.rate = new KeyedRate(rate, "points asked for (points a second of one user)", () => clock.monotonic());
	}

	/** Requests refused, since the start. */
	get refused(): number {
		return this.rate.refused;
	}

	/** @throws GatewayError RATE_LIMITED while the user has taken more than there was. */
	admit(userId: string): void {
		this.rate.refuseInDebt(userId);
	}

	/** Takes points out, however many there are. */
	charge(userId: string, points: number): void {
		this.rate.charge(userId, points);
	}

	/** Takes out what reading a document costs, whether or not it can be used. */
	chargeBytes(userId: string, bytes: number): void {
		this.rate.charge(userId, bytes / BYTES_PER_POINT);
	}

	/** As both together. @throws GatewayError as `admit`; nothing is taken then. */
	take(userId: string, points: number): void {
		this.admit(userId);
		this.charge(userId, points);
	}
}

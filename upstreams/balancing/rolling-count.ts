// Counts of the last so many milliseconds, in a few buckets: what is older than the window falls out a bucket at a time.

const BUCKETS = 10;

export class RollingCount {
	private readonly bucketMs: number;
	private readonly buckets = new Float64Array(BUCKETS);
	/** Number of the latest bucket, counted from the clock's origin. */
	private latest = 0;

	constructor(windowMs: number) {
		this.bucketMs = windowMs / BUCKETS;
	}

	add(count: number, nowMs: number): void {
		this.advance(nowMs);
		const index = this.latest % BUCKETS;
		this.buckets[index] = (this.buckets[index] as number) + count;
	}

	total(nowMs: number): number {
		this.advance(nowMs);
		let sum = 0;
		for (const count of this.buckets) sum += count;
		return sum;
	}

	clear(): void {
		this.buckets.fill(0);
	}

	private advance(nowMs: number): void {
		const current = Math.floor(nowMs / this.bucketMs);
		const steps = Math.min(current - this.latest, BUCKETS);
		for (let step = 1; step <= steps; step++) this.buckets[(this.latest + step) % BUCKETS] = 0;
		if (steps > 0) this.latest = current;
		if (steps === BUCKETS) this.buckets.fill(0);
	}
}

// Ids of traces and spans.
import { randomFillSync } from "node:crypto";

const POOL_BYTES = 4096;

/** Random ids, from a pool: a call of the random source costs as much as hundreds of bytes of it. */
export class TraceIds {
	private readonly pool = Buffer.alloc(POOL_BYTES);
	private used = POOL_BYTES;

	traceId(): string {
		return this.next(16);
	}

	spanId(): string {
		return this.next(8);
	}

	private next(bytes: number): string {
		if (this.used + bytes > POOL_BYTES) {
			randomFillSync(this.pool);
			this.used = 0;
		}
		const start = this.used;
		this.used += bytes;
		// Not all zero, whatever the dice say.
		const last = this.used - 1;
		if (this.pool[last] === 0) this.pool[last] = 1;
		return this.pool.toString("hex", start, this.used);
	}
}

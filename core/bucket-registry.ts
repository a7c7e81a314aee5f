// Token buckets that several connections share.
import { TokenBucket } from "../common/token-bucket.ts";

interface Entry {
	readonly bucket: TokenBucket;
	holders: number;
}

/**
 * Buckets that several connections share, by key (user id, address). A key's bucket is kept after its last holder
 * left until it is full again: reconnecting does not refill it.
 */
export class BucketRegistry {
	private readonly entries = new Map<string, Entry>();

	hold(key: string): TokenBucket {
		const entry = this.entryOf(key);
		entry.holders++;
		return entry.bucket;
	}

	/** The key's bucket, for one use. */
	bucketOf(key: string): TokenBucket {
		return this.entryOf(key).bucket;
	}

	release(key: string): void {
		const entry = this.entries.get(key);
		if (entry !== undefined) entry.holders--;
	}

	/** The key's bucket, if it has one: without, it is full. */
	find(key: string): TokenBucket | undefined {
		return this.entries.get(key)?.bucket;
	}

	/** How many hold the key's bucket. */
	holders(key: string): number {
		return this.entries.get(key)?.holders ?? 0;
	}

	/** Forgets full buckets that nobody holds. */
	sweep(nowMs: number): void {
		for (const [key, entry] of this.entries) {
			if (entry.holders === 0 && entry.bucket.isFull(nowMs)) this.entries.delete(key);
		}
	}

	get size(): number {
		return this.entries.size;
	}

	private entryOf(key: string): Entry {
		let entry = this.entries.get(key);
		if (entry === undefined) {
			entry = { bucket: new TokenBucket(), holders: 0 };
			this.entries.set(key, entry);
		}
		return entry;
	}
}

// Leases of this process, or of several in a test that share it.

import { unavailable } from "../protocol/error.ts";
import type { LeaseStore } from "./lease.ts";

interface Lease {
	readonly holder: string;
	readonly untilMs: number;
}

const PRUNE_FROM = 1024;
const MAX_LEASES = 1_000_000;
const RETRY_AFTER_MS = 1000;

export class MemoryLeaseStore implements LeaseStore {
	private readonly now: () => number;
	private readonly leases = new Map<string, Lease>();
	private pruneAt = PRUNE_FROM;

	/** @param now - milliseconds that never go back. */
	constructor(now: () => number) {
		this.now = now;
	}

	/** Leases kept, those included that have ended and were not yet removed. */
	get size(): number {
		return this.leases.size;
	}

	async take(name: string, holder: string, ttlMs: number): Promise<string> {
		const present = this.present(name);
		if (present !== undefined && present !== holder) return present;
		if (this.leases.size >= this.pruneAt) this.prune();
		if (this.leases.size >= MAX_LEASES) throw unavailable("room for a lease", RETRY_AFTER_MS);
		this.leases.set(name, { holder, untilMs: this.now() + ttlMs });
		return holder;
	}

	async release(name: string, holder: string): Promise<boolean> {
		return this.present(name) === holder && this.leases.delete(name);
	}

	private present(name: string): string | undefined {
		const lease = this.leases.get(name);
		return lease !== undefined && lease.untilMs > this.now() ? lease.holder : undefined;
	}

	/** Removes what has ended; seldom enough to cost nothing much per lease. */
	private prune(): void {
		const nowMs = this.now();
		for (const [name, { untilMs }] of this.leases) {
			if (untilMs <= nowMs) this.leases.delete(name);
		}
		this.pruneAt = Math.max(PRUNE_FROM, 2 * this.leases.size);
	}
}

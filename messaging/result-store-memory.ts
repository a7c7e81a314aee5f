// Results of calls in this process.
import {
	MAX_RESULTS_PER_OWNER,
	RESULT_KEPT_MS,
	type ResultClaim,
	type ResultKey,
	type ResultStore,
} from "./result-store.ts";

/** Of all owners together. */
const MAX_RESULTS = 20_000;
const MAX_TOTAL_BYTES = 16_777_216;

interface Entry {
	readonly owner: string;
	readonly fingerprint: string;
	readonly untilMs: number;
	/** Undefined while the call runs. */
	readonly outcome: { readonly result: Uint8Array | undefined } | undefined;
}

export class MemoryResultStore implements ResultStore {
	private readonly now: () => number;
	/** By owner and key; those that were taken or completed first come first. */
	private readonly entries = new Map<string, Entry>();
	private readonly byOwner = new Map<string, number>();
	private bytes = 0;

	/** @param now - milliseconds that never go back. */
	constructor(now: () => number) {
		this.now = now;
	}

	get size(): number {
		return this.entries.size;
	}

	async claim({ owner, key, fingerprint }: ResultKey, runningMs: number): Promise<ResultClaim> {
		const nowMs = this.now();
		const id = `${owner}\n${key}`;
		const present = this.entries.get(id);
		if (present !== undefined && present.untilMs > nowMs) {
			const { outcome } = present;
			if (outcome === undefined) return { state: "running", fingerprint: present.fingerprint };
			return { state: "done", fingerprint: present.fingerprint, result: outcome.result };
		}
		if (present !== undefined) this.remove(id, present);
		if (this.isFull(owner)) this.prune(nowMs);
		if (this.isFull(owner)) return { state: "full" };
		this.add(id, { owner, fingerprint, untilMs: nowMs + runningMs, outcome: undefined });
		return { state: "claimed" };
	}

	async complete({ owner, key, fingerprint }: ResultKey, result: Uint8Array | undefined): Promise<void> {
		const id = `${owner}\n${key}`;
		const present = this.entries.get(id);
		if (present !== undefined) this.remove(id, present);
		this.add(id, { owner, fingerprint, untilMs: this.now() + RESULT_KEPT_MS, outcome: { result } });
	}

	async abandon({ owner, key, fingerprint }: ResultKey): Promise<void> {
		const id = `${owner}\n${key}`;
		const present = this.entries.get(id);
		if (present?.outcome === undefined && present?.fingerprint === fingerprint) this.remove(id, present);
	}

	private isFull(owner: string): boolean {
		if ((this.byOwner.get(owner) ?? 0) >= MAX_RESULTS_PER_OWNER) return true;
		return this.entries.size >= MAX_RESULTS || this.bytes >= MAX_TOTAL_BYTES;
	}

	private prune(nowMs: number): void {
		for (const [id, entry] of this.entries) if (entry.untilMs <= nowMs) this.remove(id, entry);
	}

	private add(id: string, entry: Entry): void {
		this.entries.set(id, entry);
		this.byOwner.set(entry.owner, (this.byOwner.get(entry.owner) ?? 0) + 1);
		this.bytes += entry.outcome?.result?.length ?? 0;
	}

	private remove(id: string, entry: Entry): void {
		this.entries.delete(id);
		const left = (this.byOwner.get(entry.owner) ?? 0) - 1;
		if (left > 0) this.byOwner.set(entry.owner, left);
		else this.byOwner.delete(entry.owner);
		this.bytes -= entry.outcome?.result?.length ?? 0;
	}
}

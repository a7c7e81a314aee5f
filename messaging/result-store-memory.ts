// Results of calls in this process.
import type { KnownCall, ResultClaim, ResultKey, ResultStore } from "./result-store.ts";

interface Entry {
	readonly fingerprint: string;
	/** When the first call with the key began, in Unix milliseconds. */
	readonly sinceMs: number;
	/** Until when the call counts as running. */
	readonly runsUntilMs: number;
	readonly untilMs: number;
	/** Undefined while the call runs. */
	readonly outcome: { readonly result: Uint8Array | undefined } | undefined;
}

/** Expired entries that a new one removes: more than come, so that those of a busy time do not stay. */
const REMOVED_PER_CLAIM = 2;

export class MemoryResultStore implements ResultStore {
	private readonly now: () => number;
	private readonly wall: () => number;
	/** By owner and key; those that were taken or completed first come first. */
	private readonly entries = new Map<string, Entry>();

	/** @param now - milliseconds that never go back. @param wall - Unix milliseconds. */
	constructor(now: () => number, wall: () => number) {
		this.now = now;
		this.wall = wall;
	}

	get size(): number {
		return this.entries.size;
	}

	async claim({ owner, key, fingerprint }: ResultKey, runningMs: number, keptMs: number): Promise<ResultClaim> {
		const nowMs = this.now();
		const id = `${owner}\n${key}`;
		const present = this.live(id, nowMs);
		const isGone = present?.outcome === undefined && (present?.runsUntilMs ?? 0) <= nowMs;
		if (present !== undefined && !(isGone && present.fingerprint === fingerprint)) return knownCall(present);
		const sinceMs = present?.sinceMs ?? this.wall();
		const untilMs = present?.untilMs ?? nowMs + keptMs;
		this.put(id, { fingerprint, sinceMs, runsUntilMs: nowMs + runningMs, untilMs, outcome: undefined });
		this.prune(nowMs);
		return { state: "claimed", sinceMs };
	}

	async find({ owner, key }: Pick<ResultKey, "owner" | "key">): Promise<KnownCall | undefined> {
		const present = this.live(`${owner}\n${key}`, this.now());
		return present && knownCall(present);
	}

	async complete(
		{ owner, key, fingerprint }: ResultKey,
		result: Uint8Array | undefined,
		keptMs: number,
	): Promise<void> {
		const id = `${owner}\n${key}`;
		const sinceMs = this.entries.get(id)?.sinceMs ?? this.wall();
		this.put(id, { fingerprint, sinceMs, runsUntilMs: 0, untilMs: this.now() + keptMs, outcome: { result } });
	}

	async abandon({ owner, key, fingerprint }: ResultKey): Promise<void> {
		const id = `${owner}\n${key}`;
		const present = this.entries.get(id);
		if (present?.outcome === undefined && present?.fingerprint === fingerprint) this.entries.delete(id);
	}

	private live(id: string, nowMs: number): Entry | undefined {
		const present = this.entries.get(id);
		return present !== undefined && present.untilMs > nowMs ? present : undefined;
	}

	private put(id: string, entry: Entry): void {
		this.entries.delete(id);
		this.entries.set(id, entry);
	}

	private prune(nowMs: number): void {
		let left = REMOVED_PER_CLAIM;
		for (const [id, { untilMs }] of this.entries) {
			if (left-- === 0 || untilMs > nowMs) return;
			this.entries.delete(id);
		}
	}
}

function knownCall({ fingerprint, outcome }: Entry): KnownCall {
	return outcome === undefined ? { state: "running", fingerprint } : { state: "done", fingerprint, ...outcome };
}

// The canaries of a product that is one process, or of several hosts in a test that share it.
import type { CanaryBoard, CanaryEnd, CanaryEntry, CanaryState } from "./canary-board.ts";

interface Entry extends CanaryEntry {
	readonly module: string;
	readonly begunAtMs: number;
	readonly figures: Map<string, string>;
	ended: CanaryEnd | undefined;
}

/** Ended ones that are remembered; the oldest goes. */
const MAX_ENDED = 100;

export class MemoryCanaryBoard implements CanaryBoard {
	private readonly now: () => number;
	private readonly entries = new Map<string, Entry>();
	private readonly digests = new Map<string, string>();

	/** @param now - milliseconds that never go back. */
	constructor(now: () => number) {
		this.now = now;
	}

	async begin(id: string, module: string, content: string): Promise<void> {
		if (this.entries.has(id)) return;
		this.entries.set(id, { id, module, content, begunAtMs: this.now(), figures: new Map(), ended: undefined });
	}

	async report(id: string, member: string, figures: string): Promise<CanaryState | undefined> {
		const entry = this.entries.get(id);
		if (entry === undefined) return undefined;
		entry.figures.set(member, figures);
		return { elapsedMs: this.now() - entry.begunAtMs, ended: entry.ended, figures: new Map(entry.figures) };
	}

	async end(id: string, module: string, as: CanaryEnd, digest: string): Promise<CanaryEnd> {
		const entry = this.entries.get(id);
		if (entry?.ended !== undefined) return entry.ended;
		const last = { id, module, content: "", begunAtMs: this.now(), figures: new Map<string, string>() };
		this.entries.set(id, { ...(entry ?? last), ended: as });
		if (as === "withdrawn") this.digests.set(module, digest);
		const ended = [...this.entries.values()].filter((one) => one.ended !== undefined);
		for (const { id: old } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.entries.delete(old);
		return as;
	}

	async all(): Promise<readonly CanaryEntry[]> {
		const going = [...this.entries.values()].filter(({ ended }) => ended === undefined);
		return going.map(({ id, content }) => ({ id, content }));
	}

	async passed(): Promise<ReadonlyMap<string, string>> {
		return new Map(this.digests);
	}

	async pass(module: string, digest: string): Promise<void> {
		if (digest === "") this.digests.delete(module);
		else this.digests.set(module, digest);
	}
}

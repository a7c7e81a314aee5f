// Batches that are kept for further clients of the same view, within a budget of bytes: what does not fit is encoded again
// when it is wanted.

export interface SnapshotHolder {
	dropSnapshot(): void;
}

/** The texts of a batch, of each dialect, are up to so many times its bytes together with them. */
const TEXTS_FACTOR = 6;

export class Snapshots {
	private readonly maxBytes: number;
	private total = 0;
	/** The one that was made longest ago first. */
	private readonly kept = new Map<SnapshotHolder, number>();

	constructor(maxBytes: number) {
		this.maxBytes = maxBytes;
	}

	get bytes(): number {
		return this.total;
	}

	/** @param frameBytes - of its binary frames. */
	keep(holder: SnapshotHolder, frameBytes: number): void {
		this.forget(holder);
		const bytes = frameBytes * TEXTS_FACTOR;
		this.kept.set(holder, bytes);
		this.total += bytes;
		for (const oldest of this.kept.keys()) {
			// The newest stays, however large: it is being sent.
			if (this.total <= this.maxBytes || oldest === holder) return;
			oldest.dropSnapshot();
		}
	}

	forget(holder: SnapshotHolder): void {
		const bytes = this.kept.get(holder);
		if (bytes === undefined) return;
		this.kept.delete(holder);
		this.total -= bytes;
	}
}

// How far the records of one partition are done. They are done in any order; what may be committed is the offset up to which all are.

interface Entry {
	readonly offset: bigint;
	readonly leaderEpoch: number;
	isDone: boolean;
}

export class PartitionProgress {
	readonly topic: string;
	readonly partition: number;
	/** From the oldest that is not committable on. */
	private entries: Entry[] = [];
	private head = 0;
	private nextOffset: bigint | undefined;
	private committable: { readonly offset: bigint; readonly leaderEpoch: number } | undefined;

	constructor(topic: string, partition: number) {
		this.topic = topic;
		this.partition = partition;
	}

	/** Records that are read, and behind one that is not done. */
	get size(): number {
		return this.entries.length - this.head;
	}

	/** @returns false: it has been added before. */
	add(offset: bigint, leaderEpoch: number): boolean {
		if (this.nextOffset !== undefined && offset < this.nextOffset) return false;
		this.nextOffset = offset + 1n;
		this.entries.push({ offset, leaderEpoch, isDone: false });
		return true;
	}

	done(offset: bigint): void {
		const entry = this.find(offset);
		if (entry === undefined) return;
		entry.isDone = true;
		for (let first = this.entries[this.head]; first?.isDone; first = this.entries[this.head]) {
			this.committable = { offset: first.offset + 1n, leaderEpoch: first.leaderEpoch };
			this.head++;
		}
		if (this.head > 1000 && this.head > this.entries.length / 2) {
			this.entries = this.entries.slice(this.head);
			this.head = 0;
		}
	}

	/** What is to be committed, once. */
	takeCommittable(): { readonly offset: bigint; readonly leaderEpoch: number } | undefined {
		const taken = this.committable;
		this.committable = undefined;
		return taken;
	}

	/** It was not committed: it is to be again, unless more is done by now. */
	giveBack(offset: bigint, leaderEpoch: number): void {
		this.committable ??= { offset, leaderEpoch };
	}

	/** Offsets ascend, and may have gaps. */
	private find(offset: bigint): Entry | undefined {
		let low = this.head;
		let high = this.entries.length - 1;
		while (low <= high) {
			const middle = (low + high) >>> 1;
			const entry = this.entries[middle] as Entry;
			if (entry.offset === offset) return entry;
			if (entry.offset < offset) low = middle + 1;
			else high = middle - 1;
		}
		return undefined;
	}
}

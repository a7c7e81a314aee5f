// The log of one channel in memory: a queue of publications that counts its bytes.
import type { Publication } from "./broker.ts";

/** What a publication takes beside its frame: the object, its buffer and the place in the queue. */
export const ENTRY_BYTES = 256;

export class ChannelLog {
	/** The places before `head` are empty, and are closed in bulk. */
	private entries: (Publication | undefined)[] = [];
	private head = 0;
	private frameBytes = 0;

	/** What it takes of the memory. */
	get takenBytes(): number {
		return this.frameBytes + (this.entries.length - this.head) * ENTRY_BYTES;
	}

	push(publication: Publication): void {
		this.entries.push(publication);
		this.frameBytes += publication.frame.length;
	}

	/** Drops the oldest until no more are left, and no more bytes of frames. */
	shorten(maxCount: number, maxFrameBytes: number): void {
		while (this.entries.length - this.head > maxCount || this.frameBytes > maxFrameBytes) this.dropOldest();
		this.close();
	}

	shortenTo(takenBytes: number): void {
		while (this.takenBytes > takenBytes) this.dropOldest();
		this.close();
	}

	after(offset: number, limit: number, maxBytes: number): Publication[] {
		const found: Publication[] = [];
		const { entries } = this;
		const first = entries[this.head];
		if (first === undefined) return found;
		let bytes = 0;
		for (let at = this.head + Math.max(0, offset + 1 - first.offset); at < entries.length; at++) {
			const publication = entries[at] as Publication;
			bytes += publication.frame.length;
			if (found.length >= limit || (bytes > maxBytes && found.length > 0)) break;
			found.push(publication);
		}
		return found;
	}

	private dropOldest(): void {
		this.frameBytes -= this.entries[this.head]?.frame.length ?? 0;
		this.entries[this.head++] = undefined;
	}

	private close(): void {
		if (this.head * 2 < this.entries.length) return;
		this.entries = this.entries.slice(this.head);
		this.head = 0;
	}
}

// The last publications that are kept so that differences can be made, of all channels of this process together.

/** Beyond it none is kept of a further channel, and its next publication is sent whole. */
const MAX_KEPT_BYTES = 67_108_864;

export class DeltaMemory {
	private keptBytes = 0;

	/** @returns whether there is room for so many bytes; they count from then on. */
	take(bytes: number): boolean {
		if (this.keptBytes + bytes > MAX_KEPT_BYTES) return false;
		this.keptBytes += bytes;
		return true;
	}

	release(bytes: number): void {
		this.keptBytes -= bytes;
	}
}

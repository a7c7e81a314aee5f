// Messages of a conversation that were published, while they are being handed over to outputs.

/** Messages of a conversation that are not known to be handed over; beyond it publishing waits. */
const MAX_PENDING = 100;

export class EventsInFlight {
	private readonly pending = new Set<Promise<void>>();
	private failure: { readonly sequence: number; readonly error: unknown } | undefined;

	get isFull(): boolean {
		return this.pending.size >= MAX_PENDING;
	}

	add(sequence: number, keeping: Promise<void>): void {
		const settled = keeping
			.catch((error: unknown) => {
				if (sequence < (this.failure?.sequence ?? Number.POSITIVE_INFINITY)) this.failure = { sequence, error };
			})
			.finally(() => this.pending.delete(settled));
		this.pending.add(settled);
	}

	/** Waits for all of them. @throws what the first one of them failed with. */
	async settle(): Promise<void> {
		await this.settled();
		if (this.failure !== undefined) throw this.failure.error;
	}

	/** @returns the sequence of the first one that failed. */
	async settled(): Promise<number | undefined> {
		await Promise.all(this.pending);
		return this.failure?.sequence;
	}
}

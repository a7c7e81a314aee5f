// What keys of callers may take: each key that makes a repeat harmless is kept for a window, and so costs memory for as long. Counted by
// this process, by caller and for all, in bytes; beyond it, a further key is refused until earlier ones are old enough to be
// forgotten. Refusing keeps the promise of the window: a key that was taken is known for all of it.

export interface KeyBudgetOptions {
	/** How long a key is kept, in milliseconds. */
	readonly windowMs: number;
	/** Bytes of one API key's. */
	readonly backendBytes: number;
	/** Bytes of one user's. */
	readonly userBytes: number;
	/** Bytes of all together; users together have half of it. */
	readonly totalBytes: number;
}

/** Parts of the window. What is counted is forgotten part by part: after the window, and within an eighth of it. */
const SLOTS = 8;

interface Slot {
	readonly number: number;
	readonly byOwner: Map<string, number>;
	total: number;
	ofUsers: number;
}

export class KeyBudget {
	private readonly options: KeyBudgetOptions;
	private readonly now: () => number;
	/** The oldest first; at most one more than `SLOTS`. */
	private slots: Slot[] = [];
	private readonly byOwner = new Map<string, number>();
	private total = 0;
	private ofUsers = 0;
	/** Keys refused since the start. */
	refused = 0;

	/** @param now - monotonic milliseconds. */
	constructor(options: KeyBudgetOptions, now: () => number) {
		this.options = options;
		this.now = now;
	}

	/** How long a key is kept, in milliseconds. */
	get windowMs(): number {
		return this.options.windowMs;
	}

	/** Bytes counted now. */
	get bytes(): number {
		this.forget();
		return this.total;
	}

	/**
	 * Takes bytes for a key of a caller.
	 *
	 * @param isUser - the caller is a user; otherwise an API key.
	 * @returns 0, or how many milliseconds until there may be room; nothing is taken then.
	 */
	take(owner: string, isUser: boolean, bytes: number): number {
		this.forget();
		const { backendBytes, userBytes, totalBytes } = this.options;
		const own = (this.byOwner.get(owner) ?? 0) + bytes;
		const isFull =
			own > (isUser ? userBytes : backendBytes) ||
			this.total + bytes > totalBytes ||
			(isUser && this.ofUsers + bytes > totalBytes / 2);
		if (isFull) {
			this.refused++;
			return this.waitMs();
		}
		this.add(owner, isUser, bytes);
		return 0;
	}

	/** Counts what a key turned out to take beside, whether or not there is room. */
	add(owner: string, isUser: boolean, bytes: number): void {
		const slot = this.currentSlot();
		slot.byOwner.set(owner, (slot.byOwner.get(owner) ?? 0) + bytes);
		slot.total += bytes;
		this.byOwner.set(owner, (this.byOwner.get(owner) ?? 0) + bytes);
		this.total += bytes;
		if (!isUser) return;
		slot.ofUsers += bytes;
		this.ofUsers += bytes;
	}

	private get slotMs(): number {
		return this.options.windowMs / SLOTS;
	}

	private currentSlot(): Slot {
		const number = Math.floor(this.now() / this.slotMs);
		const last = this.slots.at(-1);
		if (last?.number === number) return last;
		const slot: Slot = { number, byOwner: new Map(), total: 0, ofUsers: 0 };
		this.slots.push(slot);
		return slot;
	}

	/** Until the oldest part is forgotten. */
	private waitMs(): number {
		const oldest = this.slots[0];
		// Without one, a single key is larger than what there is: it will not fit later either.
		if (oldest === undefined) return this.options.windowMs;
		return Math.max(1, Math.ceil((oldest.number + 1 + SLOTS) * this.slotMs - this.now()));
	}

	private forget(): void {
		const oldest = Math.floor(this.now() / this.slotMs) - SLOTS;
		while ((this.slots[0]?.number ?? oldest) < oldest) {
			const slot = this.slots.shift() as Slot;
			this.total -= slot.total;
			this.ofUsers -= slot.ofUsers;
			for (const [owner, bytes] of slot.byOwner) {
				const left = (this.byOwner.get(owner) ?? 0) - bytes;
				if (left > 0) this.byOwner.set(owner, left);
				else this.byOwner.delete(owner);
			}
		}
	}
}

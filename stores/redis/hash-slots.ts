// Which slot of a Redis Cluster a key belongs to: Redis Cluster specification, "Key distribution model".

export const HASH_SLOTS = 16_384;

/** CRC16 (XMODEM) of the hash tag, or of the whole key without one. */
export function slotOf(key: string): number {
	const open = key.indexOf("{");
	const end = open < 0 ? -1 : key.indexOf("}", open + 1);
	const bytes = Buffer.from(end > open + 1 ? key.slice(open + 1, end) : key);
	let crc = 0;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
	}
	return crc % HASH_SLOTS;
}

/** By slot, the names of its servers, the master first: as the Cluster client keeps them. */
export type SlotTable = readonly (readonly string[] | undefined)[];

export function mastersOf(slots: SlotTable): ReadonlySet<string> {
	const masters = new Set<string>();
	for (const names of slots) if (names?.[0] !== undefined) masters.add(names[0]);
	return masters;
}

/** A master of a single slot is found within so many with a probability of 99.8 %, and at the next look otherwise. */
const MAX_CANDIDATES = 100_000;

/** For each master a hash tag that belongs to it: a command for every master is sent with keys of these tags. */
export class MasterTags {
	private readonly tags = new Map<string, string>();
	private candidates = 0;

	/** Master → tag; those that lasted are the same as before. */
	of(slots: SlotTable): ReadonlyMap<string, string> {
		const masters = mastersOf(slots);
		for (const [master, tag] of this.tags) if (slots[slotOf(tag)]?.[0] !== master) this.tags.delete(master);
		for (const master of masters) if (!this.tags.has(master)) this.find(master, slots);
		return this.tags;
	}

	private find(master: string, slots: SlotTable): void {
		for (let tries = 0; tries < MAX_CANDIDATES; tries++) {
			const tag = (this.candidates++).toString(36);
			if (slots[slotOf(tag)]?.[0] !== master) continue;
			this.tags.set(master, tag);
			return;
		}
	}
}

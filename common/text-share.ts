// Where a text stands between 0 and 1: evenly spread, and the same on every node. For shares of users that stay the same.

/** Offset and prime of FNV-1a, 32 bits. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

function mixed(hash: number, text: string): number {
	let mix = hash;
	for (let index = 0; index < text.length; index++) mix = Math.imul(mix ^ text.charCodeAt(index), PRIME);
	return mix;
}

/**
 * @param salt - another one spreads the same texts in another way.
 * @returns a function that gives 0 ≤ result < 1 for a text.
 */
export function textShares(salt: string): (text: string) => number {
	const seed = mixed(OFFSET, salt);
	return (text) => {
		// The bits of FNV-1a alone are not even for texts that differ in their last characters: the end of MurmurHash3 makes them so.
		let mix = mixed(seed, text);
		mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
		mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
		return ((mix ^ (mix >>> 16)) >>> 0) / 2 ** 32;
	};
}

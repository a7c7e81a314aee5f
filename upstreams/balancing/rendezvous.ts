// Which endpoint a key belongs to (rendezvous hashing): each endpoint has a score for the key, the highest wins. When one goes, only its keys
// move, and every process comes to the same result without talking to the others.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of a text. */
export function hashText(text: string): number {
	let hash = FNV_OFFSET;
	for (let index = 0; index < text.length; index++) {
		hash = Math.imul(hash ^ (text.charCodeAt(index) & 0xff), FNV_PRIME);
		hash = Math.imul(hash ^ (text.charCodeAt(index) >>> 8), FNV_PRIME);
	}
	return hash >>> 0;
}

/** Two hashes as one whose bits all depend on all of theirs (the finaliser of MurmurHash3). */
function mix(key: number, endpoint: number): number {
	let hash = key ^ Math.imul(endpoint, 0x9e3779b1);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

export interface Weighted {
	/** `hashText` of its address. */
	readonly hash: number;
	readonly weight: number;
}

/**
 * The available candidate with the highest score. Of keys, each gets the share that its weight is of all weights (Schindelhauer and
 * Schomaker, "Weighted distributed hash tables").
 *
 * @returns undefined when none is available.
 */
export function ownerOf<Candidate extends Weighted>(
	key: string,
	candidates: readonly Candidate[],
	isAvailable: (candidate: Candidate) => boolean,
): Candidate | undefined {
	const hash = hashText(key);
	let owner: Candidate | undefined;
	let best = Number.NEGATIVE_INFINITY;
	for (const candidate of candidates) {
		// Above 0 and below 1.
		const unit = (mix(hash, candidate.hash) + 0.5) / 0x1_0000_0000;
		const score = -candidate.weight / Math.log(unit);
		if (score > best && isAvailable(candidate)) {
			best = score;
			owner = candidate;
		}
	}
	return owner;
}

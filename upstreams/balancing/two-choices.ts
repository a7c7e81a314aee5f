// The better one of two that are drawn at random (Mitzenmacher, "The power of two choices"): close to the best of all, without every
// process choosing the same one at the same time.

/** Draws at random before all are looked at in turn. */
const DRAWS = 4;

export interface Choice<Candidate> {
	readonly candidates: readonly Candidate[];
	readonly isAvailable: (candidate: Candidate) => boolean;
	/** The smaller, the better. */
	readonly cost: (candidate: Candidate) => number;
	/** From 0 to below 1. */
	readonly random: () => number;
}

/** @returns undefined when none is available. */
export function chooseOfTwo<Candidate>(choice: Choice<Candidate>): Candidate | undefined {
	const first = draw(choice, undefined);
	if (first === undefined) return undefined;
	const second = draw(choice, first);
	if (second === undefined) return first;
	return choice.cost(second) < choice.cost(first) ? second : first;
}

function draw<Candidate>(choice: Choice<Candidate>, other: Candidate | undefined): Candidate | undefined {
	const { candidates, isAvailable, random } = choice;
	const { length } = candidates;
	let start = 0;
	for (let attempt = 0; attempt < DRAWS && length > 0; attempt++) {
		start = Math.floor(random() * length);
		const candidate = candidates[start] as Candidate;
		if (candidate !== other && isAvailable(candidate)) return candidate;
	}
	// From a random place on, so that the one behind those that are not available does not get their calls as well.
	for (let step = 1; step <= length; step++) {
		const candidate = candidates[(start + step) % length] as Candidate;
		if (candidate !== other && isAvailable(candidate)) return candidate;
	}
	return undefined;
}

// The fewest messages of a failing case that still fail, and the fewest of many cases side by side.
import type { FuzzCase } from "./fuzz-case.ts";

/** Each attempt starts a gateway. */
const MAX_ATTEMPTS = 40;

/**
 * Leaves out messages, halves first.
 *
 * @returns the case as it was if it does not fail by itself.
 */
export async function smallest(
	fuzzCase: FuzzCase,
	fails: (candidate: FuzzCase) => Promise<boolean>,
): Promise<FuzzCase> {
	let attempts = 0;
	const stillFails = async (frames: FuzzCase["frames"]) => {
		return attempts++ < MAX_ATTEMPTS && (await fails({ ...fuzzCase, frames }));
	};
	let { frames } = fuzzCase;
	if (!(await stillFails(frames))) return fuzzCase;
	for (let size = Math.ceil(frames.length / 2); size >= 1; size = Math.floor(size / 2)) {
		for (let at = 0; at < frames.length && frames.length > 1; ) {
			const rest = [...frames.slice(0, at), ...frames.slice(at + size)];
			if (rest.length > 0 && (await stillFails(rest))) frames = rest;
			else at += size;
		}
	}
	return { ...fuzzCase, frames };
}

/** Cases by their indexes, both of them included. */
export interface Range {
	readonly first: number;
	readonly last: number;
}

/**
 * Halves what went wrong while many cases were in flight, as long as one of the halves goes wrong by itself.
 *
 * @returns undefined if not even the whole goes wrong again.
 */
export async function smallestRange(
	range: Range,
	fails: (candidate: Range) => Promise<boolean>,
): Promise<Range | undefined> {
	if (!(await fails(range))) return undefined;
	let { first, last } = range;
	while (first < last) {
		const middle = Math.floor((first + last) / 2);
		if (await fails({ first, last: middle })) last = middle;
		else if (await fails({ first: middle + 1, last })) first = middle + 1;
		else break;
	}
	return { first, last };
}

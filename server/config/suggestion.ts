// The known name that a mistyped one is closest to.

/** Levenshtein distance; names are short, so one row is all the memory it takes. */
function distance(left: string, right: string): number {
	let row = Array.from({ length: right.length + 1 }, (_, index) => index);
	for (let i = 1; i <= left.length; i++) {
		const next = [i];
		for (let j = 1; j <= right.length; j++) {
			const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
			next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[right.length] ?? 0;
}

const LONGEST = 100;

/** `, did you mean "port"?`, or nothing when no known name is near. */
export function suggestion(name: string, known: readonly string[]): string {
	if (name.length > LONGEST) return "";
	const plain = (text: string) => text.toLowerCase().replace(/[_-]/g, "");
	const ranked = known
		.map((candidate) => ({ candidate, far: distance(plain(name), plain(candidate)) }))
		.sort((a, b) => a.far - b.far);
	const best = ranked[0];
	if (best === undefined || best.far > Math.ceil(name.length / 3)) return "";
	return `, did you mean "${best.candidate}"?`;
}

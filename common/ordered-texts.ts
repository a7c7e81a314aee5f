// Texts in the order of their UTF-8 bytes, as databases have them: one more or less costs a search, and a page of them none of the rest.

export class OrderedTexts {
	private readonly texts: string[] = [];

	get size(): number {
		return this.texts.length;
	}

	/** A text that is there already stays. */
	add(text: string): void {
		const index = this.firstFrom(text);
		if (this.texts[index] !== text) this.texts.splice(index, 0, text);
	}

	delete(text: string): void {
		const index = this.firstFrom(text);
		if (this.texts[index] === text) this.texts.splice(index, 1);
	}

	/** From `text` on, itself included. Nothing may be added or deleted meanwhile. */
	*from(text: string): IterableIterator<string> {
		for (let index = this.firstFrom(text); index < this.texts.length; index++) yield this.texts[index] as string;
	}

	private firstFrom(text: string): number {
		let low = 0;
		let high = this.texts.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (compareUtf8(this.texts[middle] as string, text) < 0) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/** Below 0: `one` comes first. Texts have no halves of surrogate pairs. */
export function compareUtf8(one: string, other: string): number {
	const length = Math.min(one.length, other.length);
	for (let index = 0; index < length; index++) {
		const [left, right] = [one.charCodeAt(index), other.charCodeAt(index)];
		if (left !== right) return rank(left) - rank(right);
	}
	return one.length - other.length;
}

/** Code points beyond 65,535 are behind all others in UTF-8, and their surrogates in the middle in UTF-16. */
function rank(unit: number): number {
	return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

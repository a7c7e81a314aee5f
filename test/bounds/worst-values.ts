// The longest that texts, numbers and lists may be.

/** Six bytes in JSON for each, as texts of boxes and of chat may have. */
export const control = (length: number) => "\u0001".repeat(length);
/** A letter of four bytes, as names may have. */
export const wide = (length: number) => "\u{10400}".repeat(length);
/** Two bytes in JSON for each, as ids of clients may have. */
export const quotes = (length: number) => '"'.repeat(length);
export const many = <Item>(count: number, item: (index: number) => Item): Item[] =>
	Array.from({ length: count }, (_, i) => item(i));
export const uuid = (index: number) => `0198f0a2-7c31-7d6e-8a55-${String(index).padStart(12, "0")}`;
export const HUGE = Number.MAX_SAFE_INTEGER;

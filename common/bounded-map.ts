// Maps of bounded size in the order of last use, from which the entry that was used longest ago goes first.

/** Makes an entry the last one of a map, and drops the first ones beyond `max`. */
export function setLast<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, max: number): void {
	map.delete(key);
	map.set(key, value);
	dropFirst(map, max);
}

/** Drops the first entries of a map or set until it has no more than `max`. */
export function dropFirst<Key>(
	map: { readonly size: number; keys(): Iterable<Key>; delete(key: Key): boolean },
	max: number,
): void {
	if (map.size <= max) return;
	for (const key of map.keys()) {
		map.delete(key);
		if (map.size <= max) return;
	}
}

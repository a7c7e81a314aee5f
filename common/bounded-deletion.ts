// Removing what is old without keeping others waiting: some rows at a time, and so many rounds; the rest is for the next sweep.

export interface BoundedDeletion {
	/** Rows of one round. */
	readonly rows: number;
	readonly maxRounds: number;
	/** Once aborted, the round in progress is the last. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * Deletes in rounds, until a round finds less than it may delete.
 *
 * @param deleteSome - deletes up to `rows` rows. @returns how many there were.
 * @returns how many rows were deleted.
 * @throws what `deleteSome` throws; what earlier rounds deleted stays deleted.
 */
export async function deleteInRounds(
	{ rows, maxRounds, signal }: BoundedDeletion,
	deleteSome: (rows: number) => Promise<number>,
): Promise<number> {
	let deleted = 0;
	for (let round = 0; round < maxRounds && !signal?.aborted; round++) {
		const count = await deleteSome(rows);
		deleted += count;
		if (count < rows) break;
	}
	return deleted;
}

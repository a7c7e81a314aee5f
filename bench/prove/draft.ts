// A message of the proof on its way.

/** A message in flight, and its outcome. */
export interface Draft {
	readonly id: string;
	readonly sender: string;
	readonly number: number;
	sequence: number | undefined;
}

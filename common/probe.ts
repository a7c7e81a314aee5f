// Readiness: something outside the process that requests need.

export interface Probe {
	/** Shown by /ready: `redis`, `sql`. */
	readonly name: string;
	/** true: it is reported, and requests are served without it. */
	readonly isOptional?: boolean;
	/**
	 * Goes through the dependency and back.
	 *
	 * @throws when it does not answer in time or answers wrongly.
	 */
	check(): Promise<void>;
}

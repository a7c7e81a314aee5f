// Options that every command takes.

export interface CommonFlags {
	/** The YAML file. */
	readonly config?: string;
}

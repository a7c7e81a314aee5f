// Why a database cannot be used as it is. Somebody has to change something there.

export interface SchemaErrorOptions {
	/** The step of the migrations that failed. */
	readonly step?: string;
	/** true: no part of it will do, and waiting will not help. */
	readonly isUnsuitable?: boolean;
}

/** Its message is for operators: what is wrong, and the way out. No secrets. */
export class SchemaError extends Error {
	readonly step: string | undefined;
	readonly isUnsuitable: boolean;

	constructor(message: string, { step, isUnsuitable = false }: SchemaErrorOptions = {}) {
		super(message);
		this.name = "SchemaError";
		this.step = step;
		this.isUnsuitable = isUnsuitable;
	}
}

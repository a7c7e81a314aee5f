// What keeps a module from being served, for people: where, and what is wrong.

export interface ModuleProblem {
	readonly module: string;
	readonly message: string;
	/** Below the folder of modules, or absolute; undefined where it is about the module as such. */
	readonly file?: string;
	/** From 1. */
	readonly line?: number;
	/** From 1. */
	readonly column?: number;
}

export type Place = Pick<ModuleProblem, "file" | "line" | "column">;

/** `shop.ts:12:3: expected ";"` */
export function problemText({ module, message, file, line, column }: ModuleProblem): string {
	if (file === undefined) return `${module}: ${message}`;
	return `${file}${line === undefined ? "" : `:${line}:${column ?? 1}`}: ${message}`;
}

/** A module cannot be loaded or served. */
export class ModuleError extends Error {
	readonly problem: ModuleProblem;

	constructor(problem: ModuleProblem) {
		super(problemText(problem));
		this.name = "ModuleError";
		this.problem = problem;
	}
}

/** What was thrown, which need not be an error, nor anything that can be read. */
export function thrownText(thrown: unknown): { readonly message: string; readonly stack: string } {
	try {
		// Of another realm or not, an error is what has a stack.
		const { message, stack } = (thrown ?? {}) as { message?: unknown; stack?: unknown };
		const text = typeof message === "string" ? message : String(thrown);
		return { message: text, stack: typeof stack === "string" ? stack : "" };
	} catch {
		return { message: "what was thrown cannot be read", stack: "" };
	}
}

// A statement whose text depends on how many items it is about, and on nothing else of them. Its text is made once for each
// number: for a batch of chat messages the query builder takes longer than SQLite takes to run what it has built, and for what
// is asked every second it is most of what asking costs.
import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Tables } from "./schema.ts";

export class SizedStatement<Row = unknown> {
	private readonly build: (db: Kysely<Tables>, size: number) => Compilable<Row>;
	/** One for each size; the caller that runs the statement bounds the sizes. */
	private readonly texts = new Map<number, string>();
	/** The statement itself, for a caller that needs its kind. */
	private first: CompiledQuery<Row> | undefined;

	/** @param build - the statement about so many items, with any values of the right types for parameters. */
	constructor(build: (db: Kysely<Tables>, size: number) => Compilable<Row>) {
		this.build = build;
	}

	/**
	 * The statement about so many items, to be run.
	 *
	 * @param parameters - in the order in which they stand in the text.
	 * @throws Error when there are more or less of them than in the text.
	 */
	of(db: Kysely<Tables>, size: number, parameters: readonly unknown[]): CompiledQuery<Row> {
		const text = this.texts.get(size) ?? this.textOf(db, size, parameters.length);
		const compiled = this.first as CompiledQuery<Row>;
		return { ...compiled, sql: text, parameters };
	}

	/** Runs it. @throws Error as `of`, and what the database throws. */
	async run(db: Kysely<Tables>, size: number, parameters: readonly unknown[]): Promise<readonly Row[]> {
		return (await db.executeQuery<Row>(this.of(db, size, parameters))).rows;
	}

	private textOf(db: Kysely<Tables>, size: number, parameters: number): string {
		const compiled = this.build(db, size).compile();
		if (compiled.parameters.length !== parameters) {
			throw new Error(`a statement of ${compiled.parameters.length} parameters was given ${parameters}`);
		}
		this.first ??= compiled;
		this.texts.set(size, compiled.sql);
		return compiled.sql;
	}
}

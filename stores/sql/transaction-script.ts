// A transaction as a script: a generator that yields statements, is given their results, and returns what came of it. On SQLite it
// runs in the thread that owns the connection, so that the whole transaction costs one message; on other databases where it is
// called, each step of it in one message if the database permits. Nothing between two statements may wait for anything else.
import { CompiledQuery, type Kysely, type QueryResult } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import type { Tables } from "./schema.ts";
import type { Results, Statements } from "./statement-batch.ts";

export interface ScriptStep {
	readonly statements: readonly (CompiledQuery | undefined)[];
	/** Nothing follows in the transaction. */
	readonly commits: boolean;
}

export type Script<Result> = Generator<ScriptStep, Result, readonly QueryResult<unknown>[]>;

/**
 * @param db - to build statements with; they are run by yielding them.
 * @param blob - bytes that belong to the arguments.
 */
export type ScriptFunction<Args, Result> = (db: Kysely<Tables>, args: Args, blob: Uint8Array) => Script<Result>;

/** What the module of a script exports. */
export interface ScriptModule<Args, Result> {
	/** Once for each thread: what it returns may keep texts of statements. */
	createScript(dialect: SqlDialectName): ScriptFunction<Args, Result>;
}

/** A script, and the module that it is in. Arguments and result have to be JSON. */
export interface ScriptSource<Args, Result> {
	/** Imported by the thread of SQLite; the build makes a file of it. */
	readonly module: URL;
	readonly run: ScriptFunction<Args, Result>;
}

/** A script in the place of a statement, for SQLite's driver. The one row of the result is what the script returns. */
export class ScriptCall implements CompiledQuery<unknown> {
	readonly query: CompiledQuery["query"];
	readonly queryId: CompiledQuery["queryId"];
	readonly sql = "";
	readonly parameters = [];
	readonly module: string;
	readonly args: unknown;
	readonly blob: Uint8Array;
	/** As counted against what may wait. */
	readonly bytes: number;

	constructor(module: URL, { args, blob, bytes }: { args: unknown; blob: Uint8Array; bytes: number }) {
		({ query: this.query, queryId: this.queryId } = CompiledQuery.raw(""));
		this.module = module.href;
		this.args = args;
		this.blob = blob;
		this.bytes = bytes + blob.byteLength;
	}
}

/** Statements of a script that need no answer of each other: `const [one, other] = yield* together([…])`. */
export function* together<const Rows extends readonly unknown[]>(statements: Statements<Rows>): Script<Results<Rows>> {
	const list = statements as readonly (CompiledQuery | undefined)[];
	return (yield { statements: list, commits: false }) as unknown as Results<Rows>;
}

/** The last statements of a script, which need no answer of each other. */
export function* atLast(statements: ScriptStep["statements"]): Script<void> {
	yield { statements, commits: true };
}

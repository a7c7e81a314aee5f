// The module that a thread of SQLite loads to append chat messages: see stores/sql/transaction-script.ts.
import type { SqlDialectName } from "../../../stores/sql/database-url.ts";
import type { ScriptFunction } from "../../../stores/sql/transaction-script.ts";
import { type AppendArgs, type AppendOutcome, appendBatch } from "./chat-append-sql.ts";
import { ChatAppendStatements } from "./chat-append-statements.ts";

export function createScript(dialect: SqlDialectName): ScriptFunction<AppendArgs, AppendOutcome> {
	const statements = new ChatAppendStatements(dialect);
	return (db, args, contents) => appendBatch(db, statements, { args, contents });
}

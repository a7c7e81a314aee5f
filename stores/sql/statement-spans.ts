// A span for each statement that a recorded call runs, with what it does and to which table: its text has no values, and is left out all the
// same, as operators would pay for it with each span.
import type { CompiledQuery, LogEvent } from "kysely";
import { problemOf, type Tracer } from "../../common/tracing.ts";
import type { SqlDialectName } from "./database-url.ts";
import { StatementBatch } from "./statement-batch.ts";
import { ScriptCall } from "./transaction-script.ts";

/** Names of OpenTelemetry's database conventions. */
const SYSTEMS: Readonly<Record<SqlDialectName, string>> = { postgres: "postgresql", mysql: "mysql", sqlite: "sqlite" };

/** The first table that a statement names. */
const TABLE = /\b(?:from|into|update|table)\s+(?:if\s+(?:not\s+)?exists\s+)?["`]?([A-Za-z_][A-Za-z0-9_]*)["`]?/i;
const OPERATION = /^[\s(]*([A-Za-z]+)/;
/** Texts of statements whose summary is known; they are few, as values are no part of them. */
const MAX_KNOWN = 1000;

/** What Kysely is to call with each statement that has ended. */
export function statementSpans(dialect: SqlDialectName, tracer: Tracer): (event: LogEvent) => void {
	const known = new Map<string, { readonly operation: string; readonly summary: string }>();
	const describe = (sql: string) => {
		let found = known.get(sql);
		if (found === undefined) {
			const operation = (OPERATION.exec(sql)?.[1] ?? "SQL").toUpperCase();
			const table = TABLE.exec(sql)?.[1];
			found = { operation, summary: table === undefined ? operation : `${operation} ${table}` };
			if (known.size >= MAX_KNOWN) known.clear();
			known.set(sql, found);
		}
		return found;
	};
	return (event) => {
		const scope = tracer.current();
		if (scope === undefined) return;
		const { operation, summary } = describeQuery(event.query, describe);
		const span = scope.child(
			summary,
			"client",
			{ "db.system.name": SYSTEMS[dialect], "db.operation.name": operation, "db.query.summary": summary },
			event.queryDurationMillis,
		);
		if (span === undefined) return;
		if (event.query instanceof StatementBatch) span.set("db.operation.batch.size", event.query.statements.length);
		span.end(event.level === "error" ? problemOf(event.error) : undefined);
	};
}

function describeQuery(query: CompiledQuery, describe: (sql: string) => { operation: string; summary: string }) {
	if (query instanceof ScriptCall) {
		const name = query.module.slice(query.module.lastIndexOf("/") + 1).replace(/\.[a-z]+$/, "");
		return { operation: "SCRIPT", summary: `SCRIPT ${name}` };
	}
	if (!(query instanceof StatementBatch)) return describe(query.sql);
	const [first] = query.statements;
	const { operation, summary } = first === undefined ? { operation: "SQL", summary: "SQL" } : describe(first.sql);
	return { operation: `BATCH ${operation}`, summary: `BATCH ${summary}` };
}

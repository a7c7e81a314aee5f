// What every table of the schema has in common, so that the steps need not import each other.
import { type RawBuilder, sql } from "kysely";
import type { SqlDialectName } from "./database-url.ts";

/** MySQL's default collations call é and e the same letter, which would make two users' names one. */
export function tableOptions(dialect: SqlDialectName): RawBuilder<unknown> {
	return dialect === "mysql" ? sql`engine=innodb character set utf8mb4 collate utf8mb4_bin` : sql``;
}

/** A column type for up to 65,535 bytes. */
export function bytesType(dialect: SqlDialectName): "bytea" | "blob" {
	return dialect === "postgres" ? "bytea" : "blob";
}

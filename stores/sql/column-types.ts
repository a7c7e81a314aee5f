// Types of columns that several tables have.
import type { ColumnType } from "kysely";

/** Some drivers give 64-bit integers as strings; `Number()` on read. */
export type Int64 = ColumnType<number | string, number, number>;
/** The same, 0 unless given. */
export type Int64From0 = ColumnType<number | string, number | undefined, number>;

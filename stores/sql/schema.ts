// The tables as kysely sees them. Rows use the column types that all dialects share: text and integers.
import type { ColumnType } from "kysely";

/** Some drivers give 64-bit integers as strings; `Number()` on read. */
type Int64 = ColumnType<number | string, number, number>;

export interface UsersTable {
	id: string;
	username: string;
	username_key: string;
	email: string;
	email_key: string;
	nickname: string;
	password_hash: string;
	/** JSON array of strings. */
	roles: string;
	status: string;
	created_at_ms: Int64;
	updated_at_ms: Int64;
}

export interface PasswordResetsTable {
	user_id: string;
	code_hash: string;
	expires_at_ms: Int64;
	attempts_left: number;
}

export interface Tables {
	users: UsersTable;
	password_resets: PasswordResetsTable;
}

// Whether a database refused to write because its storage is full, read-only or broken, as each driver says it.

export type StorageProblem = "full" | "read-only" | "failing";

export interface StorageFailure {
	readonly problem: StorageProblem;
	/** As the database names it: `SQLITE_FULL`, `53100`, `ER_RECORD_FILE_FULL`. */
	readonly code: string;
}

/**
 * SQLite's result codes; SQLSTATE of PostgreSQL (53100 disk_full, 25006 read_only_sql_transaction, 58030 io_error); names of
 * MySQL's and MariaDB's errors 1021, 1114, 1290, 1836, 1792, 1026 and 3. A disk quota (EDQUOT) is an I/O error to all of them.
 */
const problems: ReadonlyMap<string, StorageProblem> = new Map([
	["SQLITE_FULL", "full"],
	["53100", "full"],
	["ER_DISK_FULL", "full"],
	["ER_RECORD_FILE_FULL", "full"],
	["25006", "read-only"],
	["ER_OPTION_PREVENTS_STATEMENT", "read-only"],
	["ER_READ_ONLY_MODE", "read-only"],
	["ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", "read-only"],
	["58030", "failing"],
	["ER_ERROR_ON_WRITE", "failing"],
	["EE_WRITE", "failing"],
]);

/** Statements that only read fail with these, too, when the disk is broken. */
const prefixes: readonly (readonly [string, StorageProblem])[] = [
	["SQLITE_READONLY", "read-only"],
	["SQLITE_IOERR", "failing"],
];

/** ENOSPC and EDQUOT, as MySQL and MariaDB put them in words: `Got error 28 "No space left on device"`. */
const NO_SPACE = /\b(?:errno|error):? (?:28|122)\b|No space left on device|Disk quota exceeded|Disk full/;

const MAX_CAUSES = 5;

/** @returns undefined when the error, and what caused it, is about something else. */
export function storageFailure(error: unknown): StorageFailure | undefined {
	let current = error;
	for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
		const { code } = current as { readonly code?: unknown };
		if (typeof code === "string") {
			const problem = problems.get(code) ?? prefixes.find(([prefix]) => code.startsWith(prefix))?.[1];
			if (problem !== undefined) return { problem, code };
			if (NO_SPACE.test(current.message)) return { problem: "full", code };
		}
		current = current.cause;
	}
	return undefined;
}

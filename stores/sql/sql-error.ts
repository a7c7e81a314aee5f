// What an error of a database is about, as each driver says it: the request, which will fail again however often it is repeated,
// or the database, which may recover.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";

/** `data`: a value that no column takes. `conflict`: a key or a constraint. `size`: more than one statement may hold. */
export type RequestFault = "data" | "conflict" | "size";

interface DriverError {
	/** PostgreSQL: SQLSTATE. MySQL and MariaDB: the error's name. SQLite: the result code's name. */
	readonly code?: unknown;
	/** MySQL and MariaDB. */
	readonly sqlState?: unknown;
	readonly errno?: unknown;
}

const MAX_CAUSES = 5;

/** MySQL's and MariaDB's names; their SQLSTATE is HY000, which says nothing, or that of a broken connection. */
const mysqlFaults: ReadonlyMap<string, RequestFault> = new Map([
	["ER_NET_PACKET_TOO_LARGE", "size"],
	["ER_WARN_ALLOWED_PACKET_OVERFLOWED", "size"],
	["ER_PS_MANY_PARAM", "size"],
	["ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", "data"],
	["ER_CANNOT_CONVERT_STRING", "data"],
	["ER_INVALID_CHARACTER_STRING", "data"],
]);

/** SQLite: https://www.sqlite.org/rescode.html. Extended codes begin with these. */
const sqliteFaults: readonly (readonly [string, RequestFault])[] = [
	["SQLITE_CONSTRAINT", "conflict"],
	["SQLITE_TOOBIG", "size"],
	["SQLITE_MISMATCH", "data"],
	["SQLITE_RANGE", "data"],
];

/** Classes of SQLSTATE, ISO/IEC 9075-2 and https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const stateFaults: ReadonlyMap<string, RequestFault> = new Map([
	["22", "data"],
	["23", "conflict"],
	["54", "size"],
]);

/** SQLSTATE of an error of PostgreSQL, MySQL or MariaDB; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
	const { code, sqlState: state } = (error ?? {}) as DriverError;
	const text = typeof state === "string" ? state : code;
	return typeof text === "string" && /^[0-9A-Z]{5}$/.test(text) ? text : undefined;
}

/** @returns undefined when the error, and what caused it, is not about the request. */
export function requestFault(error: unknown): RequestFault | undefined {
	let current = error;
	for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
		const { code } = current as DriverError;
		const name = typeof code === "string" ? code : "";
		const fault =
			mysqlFaults.get(name) ??
			sqliteFaults.find(([prefix]) => name.startsWith(prefix))?.[1] ??
			stateFaults.get(sqlState(current)?.slice(0, 2) ?? "");
		if (fault !== undefined) return fault;
		current = current.cause;
	}
	return undefined;
}

const replies: Readonly<Record<RequestFault, readonly [code: ErrorCode, message: string]>> = {
	data: [ErrorCode.VALIDATION_FAILED, "a value is none that can be stored"],
	conflict: [ErrorCode.CONFLICT, "what is stored has changed meanwhile"],
	size: [ErrorCode.PAYLOAD_TOO_LARGE, "more than can be stored at once"],
};

/** What the client gets: an error that is not to be repeated. */
export function requestFaultError(fault: RequestFault, cause: unknown): GatewayError {
	const [code, message] = replies[fault];
	return new GatewayError(code, message, { cause });
}

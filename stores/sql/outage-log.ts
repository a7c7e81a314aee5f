// Log lines about a SQL server that cannot be reached: one when it goes and one when it is back, however many requests and idle
// connections find out.
import { type Logger, withoutStack } from "../../common/logger.ts";
import { sqlState } from "./sql-error.ts";

/**
 * SQLSTATE: connection exceptions, refused logins and databases that are not there, insufficient resources such as connections (a full
 * disk is no outage: it still reads), operator intervention.
 */
const STATES = /^(?:08|28|3D|53(?!100)|57P)/;
/** Of the system, of Node.js (`ECONNREFUSED`), and of mysql2; not those of MySQL itself (`ER_LOCK_WAIT_TIMEOUT`, `EE_WRITE`). */
const CODES = /^(?:E(?![ER]_)[A-Z_]{3,}|PROTOCOL_CONNECTION_LOST)$/;
/** MySQL and MariaDB end a session, or do not begin one. */
const MYSQL_CODES: ReadonlySet<unknown> = new Set([
	"ER_CON_COUNT_ERROR",
	"ER_TOO_MANY_USER_CONNECTIONS",
	"ER_USER_LIMIT_REACHED",
	"ER_OUT_OF_RESOURCES",
	"ER_ACCESS_DENIED_ERROR",
	"ER_DBACCESS_DENIED_ERROR",
	"ER_BAD_DB_ERROR",
	"ER_HOST_IS_BLOCKED",
	"ER_HOST_NOT_PRIVILEGED",
	"ER_SERVER_SHUTDOWN",
	"ER_CONNECTION_KILLED",
	"ER_NEW_ABORTING_CONNECTION",
]);
/** Of pg, which gives these no code. */
const TEXTS =
	/^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

function isOutage(error: unknown): error is Error {
	if (!(error instanceof Error)) return false;
	const { code } = error as { code?: unknown };
	return (
		(typeof code === "string" && CODES.test(code)) ||
		MYSQL_CODES.has(code) ||
		STATES.test(sqlState(error) ?? "") ||
		TEXTS.test(error.message)
	);
}

export class SqlOutageLog {
	private readonly logger: Logger;
	private readonly address: string;
	private isDown = false;

	/** @param address - that operators know the server by. */
	constructor(logger: Logger, address: string) {
		this.logger = logger;
		this.address = address;
	}

	/** What a statement or a connection failed with. */
	failed(error: unknown): void {
		if (this.isDown || !isOutage(error)) return;
		this.isDown = true;
		this.logger.warn({ err: withoutStack(error), address: this.address }, "the SQL database is unavailable");
	}

	/** A failure that somebody else logs. */
	began(error: unknown): void {
		this.isDown ||= isOutage(error);
	}

	/** A statement has succeeded. */
	succeeded(): void {
		if (!this.isDown) return;
		this.isDown = false;
		this.logger.info({ address: this.address }, "the SQL database is available");
	}
}

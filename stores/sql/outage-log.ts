// Log lines about a SQL server that cannot be reached: one when it goes and one when it is back, however many requests and idle
// connections find out.
import { type Logger, withoutStack } from "../../common/logger.ts";
import { sqlState } from "./sql-error.ts";

/** Classes of SQLSTATE: connection exception, insufficient resources such as connections, operator intervention. */
const STATES = /^(?:08|53|57P)/;
/** Of the system, of Node.js (`ECONNREFUSED`), and of mysql2. */
const CODES = /^(?:E[A-Z_]{3,}|PROTOCOL_CONNECTION_LOST|ER_CON_COUNT_ERROR|ER_SERVER_SHUTDOWN)$/;
/** Of pg, which gives these no code. */
const TEXTS =
	/^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

function isOutage(error: unknown): error is Error {
	if (!(error instanceof Error)) return false;
	const { code } = error as { code?: unknown };
	return (
		(typeof code === "string" && CODES.test(code)) || STATES.test(sqlState(error) ?? "") || TEXTS.test(error.message)
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

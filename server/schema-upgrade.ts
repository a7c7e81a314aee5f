// Brings the SQL schema up to date at start. A database that is down does not keep the process from starting: the
// upgrade is retried until the database is reachable, and until then the process is not ready.
import type { Logger } from "../common/logger.ts";
import type { Probe } from "../common/probe.ts";
import type { Database } from "../stores/sql/database.ts";
import { SchemaError } from "../stores/sql/schema-error.ts";

const MAX_PAUSE_MS = 5_000;

export class SchemaUpgrade {
	readonly probe: Probe;
	private readonly database: Database;
	private readonly logger: Logger;
	private done = false;
	/** What somebody has to change in the database; undefined while nothing of that kind is known. */
	private problem: string | undefined = undefined;
	private timer: NodeJS.Timeout | undefined = undefined;
	private closed = false;

	constructor(database: Database, logger: Logger) {
		this.database = database;
		this.logger = logger;
		this.probe = {
			name: "schema",
			check: async () => {
				if (this.done) return;
				throw new Error(["the SQL schema is not up to date yet", this.problem].filter(Boolean).join(": "));
			},
		};
	}

	/**
	 * Tries once, and retries in the background if the database is unreachable, or a step fails.
	 *
	 * @throws GatewayError when the database is a file, SchemaError when it cannot hold the data: waiting would not help.
	 */
	async begin(): Promise<void> {
		try {
			await this.upgrade();
		} catch (error) {
			const isFinal = error instanceof SchemaError && error.isUnsuitable;
			if (this.database.dialect === "sqlite" || isFinal) throw error;
			if (!this.isNewProblem(error)) {
				this.logger.warn({ err: error }, "the SQL database is unreachable; starting without it");
			}
			this.tryAgain(500);
		}
	}

	close(): void {
		this.closed = true;
		clearTimeout(this.timer);
	}

	private async upgrade(): Promise<void> {
		const steps = await this.database.migrate();
		this.done = true;
		if (steps.length > 0) this.logger.info({ steps }, "SQL schema upgraded");
	}

	/** Logs what somebody has to change, once. */
	private isNewProblem(error: unknown): boolean {
		const problem = error instanceof SchemaError ? error.message : undefined;
		const isNew = problem !== undefined && problem !== this.problem;
		if (isNew) this.logger.error({ err: error }, "the SQL schema could not be brought up to date; trying again");
		this.problem = problem;
		return isNew;
	}

	private tryAgain(pauseMs: number): void {
		if (this.closed) return;
		this.timer = setTimeout(() => {
			this.upgrade().then(
				() => this.logger.info({}, "the SQL database is there"),
				(error: unknown) => {
					this.isNewProblem(error);
					this.tryAgain(Math.min(pauseMs * 2, MAX_PAUSE_MS));
				},
			);
		}, pauseMs);
	}
}

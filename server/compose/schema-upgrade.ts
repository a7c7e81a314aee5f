// Brings the SQL schema up to date at start. A database that is down does not keep the process from starting: the
// upgrade is retried until the database is reachable, and until then the process is not ready.
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import type { Database } from "../../stores/sql/database.ts";

const MAX_PAUSE_MS = 5_000;

export class SchemaUpgrade {
	readonly probe: Probe;
	private readonly database: Database;
	private readonly logger: Logger;
	private done = false;
	private timer: NodeJS.Timeout | undefined = undefined;
	private closed = false;

	constructor(database: Database, logger: Logger) {
		this.database = database;
		this.logger = logger;
		this.probe = {
			name: "schema",
			check: async () => {
				if (!this.done) throw new Error("the SQL schema is not up to date yet");
			},
		};
	}

	/**
	 * Tries once, and retries in the background if the database is unreachable.
	 *
	 * @throws GatewayError when the database is a file: waiting would not help.
	 */
	async begin(): Promise<void> {
		try {
			await this.upgrade();
		} catch (error) {
			if (this.database.dialect === "sqlite") throw error;
			this.logger.warn({ err: error }, "the SQL database is unreachable; starting without it");
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

	private tryAgain(pauseMs: number): void {
		if (this.closed) return;
		this.timer = setTimeout(() => {
			this.upgrade().then(
				() => this.logger.info({}, "the SQL database is there"),
				() => this.tryAgain(Math.min(pauseMs * 2, MAX_PAUSE_MS)),
			);
		}, pauseMs);
	}
}

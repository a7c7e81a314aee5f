// The PostgreSQL of a scenario, with the faults that a scenario can cause.
import { rmSync } from "node:fs";
import { freeze } from "../../test/support/freeze.ts";
import { startPostgres } from "../../test/support/postgres-server.ts";

export interface Postgres {
	readonly url: string;
	/** Halts all its processes, which keep their connections. Returns a function that continues them. */
	pause(): Promise<() => void>;
	/** Ends it as a crash would: every connection breaks, and the next start recovers from its log. */
	crash(): Promise<void>;
	/** With the data that it had. */
	startAgain(): Promise<void>;
	stop(): Promise<void>;
}

export async function startProvingPostgres(): Promise<Postgres> {
	let server = await startPostgres({ keepData: true });
	const { url, directory, port } = server;
	return {
		url,
		pause: () => freeze(server.pid),
		crash: () => server.stop(),
		startAgain: async () => {
			server = await startPostgres({ keepData: true, resume: { directory, port } });
		},
		stop: async () => {
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** In the place of one where nodes keep everything in what is embedded. */
export function noPostgres(): Postgres {
	const missing = (): never => {
		throw new Error("this scenario has no PostgreSQL");
	};
	return { url: "", pause: missing, crash: missing, startAgain: missing, stop: async () => {} };
}

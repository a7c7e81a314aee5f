// `framegate migrate`: the tables, without anything else of the gateway. For deployments whose gateways may not alter
// tables, or that want to do so ahead of a roll-out.
import process from "node:process";
import { openDatabase } from "../../stores/sql/database.ts";
import { loadConfig } from "../config/load.ts";
import type { CommonFlags } from "./flags.ts";
import { commandLogger } from "./open-accounts.ts";

/** Brings the tables up to date and says what that took. */
export async function migrate({ config: file }: CommonFlags): Promise<void> {
	const config = loadConfig({ file });
	const { url, timeoutMs } = config.database;
	// One caller, and steps that may have much to do.
	const options = { url, maxConnections: 1, connectTimeoutMs: timeoutMs };
	const database = openDatabase(options, await commandLogger(config));
	try {
		const steps = await database.migrate();
		const done = steps.length === 0 ? "nothing to do" : `applied ${steps.join(", ")}`;
		process.stdout.write(`the ${database.dialect} database is up to date: ${done}\n`);
	} finally {
		await database.close();
	}
}

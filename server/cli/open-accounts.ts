// What a command needs to work on accounts beside a running gateway: the configuration, a quiet logger, the services.
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import type { Probe } from "../../common/probe.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger, type RootLogger } from "../logging/logger.ts";
import type { CommonFlags } from "./flags.ts";

/** A command answers on standard output; its log, on standard error, is for those who ask for debug. */
export function commandLogger(config: Config): Promise<RootLogger> {
	const isAsked = config.log.level === "debug" || config.log.level === "trace";
	const log = { ...config.log, level: isAsked ? config.log.level : ("silent" as const) };
	return createLogger({ ...config, log }, { write: (line) => process.stderr.write(line) });
}

type OpenAccounts = Awaited<ReturnType<typeof import("../compose/accounts.ts").openAccounts>>;

const POLL_INTERVAL_MS = 20;

/**
 * Waits for stores that are still connecting: a gateway starts without them, a command cannot do without.
 *
 * @throws what the probe says, when the store is not there in time.
 */
async function whenReady(probe: Probe, limitMs: number): Promise<void> {
	const deadlineMs = performance.now() + limitMs;
	for (;;) {
		try {
			return await probe.check();
		} catch (error) {
			if (performance.now() >= deadlineMs) throw error;
			await setTimeout(POLL_INTERVAL_MS);
		}
	}
}

/** Opens the accounts for as long as `work` takes. */
export async function withAccounts<Result>(
	{ config: file }: CommonFlags,
	work: (open: OpenAccounts, config: Config) => Promise<Result>,
): Promise<Result> {
	const config = loadConfig({ file });
	const { openAccounts } = await import("../compose/accounts.ts");
	// What operators do is done on a disk that is nearly full, too.
	const storage = { ...config.storage, reserveBytes: 0, ballastBytes: 0 };
	const open = await openAccounts({ ...config, storage }, await commandLogger(config));
	try {
		// The first account may be wanted before the gateway has ever run.
		await open.stores.database.migrate();
		const { probes } = open.stores;
		await Promise.all(probes.map((probe) => whenReady(probe, config.redis.connectTimeoutMs)));
		return await work(open, config);
	} finally {
		await open.close();
	}
}

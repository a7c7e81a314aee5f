// How a long-running command handles signals and uncaught errors.
import { constants } from "node:os";
import process from "node:process";
import { canBeOfModule } from "../../services/modules/source-positions.ts";
import { addressFileDigests } from "../config/addresses.ts";
import { type Config, ConfigError } from "../config/config.ts";
import { type ConfigReload, reloadConfig } from "../config/reload.ts";
import type { RootLogger } from "../logging/logger.ts";

/** Exit code of a process that a signal ended, as shells count it. */
export function signalExitCode(signal: "SIGTERM" | "SIGINT"): number {
	return 128 + constants.signals[signal];
}

/**
 * One request arrives more than once within milliseconds: a terminal, `timeout` and `kill -- -GROUP` signal every process of a
 * group, and npm passes on what its child has received already.
 */
const SAME_REQUEST_MS = 1000;

/**
 * Handles SIGTERM and SIGINT.
 *
 * @param onFirst the request to stop.
 * @param onAgain a second request, a second or more after the first: the process is to exit without waiting for the drain.
 * @param now monotonic milliseconds.
 */
export function onStopSignals(
	signals: readonly ("SIGTERM" | "SIGINT")[],
	onFirst: (signal: "SIGTERM" | "SIGINT") => void,
	onAgain: (signal: "SIGTERM" | "SIGINT") => void,
	now: () => number = () => performance.now(),
): void {
	let askedAtMs: number | undefined;
	for (const signal of signals) {
		process.on(signal, () => {
			if (askedAtMs === undefined) {
				askedAtMs = now();
				onFirst(signal);
			} else if (now() - askedAtMs >= SAME_REQUEST_MS) onAgain(signal);
		});
	}
}

/**
 * An uncaught error leaves the process in an unknown state: it logs the error and exits, unless a module alone is concerned.
 *
 * @param hasModules - code of modules may run in this process.
 */
export function exitOnUncaught(logger: RootLogger, hasModules: () => boolean = () => false): void {
	const die = (err: unknown, origin: string): never => {
		logger.fatal({ err, origin }, "uncaught error, exiting");
		logger.flush();
		return process.exit(1);
	};
	process.on("uncaughtException", (error, origin) => die(error, origin));
	process.on("unhandledRejection", (reason) => {
		// A promise that a module does not wait for says nothing about the state of the gateway.
		if (!hasModules() || !canBeOfModule(reason)) return die(reason, "unhandledRejection");
		const text = "a promise of a module was rejected, and nothing waited for it";
		try {
			logger.error({ err: reason }, text);
		} catch {
			// A value that cannot be read.
			logger.error({}, text);
		}
	});
}

/**
 * Makes the function that applies the settings that can change while the process runs. An invalid configuration changes
 * nothing.
 *
 * @param load reads the configuration again.
 * @param apply gets the new configuration.
 * @returns a function that does it, and says what became of it.
 */
export function createReload(
	config: Config,
	logger: RootLogger,
	load: () => Config,
	apply: (config: Config) => void,
): () => ConfigReload {
	let current = config;
	const digests = addressFileDigests(config);
	return () => {
		try {
			const loaded = load();
			const { config: next, applied, ignored } = reloadConfig(current, loaded);
			const renewed = [...addressFileDigests(loaded)].filter(([key, digest]) => digests.get(key) !== digest);
			// The level comes first: what is logged at all depends on it in places.
			logger.setLevel(next.log.level);
			apply(next);
			current = next;
			logger.info({ applied }, "configuration reloaded");
			// An address is the same, and a certificate that it names is another.
			const waiting = [...new Set([...ignored, ...renewed.map(([key]) => key)])];
			if (waiting.length > 0) logger.warn({ ignored: waiting }, "these changes take effect at the next start");
			return { applied, ignored: waiting, problems: [] };
		} catch (error) {
			const fields = error instanceof ConfigError ? { problems: error.problems } : { err: error };
			logger.error(fields, "configuration not reloaded, the old one stays");
			const problems =
				error instanceof ConfigError ? error.problems : [{ key: "", message: String(error), source: "" }];
			return { applied: [], ignored: [], problems };
		}
	};
}

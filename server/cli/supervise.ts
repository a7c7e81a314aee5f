// The process above the workers: it serves no client itself, so that little can go wrong with it.
import { fork } from "node:child_process";
import process from "node:process";
import { assertPortFree } from "../cluster/port-check.ts";
import { Supervisor, supervisorDefaults } from "../cluster/supervisor.ts";
import type { Config } from "../config/config.ts";
import { configWarnings } from "../config/rules.ts";
import { workerEnvironment } from "../config/worker-environment.ts";
import type { RootLogger } from "../logging/logger.ts";
import { createReload, exitOnUncaught, onStopSignals, signalExitCode } from "./process-signals.ts";
import { killLimitMs } from "./serve.ts";

export interface SuperviseSetup {
	readonly config: Config;
	readonly logger: RootLogger;
	/** Reads the configuration again. */
	readonly reload: () => Config;
}

function createSupervisor({ config, logger }: SuperviseSetup): Supervisor {
	const [, entry = "", ...args] = process.argv;
	// A debugger's port can be had once.
	const execArgv = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
	return new Supervisor({
		...supervisorDefaults,
		workers: config.server.workers,
		logger,
		drainLimitMs: killLimitMs(config),
		fork: (slot, generation) => fork(entry, args, { env: workerEnvironment(config, slot, generation), execArgv }),
	});
}

/**
 * Workers share their ports with their successors, so that none of them notices another gateway there: its scrapes, and its clients,
 * would go to either.
 */
async function assertPortsFree({ host, port, metricsPort, workers }: Config["server"]): Promise<void> {
	await assertPortFree(host, port);
	if (metricsPort === 0) return;
	for (let slot = 0; slot < workers; slot++) await assertPortFree(host, metricsPort + slot);
}

/**
 * Runs `server.workers` processes of the gateway until SIGTERM or SIGINT. SIGHUP goes to all of them, SIGUSR2 replaces
 * them one at a time.
 *
 * @returns the exit code: 0 after an ordered end, 1 when a worker never comes to listen.
 * @throws ListenError when the port is taken.
 */
export async function supervise(setup: SuperviseSetup): Promise<number> {
	const { config, logger } = setup;
	exitOnUncaught(logger);
	for (const warning of configWarnings(config)) logger.warn({}, warning);
	await assertPortsFree(config.server);
	const supervisor = createSupervisor(setup);
	let exitCode: number | undefined;
	onStopSignals(
		["SIGTERM", "SIGINT"],
		(signal) => {
			logger.info({ reason: signal }, "draining all workers");
			supervisor.stop();
		},
		(signal) => {
			logger.warn({}, `${signal} again, killing all workers`);
			exitCode = signalExitCode(signal);
			supervisor.kill();
		},
	);
	const reload = createReload(config, logger, setup.reload, () => supervisor.reload());
	process.on("SIGHUP", reload);
	process.on("SIGUSR2", () => void supervisor.roll());
	logger.info({ workers: config.server.workers }, "supervisor started");
	const ended = await supervisor.run();
	return exitCode ?? ended;
}

// One process of the gateway, from start to end: alone, or as a worker under a supervisor.
import process from "node:process";
import type { Logger } from "../../ports/logger.ts";
import { assertPortFree } from "../cluster/port-check.ts";
import { connectToSupervisor } from "../cluster/worker-link.ts";
import type { Config } from "../config/config.ts";
import { configWarnings } from "../config/rules.ts";
import type { RootLogger } from "../logging/logger.ts";
import { exitOnUncaught, onStopSignals, reloadOnHangup, signalExitCode } from "./process-signals.ts";

/** The gateway, as the command that runs it sees it. */
export interface RunnableGateway {
	/** Resolves when it listens. */
	start(): Promise<{ readonly host: string; readonly port: number }>;
	/** Sends clients elsewhere and finishes what they asked for. */
	drain(reason: string): Promise<void>;
	reload(config: Config): void;
	close(): Promise<void>;
}

export interface ServeSetup {
	readonly config: Config;
	readonly logger: RootLogger;
	/** Reads the configuration again. */
	readonly reload: () => Config;
	readonly createGateway: (config: Config, logger: Logger) => Promise<RunnableGateway>;
	readonly isWorker: boolean;
}

/** What draining may take beyond its window and the requests in flight. */
const SLACK_MS = 5000;

/** Longest time that a drain may take. */
export function drainLimitMs({ limits }: Config): number {
	return limits.drainWindowMs + limits.requestTimeoutMs + SLACK_MS;
}

function leaveAtOnce(logger: RootLogger, message: string, exitCode: number): never {
	logger.warn({}, message);
	logger.flush();
	return process.exit(exitCode);
}

/** Resolves, with the reason, when somebody wants this process to end. */
function stopRequest({ config, logger, isWorker }: ServeSetup): { readonly requested: Promise<string>; ready(): void } {
	const link = isWorker ? connectToSupervisor() : undefined;
	const requested = new Promise<string>((resolve) => {
		// A worker leaves SIGINT to its supervisor: a terminal sends it to both.
		if (isWorker) process.on("SIGINT", () => {});
		onStopSignals(isWorker ? ["SIGTERM"] : ["SIGTERM", "SIGINT"], resolve, (signal) => {
			leaveAtOnce(logger, `${signal} again, leaving at once`, signalExitCode(signal));
		});
		process.on("SIGUSR2", () => {
			logger.warn({}, "SIGUSR2 is for a supervisor: it replaces workers one at a time");
		});
		link?.onDrain(() => resolve("supervisor"));
		link?.onSupervisorGone(() => leaveAtOnce(logger, "the supervisor is gone", 1));
	});
	void requested.then(() => {
		const limitMs = drainLimitMs(config);
		setTimeout(() => leaveAtOnce(logger, `not drained after ${limitMs} ms, leaving`, 1), limitMs).unref();
	});
	return { requested, ready: () => link?.reportListening() };
}

function announce({ config, logger }: ServeSetup, { host, port }: { host: string; port: number }): void {
	const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
	const s = config.server.tls.certFile === undefined ? "" : "s";
	const fields = {
		websocket: `ws${s}://${shown}:${port}/ws`,
		http: `http${s}://${shown}:${port}/`,
		profile: config.profile,
	};
	logger.info(fields, `framegate is listening on ${host}:${port}`);
}

/**
 * Runs a gateway until SIGTERM, SIGINT or the supervisor ends it.
 *
 * @returns the exit code.
 * @throws ListenError when the port is taken; whatever keeps the gateway from starting.
 */
export async function serve(setup: ServeSetup): Promise<number> {
	const { config, logger, isWorker } = setup;
	exitOnUncaught(logger);
	const { requested, ready } = stopRequest(setup);
	if (!isWorker) {
		for (const warning of configWarnings(config)) logger.warn({}, warning);
		await assertPortFree(config.server.host, config.server.port);
	}
	const gateway = await setup.createGateway(config, logger);
	try {
		announce(setup, await gateway.start());
		ready();
		reloadOnHangup(config, logger, setup.reload, (next) => gateway.reload(next));
		const reason = await requested;
		logger.info({ reason }, "draining");
		await gateway.drain(reason);
		logger.info({}, "drained");
	} finally {
		await gateway.close();
	}
	return 0;
}

// One process of the gateway, from start to end: alone, or as a worker under a supervisor.
import { existsSync } from "node:fs";
import process from "node:process";
import type { Logger } from "../../common/logger.ts";
import { assertPortFree } from "../cluster/port-check.ts";
import { connectToSupervisor } from "../cluster/worker-link.ts";
import type { Config } from "../config/config.ts";
import type { ConfigReload } from "../config/reload.ts";
import { configWarnings } from "../config/rules.ts";
import type { RootLogger } from "../logging/logger.ts";
import { createReload, exitOnUncaught, onStopSignals, signalExitCode } from "./process-signals.ts";

/** The gateway, as the command that runs it sees it. */
export interface RunnableGateway {
	/** Resolves when it listens. */
	start(): Promise<{ readonly host: string; readonly port: number }>;
	/** Asks clients to reconnect to other nodes, and finishes the requests in flight. */
	drain(reason: string): Promise<void>;
	reload(config: Config): void;
	close(): Promise<void>;
}

/** What the gateway asks of the process that it runs in. */
export interface GatewayOperations {
	/** Reads the configuration again, and applies it. */
	readonly reloadConfig: () => ConfigReload;
}

export interface ServeSetup {
	readonly config: Config;
	readonly logger: RootLogger;
	/** Reads the configuration again. */
	readonly reload: () => Config;
	readonly createGateway: (config: Config, logger: Logger, surroundings: GatewayOperations) => Promise<RunnableGateway>;
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

/** A worker leaves by itself within the drain limit; only one that hangs is killed. */
const KILL_SLACK_MS = 2000;

/** When a supervisor kills a worker that drains. */
export function killLimitMs(config: Config): number {
	return drainLimitMs(config) + KILL_SLACK_MS;
}

interface Requests {
	/** Resolves with the reason when the operating system or the supervisor asks this process to end. */
	readonly stop: Promise<string>;
	/** To be called when the gateway serves. */
	ready(): void;
	/** To be called when the configuration is another one. */
	reconfigured(config: Config): void;
}

/** Receives requests to this process from the operating system (signals) and from a supervisor (messages). */
function listenForRequests({ config, logger, isWorker }: ServeSetup, reload: () => void): Requests {
	const link = isWorker ? connectToSupervisor() : undefined;
	let latest = config;
	link?.reportDrainLimit(killLimitMs(config));
	process.on("SIGHUP", reload);
	const stop = new Promise<string>((resolve) => {
		// A worker leaves SIGINT to its supervisor: a terminal sends it to both.
		if (isWorker) process.on("SIGINT", () => {});
		onStopSignals(isWorker ? ["SIGTERM"] : ["SIGTERM", "SIGINT"], resolve, (signal) => {
			leaveAtOnce(logger, `${signal} again, leaving at once`, signalExitCode(signal));
		});
		process.on("SIGUSR2", () => {
			logger.warn({}, "SIGUSR2 is for a supervisor: it replaces workers one at a time");
		});
		link?.onMessage({ drain: () => resolve("supervisor"), reload });
		link?.onSupervisorGone(() => leaveAtOnce(logger, "the supervisor is gone", 1));
	});
	void stop.then(() => {
		const limitMs = drainLimitMs(latest);
		setTimeout(() => leaveAtOnce(logger, `not drained after ${limitMs} ms, leaving`, 1), limitMs).unref();
	});
	const reconfigured = (next: Config): void => {
		latest = next;
		link?.reportDrainLimit(killLimitMs(next));
	};
	return { stop, ready: () => link?.reportListening(), reconfigured };
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
	exitOnUncaught(logger, () => existsSync(config.modules.dir));
	let gateway: RunnableGateway | undefined;
	let latest = config;
	const reload = createReload(config, logger, setup.reload, (next) => {
		latest = next;
		requests.reconfigured(next);
		gateway?.reload(next);
	});
	const requests = listenForRequests(setup, reload);
	if (!isWorker) {
		for (const warning of configWarnings(config)) logger.warn({}, warning);
		await assertPortFree(config.server.host, config.server.port);
	}
	gateway = await setup.createGateway(config, logger, { reloadConfig: reload });
	try {
		// A reload may have come while the gateway was being made.
		if (latest !== config) gateway.reload(latest);
		announce(setup, await gateway.start());
		requests.ready();
		const reason = await requests.stop;
		logger.info({ reason }, "draining");
		await gateway.drain(reason);
		logger.info({}, "drained");
	} finally {
		await gateway.close();
	}
	return 0;
}

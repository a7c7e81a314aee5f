// `framegate start`: decides what this process is to be (the gateway, a supervisor of workers, one of the workers) and
// gives it its configuration and logger.
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { setNativeEnvironment } from "../config/native-environment.ts";
import { workerSlot } from "../config/worker-environment.ts";
import { createLogger } from "../logging/logger.ts";
import type { CommonFlags } from "./flags.ts";

interface StartFlags extends CommonFlags {
	readonly host?: string;
	readonly port?: string;
	readonly workers?: string;
	readonly logLevel?: string;
}

/** What is no number stays a text, and the schema says what is wrong with it. */
function numeric(value: string | undefined): string | number | undefined {
	return value !== undefined && /^\d+$/.test(value) ? Number(value) : value;
}

function loadWith({ config: file, host, port, workers, logLevel }: StartFlags, nodeId?: string): Config {
	const overrides = {
		server: { host, port: numeric(port), workers: numeric(workers) },
		log: { level: logLevel },
	};
	return loadConfig({ file, overrides, ...(nodeId === undefined ? {} : { nodeId }) });
}

/** Runs until a stop signal. @returns the exit code. */
export async function start(flags: StartFlags): Promise<number> {
	const config = loadWith(flags);
	const slot = workerSlot();
	const supervises = slot === undefined && config.server.workers > 1;
	const reload = () => loadWith(flags, config.node.id);
	const logger = await createLogger(config);
	try {
		if (supervises) {
			const { supervise } = await import("./supervise.ts");
			return await supervise({ config, logger, reload });
		}
		setNativeEnvironment(config);
		const [{ serve }, { createGateway }] = await Promise.all([import("./serve.ts"), import("../compose.ts")]);
		return await serve({ config, logger, reload, createGateway, isWorker: slot !== undefined });
	} finally {
		await logger.close();
	}
}

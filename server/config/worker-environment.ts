// Environment variables that a supervisor passes to the processes that it forks, and how such a process reads them.
import process from "node:process";
import type { Config } from "./config.ts";

const MARKER = "FRAMEGATE_WORKER";

/** Which worker this process is, from 1; undefined for a process without a supervisor. */
export function workerSlot(env: NodeJS.ProcessEnv = process.env): number | undefined {
	const slot = Number(env[MARKER]);
	return Number.isInteger(slot) && slot > 0 ? slot : undefined;
}

/**
 * The environment of a worker: the supervisor's own, and what has to differ. A successor in the same slot gets another
 * node id, since it runs beside its predecessor for a while.
 */
export function workerEnvironment(
	{ node, server }: Config,
	slot: number,
	generation: number,
	env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
	const suffix = generation === 1 ? `${slot}` : `${slot}.${generation}`;
	const metricsPort =
		server.metricsPort === 0 ? {} : { FRAMEGATE_SERVER_METRICS_PORT: `${server.metricsPort + slot - 1}` };
	return { ...env, [MARKER]: `${slot}`, FRAMEGATE_NODE_ID: `${node.id}-${suffix}`, ...metricsPort };
}

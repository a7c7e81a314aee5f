// `framegate simulate`: fills a Redis as the field services of a plant would, and carries out commands, so that a gateway
// can be shown and tried without a device.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../common/clock.ts";
import { boxDialect, type DialectName } from "../../services/edge/redis/dialect.ts";
import { SimulatorBoxAlarms } from "../../services/edge/simulator/alarms-simulator.ts";
import { SimulatorBoxModels } from "../../services/edge/simulator/models-simulator.ts";
import { SimulatedPlant } from "../../services/edge/simulator/points-plant.ts";
import { SimulatorBoxRules } from "../../services/edge/simulator/rules-simulator.ts";
import { openRedis, type RedisConnection } from "../../stores/redis/connection.ts";
import { loadConfig } from "../config/load.ts";
import type { CommonFlags } from "./flags.ts";
import { commandLogger } from "./open-accounts.ts";
import { onStopSignals } from "./process-signals.ts";
import { SimulatedAlarmService } from "./simulate-alarms.ts";
import { SimulatedFieldService } from "./simulate-field.ts";
import { describeWriteFailure } from "./simulate-keys.ts";
import { SimulatedModelService } from "./simulate-models.ts";

export interface SimulateFlags extends CommonFlags {
	readonly redis: string;
	readonly dialect: DialectName;
	readonly seed: number;
	readonly channels: number;
	readonly points: number;
	readonly intervalMs: number;
	/** Rounds; undefined: until it is stopped. */
	readonly count?: number;
}

/** A server that is starting is waited for. */
const REACH_WITHIN_MS = 5000;
const POLL_MS = 50;

/**
 * Runs until it has written `count` rounds or receives a stop signal.
 *
 * @throws GatewayError when Redis is unreachable at start.
 */
export async function simulate(flags: SimulateFlags): Promise<void> {
	const logger = await commandLogger(loadConfig({ file: flags.config }));
	const redis = openRedis({ url: flags.redis, keyPrefix: "" }, logger);
	const stop = new AbortController();
	onStopSignals(
		["SIGINT", "SIGTERM"],
		() => stop.abort(),
		() => process.exit(1),
	);
	const { seed, channels, points, intervalMs } = flags;
	const plant = new SimulatedPlant({ seed, channels, points, stepMs: intervalMs }, systemClock);
	const dialect = boxDialect(flags.dialect);
	const service = new SimulatedFieldService(redis, dialect, plant);
	const models = new SimulatedModelService(
		redis,
		dialect,
		new SimulatorBoxModels(plant),
		new SimulatorBoxRules(systemClock),
	);
	const alarms = new SimulatedAlarmService(redis, dialect, new SimulatorBoxAlarms(systemClock));
	const write = async (isFirst: boolean) => {
		const written = await service.writeAll(isFirst);
		if (isFirst) await models.writeDefinitions();
		await models.writeValues();
		await alarms.write(isFirst);
		return written;
	};
	try {
		await reach(redis, stop.signal);
		if (stop.signal.aborted) return;
		const served = service.serveCommands();
		const rounds = await writeRounds(write, flags, stop.signal);
		service.stop();
		await served;
		process.stdout.write(`wrote ${rounds} rounds\n`);
	} finally {
		service.stop();
		await redis.close();
	}
}

async function reach(redis: RedisConnection, signal: AbortSignal): Promise<void> {
	const deadlineMs = performance.now() + REACH_WITHIN_MS;
	while (!signal.aborted) {
		try {
			await redis.run((client) => client.ping());
			return;
		} catch (error) {
			if (performance.now() >= deadlineMs) throw error;
			await pause(POLL_MS, signal);
		}
	}
}

/** @param write one round; says how many points it wrote. */
async function writeRounds(
	write: (isFirst: boolean) => Promise<number>,
	flags: SimulateFlags,
	signal: AbortSignal,
): Promise<number> {
	let rounds = 0;
	let isLost = false;
	let nextMs = performance.now();
	while (!signal.aborted && rounds < (flags.count ?? Number.POSITIVE_INFINITY)) {
		try {
			// After a loss, what was commanded may be gone with the server.
			const written = await write(rounds === 0 || isLost);
			if (rounds === 0) {
				process.stdout.write(`writing ${written} points of ${flags.channels} channels (${flags.dialect})\n`);
			}
			rounds++;
			isLost = false;
		} catch (error) {
			if (!isLost) process.stderr.write(`framegate: ${describeWriteFailure(error)}; trying on\n`);
			isLost = true;
		}
		// A round that took too long is not made up for.
		nextMs = Math.max(nextMs + flags.intervalMs, performance.now());
		if (rounds !== flags.count) await pause(nextMs - performance.now(), signal);
	}
	return rounds;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
	// A stop signal ends it early, which is no error.
	await sleep(ms, undefined, { signal }).catch(() => undefined);
}

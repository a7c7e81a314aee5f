// A field service that is none: writes the values of a simulated plant into a Redis, takes commands from its lists, and
// says what became of them, as field services of the dialect do.

import type { Redis } from "ioredis";
import { batches } from "../../common/batches.ts";
import { DataType } from "../../protocol/gen/schema.ts";
import type { PointKey } from "../../services/edge/boxes/box-points.ts";
import type { BoxDialect } from "../../services/edge/redis/dialect.ts";
import { type PlantPoint, SIMULATED_FAMILY, type SimulatedPlant } from "../../services/edge/simulator/points-plant.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { allDone, makeRoom } from "./simulate-keys.ts";

/** How long the fate of a command can be read. */
const FEEDBACK_KEPT_SECONDS = 3600;
/** Keys written in one go. */
const KEYS_PER_PIPELINE = 100;
/** Less than the time that a command may take, so that its end is no error. */
const POP_SECONDS = 1;
const PAUSE_MS = 250;

/** A command list, and what its commands are for. */
interface CommandList {
	readonly listKey: string;
	readonly key: PointKey;
}

interface TakenCommand {
	readonly pointId: number;
	readonly value: number;
	readonly commandId: string;
	/** Unix milliseconds or seconds; 0 when absent. */
	readonly timestamp: number;
}

export class SimulatedFieldService {
	private readonly redis: RedisConnection;
	private readonly dialect: BoxDialect;
	private readonly plant: SimulatedPlant;
	private readonly lists: readonly CommandList[];
	/** v2: list and point → timestamp of the last command; bounded by the points that there are. */
	private readonly lastTimes = new Map<string, number>();
	private popper: Redis | undefined;
	private isStopped = false;

	constructor(redis: RedisConnection, dialect: BoxDialect, plant: SimulatedPlant) {
		this.redis = redis;
		this.dialect = dialect;
		this.plant = plant;
		this.lists = plant.keys.flatMap((key) => {
			const listKey = dialect.commands.listKey(key.channel, key.type);
			return listKey === undefined ? [] : [{ listKey, key }];
		});
	}

	/**
	 * Writes what the plant measures.
	 *
	 * @param isFirst also what it was commanded, which nobody but the commands changes later.
	 * @returns how many points were written.
	 * @throws GatewayError UNAVAILABLE.
	 */
	async writeAll(isFirst: boolean): Promise<number> {
		const keys = this.plant.keys.filter(({ type }) => isFirst || !isWritable(type));
		let written = 0;
		for (const some of batches(keys, KEYS_PER_PIPELINE)) {
			if (isFirst) await this.makeRoom(some);
			written += await this.writeKeys(some.map((key) => [key, this.plant.read(key)] as const));
		}
		return written;
	}

	/** Carries commands out until `stop`. Never throws. */
	async serveCommands(): Promise<void> {
		const names = this.lists.map(({ listKey }) => listKey);
		while (!this.isStopped) {
			try {
				// A connection of its own, as it is blocked while it waits; one that has ended is replaced.
				if (this.popper === undefined || this.popper.status === "end") this.popper = this.redis.open();
				if (this.popper === undefined) throw new Error("no connection");
				const popped = await this.popper.blpop(...names, POP_SECONDS);
				if (popped !== null) await this.execute(popped[0], popped[1]);
			} catch {
				// Away, or stopped. What was popped already is lost, as with any service that dies over a command.
				await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
			}
		}
	}

	stop(): void {
		this.isStopped = true;
		this.popper?.disconnect();
	}

	private async execute(listKey: string, entry: string): Promise<void> {
		const list = this.lists.find((each) => each.listKey === listKey);
		const command = parseCommand(entry);
		if (list === undefined || command === undefined) return;
		const { key } = list;
		const { pointId, value, commandId, timestamp } = command;
		if (this.isOld(listKey, pointId, timestamp)) return;
		await this.report(key.channel, commandId, { status: "executing", timestamp: Date.now() });
		// A text would be carried out as 0 by a real device: here it is refused.
		const failure = Number.isNaN(value) ? "the value is no JSON number" : this.plant.write({ ...key, pointId }, value);
		const point = this.plant.point({ ...key, pointId });
		if (failure === "" && point !== undefined) await this.writeKeys([[key, [point]]]);
		const outcome = failure === "" ? { status: "executed", actual_value: value } : { status: "failed", error: failure };
		await this.report(key.channel, commandId, { ...outcome, timestamp: Date.now() });
	}

	/** v2: commands that are not newer than the last one of their point are dropped. */
	private isOld(listKey: string, pointId: number, timestamp: number): boolean {
		if (this.dialect.name !== "v2") return false;
		const name = `${listKey}/${pointId}`;
		if (timestamp <= (this.lastTimes.get(name) ?? 0)) return true;
		const list = this.lists.find((each) => each.listKey === listKey);
		// No room for points that do not exist.
		if (list !== undefined && this.plant.point({ ...list.key, pointId }) !== undefined) {
			this.lastTimes.set(name, timestamp);
		}
		return false;
	}

	private async report(channel: number, commandId: string, fields: Record<string, string | number>): Promise<void> {
		if (commandId === "") return;
		const { commands } = this.dialect;
		const key = commands.feedbackKey(commandId);
		const notice = JSON.stringify({ command_id: commandId, ...fields });
		await this.redis.run((client) =>
			client
				.multi()
				.hset(key, fields)
				.expire(key, FEEDBACK_KEPT_SECONDS)
				.publish(commands.feedbackChannel(channel), notice)
				.exec(),
		);
	}

	private async makeRoom(keys: readonly PointKey[]): Promise<void> {
		const { points: names, commands } = this.dialect;
		const hashes = keys.flatMap((key) => [
			...[names.keyOf(key), names.timesKey(key), names.rawKey(key)].filter((name) => name !== undefined),
			names.statusKey(SIMULATED_FAMILY, key.channel),
		]);
		const lists = keys.flatMap(({ channel, type }) => commands.listKey(channel, type) ?? []);
		await this.redis.run(async (client) => {
			await makeRoom(client, "hash", hashes);
			await makeRoom(client, "list", lists);
		});
	}

	private async writeKeys(values: readonly (readonly [PointKey, readonly PlantPoint[]])[]): Promise<number> {
		let written = 0;
		await this.redis.run(async (client) => {
			const pipeline = client.pipeline();
			for (const [key, points] of values) {
				const { points: names } = this.dialect;
				const redisKey = names.keyOf(key) as string;
				const fields = points.map(({ pointId, value }) => [String(pointId), textOf(key.type, value)] as const);
				const times = points.map(({ pointId, atMs }) => [String(pointId), String(atMs)] as const);
				const [timesKey, rawKey] = [names.timesKey(key), names.rawKey(key)];
				if (timesKey !== undefined) pipeline.hset(timesKey, new Map(times));
				if (rawKey !== undefined) pipeline.hset(rawKey, new Map(fields));
				const now = Math.floor(Date.now() / 1000);
				const metadata = timesKey === undefined ? [["_timestamp", String(now)] as const] : [];
				pipeline.hset(redisKey, new Map([...fields, ...metadata]));
				pipeline.hset(names.statusKey(SIMULATED_FAMILY, key.channel), { online: "1", last_update: now });
				pipeline.publish(redisKey, "");
				written += points.length;
			}
			await allDone(pipeline);
		});
		return written;
	}
}

function isWritable(type: DataType): boolean {
	return type === DataType.CONTROL || type === DataType.ADJUSTMENT;
}

/** States are 0 or 1, everything else has six decimals. */
function textOf(type: DataType, value: number): string {
	const isState = type === DataType.SIGNAL || type === DataType.CONTROL;
	return isState ? String(value) : value.toFixed(6);
}

/** Undefined for what names no point; a value that is no JSON number is NaN. */
function parseCommand(entry: string): TakenCommand | undefined {
	let fields: unknown;
	try {
		fields = JSON.parse(entry);
	} catch {
		return undefined;
	}
	if (typeof fields !== "object" || fields === null) return undefined;
	const { point_id, value, command_id, timestamp } = fields as Record<string, unknown>;
	if (typeof point_id !== "number") return undefined;
	return {
		pointId: point_id,
		value: typeof value === "number" ? value : Number.NaN,
		commandId: typeof command_id === "string" ? command_id : "",
		timestamp: typeof timestamp === "number" ? timestamp : 0,
	};
}

// A box Redis as full as a gateway with default limits serves it: many channels of many points, a large model, a large rule,
// and more alarms than a page holds. Keys are those of the dialect `v1` (docs/reference/box.md).
import { Redis } from "ioredis";

const FIRST_CHANNEL = 1001;
const CHANNELS = 200;
const POINTS = 200;
const ALARMS = 1000;
const DESCRIPTION = "The feeder's temperature is above its limit. ".repeat(20);
const MODELS = 1000;
const LARGE_MODEL = "large";
const LARGE_RULE = "large";
const MAPPINGS = 2000;

export interface BoxContent {
	readonly channels: readonly number[];
	readonly modelId: string;
	readonly ruleId: string;
}

/** Writes it all. @throws Error when the Redis does not take it. */
export async function fillBox(url: string): Promise<BoxContent> {
	const redis = new Redis(url);
	redis.on("error", () => undefined);
	try {
		const channels = Array.from({ length: CHANNELS }, (_, index) => FIRST_CHANNEL + index);
		await writePoints(redis, channels);
		await writeModels(redis);
		await writeRules(redis);
		await writeAlarms(redis);
		return { channels, modelId: LARGE_MODEL, ruleId: LARGE_RULE };
	} finally {
		redis.disconnect();
	}
}

async function writePoints(redis: Redis, channels: readonly number[]): Promise<void> {
	const pipeline = redis.pipeline();
	for (const channel of channels) {
		const points = Array.from({ length: POINTS }, (_, point) => [String(point + 1), (channel + point / 7).toFixed(6)]);
		pipeline.hset(`comsrv:${channel}:C`, "_timestamp", String(Date.now()), "1", "0");
		pipeline.hset(`comsrv:${channel}:T`, "_timestamp", String(Date.now()), ...points.flat());
	}
	await pipeline.exec();
}

async function writeModels(redis: Redis): Promise<void> {
	const pipeline = redis.pipeline();
	for (let index = 0; index < MODELS; index++) addModel(pipeline, `model-${index}`, 4);
	addModel(pipeline, LARGE_MODEL, MAPPINGS);
	await pipeline.exec();
}

function addModel(pipeline: ReturnType<Redis["pipeline"]>, id: string, mappings: number): void {
	const names = Array.from({ length: mappings }, (_, index) => `measurement ${index}`);
	const measurement = Object.fromEntries(
		names.map((name, index) => [
			name,
			{ channel: FIRST_CHANNEL + (index % CHANNELS), point_id: 1 + (index % POINTS), type: "T" },
		]),
	);
	const model = { id, name: `Model ${id}`, template: "bench", properties: { maker: "bench" } };
	pipeline.set(`modsrv:model:${id}`, JSON.stringify({ ...model, mappings: { measurement, action: {} } }));
	pipeline.hset(`modsrv:model:${id}:measurement`, ...names.flatMap((name, index) => [name, (index / 7).toFixed(6)]));
	pipeline.sadd("modsrv:models", id);
}

async function writeRules(redis: Redis): Promise<void> {
	const actions = Array.from({ length: 500 }, (_, index) => ({ channel: 1001, point: index, value: index / 7 }));
	const rule = { id: LARGE_RULE, name: "A large rule", enabled: true, priority: 1, actions };
	await redis
		.pipeline()
		.set(`rulesrv:rule:${LARGE_RULE}`, JSON.stringify(rule))
		.sadd("rulesrv:rules", LARGE_RULE)
		.sadd("rulesrv:rules:active", LARGE_RULE)
		.exec();
}

async function writeAlarms(redis: Redis): Promise<void> {
	const pipeline = redis.pipeline();
	for (let index = 0; index < ALARMS; index++) {
		const id = `alarm-${index}`;
		const timestamp = Math.floor(Date.now() / 1000) - index;
		const text = { title: `Feeder ${index}`, description: DESCRIPTION, source: `channel:${FIRST_CHANNEL}` };
		pipeline.hset(`alarmsrv:${id}`, { id, ...text, level: "High", status: "Active", timestamp, acknowledged: "false" });
		pipeline.sadd("alarmsrv:index", id).sadd("alarmsrv:status:Active", id).sadd("alarmsrv:level:High", id);
	}
	await pipeline.exec();
}

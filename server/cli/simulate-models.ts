// The model and rule services of a simulated plant: definitions once, the values of models at each round, in the dialect.

import { DataType } from "../../protocol/gen/schema.ts";
import type { BoxModel, BoxModels, BoxRules } from "../../services/edge/boxes/box-models.ts";
import type { BoxDialect } from "../../services/edge/redis/dialect.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import type { RedisClient } from "../../stores/redis/redis-client.ts";
import { allDone, makeRoom } from "./simulate-keys.ts";

/** More than a simulated plant has. */
const MAX_DEFINITIONS = 100;

const LETTERS: Readonly<Partial<Record<DataType, string>>> = {
	[DataType.TELEMETRY]: "T",
	[DataType.SIGNAL]: "S",
	[DataType.CONTROL]: "C",
	[DataType.ADJUSTMENT]: "A",
};

export class SimulatedModelService {
	private readonly redis: RedisConnection;
	private readonly dialect: BoxDialect;
	private readonly models: BoxModels;
	private readonly rules: BoxRules;

	constructor(redis: RedisConnection, dialect: BoxDialect, models: BoxModels, rules: BoxRules) {
		this.redis = redis;
		this.dialect = dialect;
		this.models = models;
		this.rules = rules;
	}

	/** Replaces keys of another type as well. @throws GatewayError UNAVAILABLE. */
	async writeDefinitions(): Promise<void> {
		const { models: names, rules: ruleNames } = this.dialect;
		const models = await this.all();
		const ruleIds = await this.rules.ids(false, MAX_DEFINITIONS);
		const rules = (await this.rules.get(ruleIds)).flatMap((rule) => rule ?? []);
		await this.redis.run(async (client) => {
			await this.makeRoom(client, models);
			const pipeline = client.pipeline();
			for (const [index, model] of models.entries()) {
				if (this.hasInstances) {
					pipeline.set(names.modelKey(instanceId(index)), model.name).hset(names.index, model.name, instanceId(index));
					continue;
				}
				pipeline.set(names.modelKey(model.id), documentOf(model)).sadd(names.index, model.id);
				const template = names.templateIndex(model.template);
				if (template !== undefined) pipeline.sadd(template, model.id);
			}
			// The rules of v2 are in no Redis.
			for (const rule of this.hasInstances ? [] : rules) {
				pipeline.set(ruleNames.ruleKey(rule.id), rule.definitionJson).sadd(ruleNames.index, rule.id);
				if (rule.isActive) pipeline.sadd(ruleNames.activeIndex, rule.id);
			}
			await allDone(pipeline);
		});
	}

	/** @throws GatewayError UNAVAILABLE. */
	async writeValues(): Promise<void> {
		const { models: names } = this.dialect;
		const models = await this.all();
		const values = await Promise.all(models.map((model) => this.models.values(model)));
		await this.redis.run(async (client) => {
			const pipeline = client.pipeline();
			values.forEach(({ measurements, actions }, index) => {
				const id = this.idOf(models[index] as BoxModel, index);
				for (const [key, readings] of [
					[names.measurementKey(id), measurements],
					[names.actionKey(id), actions],
				] as const) {
					const fields = readings.map(({ name, reading }, position): [string, string] => {
						return [this.hasInstances ? String(position + 1) : name, Number(reading.value).toFixed(6)];
					});
					const updated: [string, string] = ["__updated", String(Math.floor(Date.now() / 1000))];
					if (fields.length > 0) pipeline.hset(key, new Map(this.hasInstances ? fields : [...fields, updated]));
				}
			});
			await allDone(pipeline);
		});
	}

	/** What is a plain value is overwritten as it is. */
	private async makeRoom(client: RedisClient, models: readonly BoxModel[]): Promise<void> {
		const { models: names, rules } = this.dialect;
		const ids = models.map((model, index) => this.idOf(model, index));
		const hashes = ids.flatMap((id) => [names.measurementKey(id), names.actionKey(id)]);
		await makeRoom(client, "hash", this.hasInstances ? [...hashes, names.index] : hashes);
		if (this.hasInstances) return;
		const templates = models.flatMap(({ template }) => names.templateIndex(template) ?? []);
		await makeRoom(client, "set", [names.index, ...templates, rules.index, rules.activeIndex]);
	}

	private idOf(model: BoxModel, index: number): string {
		return this.hasInstances ? instanceId(index) : model.id;
	}

	private get hasInstances(): boolean {
		return this.dialect.name === "v2";
	}

	private async all(): Promise<readonly BoxModel[]> {
		const ids = await this.models.ids("", MAX_DEFINITIONS);
		return (await this.models.get(ids)).flatMap((model) => model ?? []);
	}
}

/** Instances go by numbers. */
function instanceId(index: number): string {
	return String(index + 1);
}

function documentOf({ id, name, template, properties, measurements, actions }: BoxModel): string {
	const place = ({ channel, pointId, type }: BoxModel["measurements"][number]) => {
		return { channel, point_id: pointId, type: LETTERS[type] };
	};
	const measurement = Object.fromEntries(measurements.map((mapping) => [mapping.name, place(mapping)]));
	const action = Object.fromEntries(actions.map((mapping) => [mapping.name, { ...place(mapping), ...mapping.range }]));
	return JSON.stringify({ id, name, template, properties, mappings: { measurement, action } });
}

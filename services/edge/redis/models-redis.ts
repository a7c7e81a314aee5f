// Device models of a box: JSON documents in v1, instances with numbered points in v2.

import { batches } from "../../../common/batches.ts";
import { DataType } from "../../../protocol/gen/schema.ts";
import type { BoxMapping, BoxModel, BoxModels, BoxModelValues } from "../boxes/box-models.ts";
import { IndexKind, isBoxId, readIndex } from "./box-ids.ts";
import { cut } from "./box-json.ts";
import type { BoxLink } from "./box-link.ts";
import { type BoxDialect, DialectName } from "./dialect.ts";
import { MAX_MEMBERS, readModel } from "./models-definition.ts";
import { readModelValues } from "./models-values.ts";
import { readTexts } from "./texts.ts";

/** Of an index up to this size the first ones are the first in order, however few are wanted. */
const SORTED_AT_LEAST = 5000;
/** Models that are asked for together. */
const BATCH = 100;
/** A longer document is not read. */
const MAX_MODEL_BYTES = 1024 * 1024;
const MAX_NAME_LENGTH = 256;
/** Instances go by numbers. */
const INSTANCE_ID = /^(?:0|[1-9]\d{0,9})$/;
const POINT_ID = /^(?:0|[1-9]\d{0,9})$/;
const MAX_UINT32 = 0xffff_ffff;

export class RedisBoxModels implements BoxModels {
	private readonly link: BoxLink;
	private readonly dialect: BoxDialect;
	private readonly hasInstances: boolean;

	constructor(link: BoxLink, dialect: BoxDialect) {
		this.link = link;
		this.dialect = dialect;
		this.hasInstances = dialect.name === DialectName.V2;
	}

	async ids(template: string, limit: number): Promise<readonly string[]> {
		const { models } = this.dialect;
		const ids = await this.listed(template, Math.max(limit, SORTED_AT_LEAST), models.index);
		return ids.sort().slice(0, limit);
	}

	async get(ids: readonly string[], onRead?: (bytes: number) => void): Promise<readonly (BoxModel | undefined)[]> {
		const models: (BoxModel | undefined)[] = [];
		for (const batch of batches(ids, BATCH)) {
			models.push(...(await (this.hasInstances ? this.instances(batch) : this.documents(batch, onRead))));
		}
		return models;
	}

	values(model: BoxModel): Promise<BoxModelValues> {
		return readModelValues(this.link, this.dialect, model);
	}

	private async listed(template: string, limit: number, index: string): Promise<string[]> {
		if (this.hasInstances) {
			// An instance does not say what it was made from.
			if (template !== "") return [];
			return (await readIndex(this.link, index, limit, IndexKind.HASH)).filter((id) => INSTANCE_ID.test(id));
		}
		if (template === "") return await readIndex(this.link, index, limit, IndexKind.SET);
		const byTemplate = isBoxId(template) ? this.dialect.models.templateIndex(template) : undefined;
		return byTemplate === undefined ? [] : await readIndex(this.link, byTemplate, limit, IndexKind.SET);
	}

	private async documents(ids: readonly string[], onRead?: (bytes: number) => void): Promise<(BoxModel | undefined)[]> {
		const readable = ids.filter(isBoxId);
		const keys = readable.map((id) => this.dialect.models.modelKey(id));
		const models = new Map<string, BoxModel | undefined>();
		await readTexts(this.link, keys, { maxBytes: MAX_MODEL_BYTES, onRead }, (text, index) => {
			const id = readable[index] as string;
			models.set(id, readModel(id, text));
		});
		return ids.map((id) => models.get(id));
	}

	private async instances(ids: readonly string[]): Promise<(BoxModel | undefined)[]> {
		const readable = ids.filter((id) => INSTANCE_ID.test(id) && Number(id) <= MAX_UINT32);
		const { models } = this.dialect;
		const names: string[] = [];
		const nameKeys = readable.map((id) => models.modelKey(id));
		await readTexts(this.link, nameKeys, { maxBytes: 4 * MAX_NAME_LENGTH }, (text, index) => {
			names[index] = text;
		});
		const hashes = readable.flatMap((id) => [models.measurementKey(id), models.actionKey(id)]);
		const sizes = await this.link.pipeline((pipeline) => {
			for (const key of hashes) pipeline.hlen(key);
		});
		const small = hashes.filter((_, index) => Number(sizes[index]?.[1]) <= MAX_MEMBERS);
		const replies = await this.link.pipeline((pipeline) => {
			for (const key of small) pipeline.hkeys(key);
		});
		const fields = new Map(small.map((key, index) => [key, replies[index]?.[0] === null ? replies[index][1] : []]));
		const instance = (id: string, name: string | undefined): BoxModel | undefined => {
			const points = (key: string, type: DataType) => numberedPoints(Number(id), type, fields.get(key));
			const measurements = points(models.measurementKey(id), DataType.MEASUREMENT);
			const actions = points(models.actionKey(id), DataType.ACTION).map((point) => ({ ...point, range: undefined }));
			if (name === undefined && measurements.length === 0 && actions.length === 0) return undefined;
			const shown = cut(name ?? id, MAX_NAME_LENGTH);
			return { id, name: shown, template: "", properties: {}, measurements, actions };
		};
		const found = new Map(readable.map((id, index) => [id, instance(id, names[index])]));
		return ids.map((id) => found.get(id));
	}
}

function numberedPoints(channel: number, type: DataType, fields: unknown): BoxMapping[] {
	const ids = ((fields ?? []) as string[]).filter((field) => POINT_ID.test(field)).map(Number);
	return ids
		.filter((pointId) => pointId <= MAX_UINT32)
		.sort((a, b) => a - b)
		.map((pointId) => ({ name: String(pointId), channel, pointId, type }));
}

// A device model as the model service writes it, in JSON.

import { DataType } from "../../../protocol/gen/schema.ts";
import type { BoxMapping, BoxModel, ValueRange } from "../boxes/box-models.ts";
import { asObject, cut, type JsonObject, numberOf, parseObject, textOf } from "./box-json.ts";

/** Mappings and properties of one model that are read, each. */
export const MAX_MEMBERS = 2000;
const MAX_NAME_LENGTH = 256;
const MAX_PROPERTY_LENGTH = 4096;
const MAX_UINT32 = 0xffff_ffff;

const TYPES: ReadonlyMap<string, DataType> = new Map([
	["T", DataType.TELEMETRY],
	["S", DataType.SIGNAL],
	["C", DataType.CONTROL],
	["A", DataType.ADJUSTMENT],
	["M", DataType.MEASUREMENT],
]);

/** @returns undefined when the text is no model. A mapping that cannot be read is left out, alone. */
export function readModel(id: string, text: string): BoxModel | undefined {
	const model = parseObject(text);
	if (model === undefined) return undefined;
	const properties = asObject(model["properties"]) ?? {};
	const mappings = asObject(model["mappings"]) ?? {};
	const name = (value: unknown) => cut(textOf(value), MAX_NAME_LENGTH);
	return {
		id,
		name: name(model["name"]) || id,
		template: name(model["template"]),
		properties: Object.fromEntries(
			members(properties).map(([key, value]) => [cut(key, MAX_NAME_LENGTH), propertyText(value)]),
		),
		measurements: members(mappings["measurement"]).flatMap(([key, value]) => readMapping(key, value) ?? []),
		actions: members(mappings["action"]).flatMap(([key, value]) => {
			const mapping = readMapping(key, value);
			return mapping === undefined ? [] : { ...mapping, range: readRange(key, asObject(value) ?? {}, properties) };
		}),
	};
}

function members(value: unknown): [string, unknown][] {
	return Object.entries(asObject(value) ?? {}).slice(0, MAX_MEMBERS);
}

function propertyText(value: unknown): string {
	return cut(typeof value === "string" ? value : JSON.stringify(value), MAX_PROPERTY_LENGTH);
}

function readMapping(name: string, value: unknown): BoxMapping | undefined {
	const mapping = asObject(value);
	const channel = numberOf(mapping?.["channel"] ?? mapping?.["channel_id"]);
	const pointId = numberOf(mapping?.["point_id"]);
	const type = TYPES.get(textOf(mapping?.["type"]).toUpperCase());
	if (!isUint32(channel) || !isUint32(pointId) || type === undefined || name.length > MAX_NAME_LENGTH) return undefined;
	return { name, channel, pointId, type };
}

/**
 * What values an action takes: `min`, `max` and `step` in its mapping, or in its mapping's `range`; else the property of
 * its name with these members; else the properties `<name>_min`, `<name>_max`, `<name>_step`.
 */
function readRange(name: string, mapping: JsonObject, properties: JsonObject): ValueRange | undefined {
	const named = { min: properties[`${name}_min`], max: properties[`${name}_max`], step: properties[`${name}_step`] };
	for (const candidate of [mapping, asObject(mapping["range"]), asObject(properties[name]), named]) {
		const min = numberOf(candidate?.["min"]);
		const max = numberOf(candidate?.["max"]);
		const step = numberOf(candidate?.["step"]);
		if (min === undefined && max === undefined && step === undefined) continue;
		// A range that excludes every value is an error in the model, not a property of the device.
		if (min !== undefined && max !== undefined && min > max) continue;
		return { min, max, step: step !== undefined && step > 0 ? step : undefined };
	}
	return undefined;
}

function isUint32(value: number | undefined): value is number {
	return value !== undefined && Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

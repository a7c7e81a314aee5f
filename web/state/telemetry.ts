// The newest values of every point that was received, and how they came about, from the batches of either dialect.
import { isObject, type Json, type JsonObject, textOf } from "../protocol/catalog.ts";
import type { FrameContent } from "../protocol/frames.ts";

export interface PointSeries {
	/** `source/channel/type/point`. */
	readonly key: string;
	readonly source: string;
	readonly channel: number;
	/** T, S, C, A, M. */
	readonly type: string;
	readonly point: number;
	/** As text, whatever it is. */
	readonly value: string;
	readonly quality: string;
	/** The last numbers, oldest first. */
	readonly series: readonly number[];
}

export type Telemetry = ReadonlyMap<string, PointSeries>;

const SERIES_LENGTH = 60;
const MAX_POINTS = 400;
const LETTERS: Readonly<Record<string, string>> = {
	DATA_TYPE_TELEMETRY: "T",
	DATA_TYPE_SIGNAL: "S",
	DATA_TYPE_CONTROL: "C",
	DATA_TYPE_ADJUSTMENT: "A",
	DATA_TYPE_MEASUREMENT: "M",
};

interface Sample {
	readonly source: string;
	readonly channel: number;
	readonly type: string;
	readonly point: number;
	readonly value: Json;
	readonly quality: string;
}

/** The state after a frame; the same one when the frame holds no values. */
export function withFrame(state: Telemetry, { name, body }: FrameContent): Telemetry {
	if (!isObject(body)) return state;
	const samples = name === "DataBatch" ? batchSamples(body) : olderSamples(name, body);
	if (samples.length === 0) return state;
	const next = new Map(state);
	for (const sample of samples) {
		const key = `${sample.source}/${sample.channel}/${sample.type}/${sample.point}`;
		const known = next.get(key);
		if (known === undefined && next.size >= MAX_POINTS) continue;
		next.set(key, {
			...sample,
			key,
			value: shown(sample.value),
			series: seriesWith(known?.series ?? [], sample.value),
		});
	}
	return next;
}

function seriesWith(series: readonly number[], value: Json): readonly number[] {
	const number = typeof value === "boolean" ? Number(value) : value;
	return typeof number === "number" ? [...series.slice(1 - SERIES_LENGTH), number] : series;
}

const shown = (value: Json): string =>
	typeof value === "number" ? String(Number(value.toPrecision(7))) : textOf(value, "—");

const listOf = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

function batchSamples(body: JsonObject): Sample[] {
	return listOf(body["updates"]).flatMap((update) => {
		const base = {
			source: textOf(update["source"]),
			channel: Number(update["channelId"] ?? 0),
			type: LETTERS[textOf(update["dataType"])] ?? "?",
		};
		return listOf(update["points"]).map((point) => ({
			...base,
			point: Number(point["pointId"] ?? 0),
			value: point["num"] ?? point["str"] ?? point["bool"] ?? null,
			quality: textOf(point["quality"], "QUALITY_GOOD").replace("QUALITY_", "").toLowerCase(),
		}));
	});
}

function olderSamples(name: string, body: JsonObject): Sample[] {
	const updates = name === "data_batch" ? listOf(body["updates"]) : name === "data_update" ? [body] : [];
	return updates.flatMap((update) => {
		const { values, quality } = update;
		if (!isObject(values)) return [];
		return Object.entries(values).map(([point, value]) => ({
			source: textOf(update["source"]),
			channel: Number(update["channel_id"] ?? 0),
			type: textOf(update["data_type"], "?"),
			point: Number(point),
			value: typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value,
			quality: isObject(quality) ? textOf(quality[point], "good") : "good",
		}));
	});
}

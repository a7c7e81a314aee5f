// Detects at another point that a command was carried out, where the box does not report it.

import { DataType, Quality } from "../../../protocol/gen/schema.ts";
import type { Box } from "../boxes/box.ts";
import type { KeyReading, PointKey, PointReading } from "../boxes/box-points.ts";
import { pointKeyText } from "../boxes/box-points.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { FeedbackOptions } from "./options.ts";
import { parsePoint, pointText } from "./point-text.ts";
import type { Target } from "./targets.ts";

/** A feedback point that is watched for one command, and its state before. */
export interface FeedbackWatch {
	readonly key: PointKey;
	readonly pointId: number;
	readonly before: PointReading | undefined;
	/** How far from the value it may be. */
	readonly tolerance: number;
}

interface FeedbackPoint {
	readonly key: PointKey;
	readonly pointId: number;
}

const shownBy = new Map<DataType, DataType>([
	[DataType.CONTROL, DataType.SIGNAL],
	[DataType.ADJUSTMENT, DataType.TELEMETRY],
]);

export class FeedbackPoints {
	private readonly options: FeedbackOptions;
	/** By `pointText` of what is written. */
	private readonly points: ReadonlyMap<string, FeedbackPoint>;

	/** @throws Error when the options name what is no point, or one of another box. NOT_FOUND for an unknown source. */
	constructor(boxes: Boxes, options: FeedbackOptions) {
		this.options = options;
		this.points = new Map(
			Object.entries(options.points).map(([written, shown]) => {
				const from = parsePoint(written);
				const { channel, type, pointId, source } = parsePoint(shown);
				const named = boxes.source(source);
				if (named.box !== boxes.source(from.source).box) throw new Error(`${written} does not show in another box`);
				return [pointText(from), { key: { family: named.source.family, channel, type }, pointId }];
			}),
		);
	}

	/** Reads the feedback point before a command; undefined when it has none. @throws GatewayError UNAVAILABLE. */
	async begin({ text, named, command }: Target): Promise<FeedbackWatch | undefined> {
		const point = this.points.get(text) ?? this.byRule(command);
		if (point === undefined) return undefined;
		const { key, pointId } = point;
		const [reading] = await named.box.points.read([{ key, points: new Set([pointId]) }]);
		// A switch is on or off.
		const tolerance = command.type === DataType.CONTROL ? 0 : this.options.tolerance;
		return { key, pointId, before: pointIn(reading, pointId), tolerance };
	}

	/**
	 * Which of the commands the points show as carried out.
	 *
	 * @throws GatewayError UNAVAILABLE.
	 */
	async shown<Command extends { readonly watch: FeedbackWatch; readonly value: number }>(
		box: Box,
		commands: readonly Command[],
	): Promise<readonly (readonly [Command, number])[]> {
		const wanted = new Map<string, { readonly key: PointKey; readonly points: Set<number> }>();
		for (const { watch } of commands) {
			const text = pointKeyText(watch.key);
			const request = wanted.get(text) ?? { key: watch.key, points: new Set() };
			request.points.add(watch.pointId);
			wanted.set(text, request);
		}
		const readings = await box.points.read([...wanted.values()]);
		const byKey = new Map(readings.map((reading) => [pointKeyText(reading.key), reading]));
		return commands.flatMap((command) => {
			const { watch, value } = command;
			const actual = shows(pointIn(byKey.get(pointKeyText(watch.key)), watch.pointId), watch, value);
			return actual === undefined ? [] : [[command, actual] as const];
		});
	}

	private byRule({ family, channel, type, pointId }: Target["command"]): FeedbackPoint | undefined {
		const shown = this.options.rule === "same-id" ? shownBy.get(type) : undefined;
		return shown === undefined ? undefined : { key: { family, channel, type: shown }, pointId };
	}
}

/** @returns the point's value if it is the commanded one, and was different before or has been written again since. */
function shows(now: PointReading | undefined, watch: FeedbackWatch, value: number): number | undefined {
	const { before, tolerance } = watch;
	const actual = goodValue(now);
	if (now === undefined || actual === undefined) return undefined;
	const room = Math.max(tolerance, Math.abs(value) * Number.EPSILON * 8);
	if (Math.abs(actual - value) > room) return undefined;
	const wasOther = goodValue(before) !== actual;
	const isRewritten = now.sourceMs > (before?.sourceMs ?? 0);
	return wasOther || isRewritten ? actual : undefined;
}

function pointIn(reading: KeyReading | undefined, pointId: number): PointReading | undefined {
	return reading?.points.find((point) => point.pointId === pointId);
}

function goodValue(point: PointReading | undefined): number | undefined {
	if (point?.quality !== Quality.GOOD) return undefined;
	if (typeof point.value === "boolean") return Number(point.value);
	return typeof point.value === "number" ? point.value : undefined;
}

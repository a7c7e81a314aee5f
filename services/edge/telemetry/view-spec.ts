// What a subscription asks for, checked and normalized: subscriptions with the same request share a view.

import { createHash } from "node:crypto";
import { fieldError } from "../../../protocol/error.ts";
import { DataType, type SubscribeRequestProperties, SubscriptionMode } from "../../../protocol/gen/schema.ts";
import type { PointKey } from "../boxes/box-points.ts";
import type { Boxes, NamedSource } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { revisedIntervalMs, revisedKeepaliveMs } from "./intervals.ts";

export interface ViewSpec {
	/** The same for all equal subscriptions, on every node. */
	readonly id: string;
	readonly source: NamedSource;
	/** In their order, each once; so are types and points. */
	readonly channels: readonly number[];
	readonly types: readonly DataType[];
	/** Undefined: all. */
	readonly points: ReadonlySet<number> | undefined;
	readonly intervalMs: number;
	readonly mode: SubscriptionMode;
	/** At most one of the two is not 0. */
	readonly deadband: { readonly absolute: number; readonly percent: number };
	readonly keepaliveMs: number;
	/** BOTH: interval of reads for changes. */
	readonly sampleMs: number;
	readonly keys: readonly PointKey[];
}

export interface FailedChannel {
	readonly channel: number;
	readonly reason: string;
}

export type Selection = Pick<ViewSpec, "source" | "channels" | "types" | "points" | "keys"> & {
	readonly failed: readonly FailedChannel[];
};

interface Selecting {
	readonly source?: string | null;
	readonly channels?: readonly number[] | null;
	readonly dataTypes?: readonly DataType[] | null;
	readonly pointIds?: readonly number[] | null;
}

/** The largest number that a channel of the boxes has: their keys are written in decimal. */
const MAX_CHANNEL = 0xffffffff;

export interface SelectionLimits {
	/** Channels times data types. */
	readonly maxKeys: number;
	/** Points that are named, in all keys. */
	readonly maxPoints: number;
}

/** @throws GatewayError NOT_FOUND naming the source, VALIDATION_FAILED naming the field. */
export function selectionOf(
	boxes: Boxes,
	request: Selecting,
	policy: Pick<EdgePolicy, "isOpen">,
	{ maxKeys, maxPoints }: SelectionLimits,
): Selection {
	const source = boxes.source(request.source ?? "");
	const types = typesOf(source, request.dataTypes ?? []);
	const channels: number[] = [];
	const failed: FailedChannel[] = [];
	for (const channel of ascending(request.channels ?? [])) {
		if (channel > MAX_CHANNEL || !policy.isOpen(channel)) failed.push({ channel, reason: "not open to subscribers" });
		else channels.push(channel);
	}
	if (channels.length * types.length > maxKeys) {
		throw fieldError("channels", `must be at most ${maxKeys}, times the number of data types`);
	}
	const points = ascending(request.pointIds ?? []);
	if (points.length * channels.length * types.length > maxPoints) {
		throw fieldError("point_ids", `must be at most ${maxPoints} in all channels and data types`);
	}
	const { family } = source.source;
	const keys = channels.flatMap((channel) => types.map((type) => ({ family, channel, type })));
	return { source, channels, types, points: points.length === 0 ? undefined : new Set(points), keys, failed };
}

/**
 * @param usualSampleMs - `TelemetryOptions.changeSampleMs`.
 * @param pace - what is granted instead of what the request wants.
 * @throws GatewayError VALIDATION_FAILED naming the field.
 */
export function specOf(
	selection: Selection,
	request: Pick<SubscribeRequestProperties, "intervalMs" | "mode" | "deadband" | "keepaliveMs">,
	usualSampleMs: number,
	pace?: { readonly intervalMs: number; readonly sampleMs: number },
): ViewSpec {
	const { source, channels, types, points, keys } = selection;
	const intervalMs = pace?.intervalMs ?? revisedIntervalMs(request.intervalMs ?? 0);
	const sampleMs = pace?.sampleMs ?? usualSampleMs;
	const mode = request.mode || SubscriptionMode.INTERVAL;
	const absolute = request.deadband?.absolute ?? 0;
	const percent = request.deadband?.percent ?? 0;
	if (absolute === Number.POSITIVE_INFINITY) throw fieldError("deadband.absolute", "must be a finite number");
	if (absolute > 0 && percent > 0) throw fieldError("deadband", "must be absolute or percent, not both");
	const deadband = mode === SubscriptionMode.INTERVAL ? { absolute: 0, percent: 0 } : { absolute, percent };
	const keepaliveMs = revisedKeepaliveMs(request.keepaliveMs ?? 0, intervalMs);
	const same = [source.name, channels, types, points === undefined ? [] : [...points], intervalMs, mode, deadband];
	const isSlowed = mode === SubscriptionMode.BOTH && sampleMs !== usualSampleMs;
	const digest = createHash("sha256").update(JSON.stringify([...same, keepaliveMs, ...(isSlowed ? [sampleMs] : [])]));
	const id = digest.digest("base64url").slice(0, 16);
	return { id, source, channels, types, points, intervalMs, mode, deadband, keepaliveMs, sampleMs, keys };
}

/** A spec with fewer channels, undefined when none remain. @param usualSampleMs - as in `specOf`. */
export function withoutChannels(
	spec: ViewSpec,
	channels: ReadonlySet<number>,
	usualSampleMs: number,
): ViewSpec | undefined {
	const remaining = spec.channels.filter((channel) => !channels.has(channel));
	if (remaining.length === 0) return undefined;
	const keys = spec.keys.filter(({ channel }) => !channels.has(channel));
	const selection = { ...spec, channels: remaining, keys, failed: [] };
	return specOf(selection, spec, usualSampleMs, spec);
}

/** The same spec at another pace. @param usualSampleMs - as in `specOf`. */
export function withPace(
	spec: ViewSpec,
	pace: { readonly intervalMs: number; readonly sampleMs: number },
	usualSampleMs: number,
): ViewSpec {
	return specOf({ ...spec, failed: [] }, spec, usualSampleMs, pace);
}

function typesOf(source: NamedSource, asked: readonly DataType[]): readonly DataType[] {
	const { types } = source.source;
	if (asked.length === 0) {
		const usual = types.filter((type) => type === DataType.TELEMETRY || type === DataType.SIGNAL);
		return usual.length > 0 ? usual : types.filter((type) => type === DataType.MEASUREMENT);
	}
	const foreign = asked.find((type) => !types.includes(type));
	if (foreign !== undefined)
		throw fieldError("data_types", `must not hold ${nameOf(foreign)}, which ${source.name} does not have`);
	return ascending(asked);
}

function nameOf(type: DataType): string {
	return Object.entries(DataType).find(([, value]) => value === type)?.[0] ?? String(type);
}

function ascending<Value extends number>(values: readonly Value[]): Value[] {
	return [...new Set(values)].sort((a, b) => a - b);
}

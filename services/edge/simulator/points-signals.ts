// What a simulated plant measures: plausible signals, each a pure function of the seed, the point and the time step, so that
// the same seed produces the same values in every process.
import type { DataType } from "../../../protocol/gen/schema.ts";

/** Names one point of the plant. */
export interface SignalAddress {
	readonly channel: number;
	readonly type: DataType;
	/** Position among the points of its type, from 0. */
	readonly index: number;
}

/** 0 ≤ result < 1, the same for the same arguments. The mixing is that of MurmurHash3's end. */
export function dice(seed: number, { channel, type, index }: SignalAddress, roll: number): number {
	let hash = seed | 0;
	for (const part of [channel, type, index, roll]) {
		hash = Math.imul(hash ^ part, 0x85ebca6b);
		hash ^= hash >>> 13;
		hash = Math.imul(hash, 0xc2b2ae35);
		hash ^= hash >>> 16;
	}
	return (hash >>> 0) / 2 ** 32;
}

/** Rolls that shape a point, apart from those of its steps, which are not negative. */
const Roll = { BASE: -1, SPAN: -2, PERIOD: -3, PHASE: -4 } as const;

interface Shape {
	readonly base: number;
	readonly span: number;
	/** In steps. */
	readonly period: number;
	readonly phase: number;
}

function shapeOf(seed: number, address: SignalAddress): Shape {
	return {
		base: 20 + 380 * dice(seed, address, Roll.BASE),
		span: 1 + 30 * dice(seed, address, Roll.SPAN),
		period: 30 + Math.floor(300 * dice(seed, address, Roll.PERIOD)),
		phase: dice(seed, address, Roll.PHASE),
	};
}

/** A smooth random walk that never leaves ±1: from knot to knot, one every ten steps. */
function drift(seed: number, address: SignalAddress, step: number): number {
	const knot = Math.floor(step / 10);
	const from = dice(seed, address, knot);
	const to = dice(seed, address, knot + 1);
	const along = step / 10 - knot;
	return 2 * (from + (to - from) * along * along * (3 - 2 * along)) - 1;
}

function noise(seed: number, address: SignalAddress, step: number): number {
	return 2 * dice(seed, address, step) - 1;
}

/** Shapes of telemetry signals, used in rotation. */
const telemetryKinds: readonly ((seed: number, address: SignalAddress, step: number, shape: Shape) => number)[] = [
	// A voltage: a wave with a little noise.
	(seed, address, step, { base, span, period, phase }) =>
		base + span * Math.sin(2 * Math.PI * (step / period + phase)) + 0.02 * span * noise(seed, address, step),
	// A level: it fills and is emptied.
	(_seed, _address, step, { base, span, period, phase }) => base + span * ((step / period + phase) % 1),
	// A temperature: it drifts.
	(seed, address, step, { base, span }) => base + span * drift(seed, address, step),
	// A power: a slow wave that drifts.
	(seed, address, step, { base, span, period, phase }) =>
		base +
		span * Math.sin(2 * Math.PI * (step / (10 * period) + phase)) * (1 + 0.2 * drift(seed, address, step)) +
		0.1 * span * noise(seed, address, step),
];

/** Of so many telemetry points, one tracks a set point. */
export const TRACKING_EVERY = telemetryKinds.length + 1;

/** Telemetry that tracks no set point, with six decimals as field services write it. */
export function telemetry(seed: number, address: SignalAddress, step: number): number {
	const kind = telemetryKinds[address.index % TRACKING_EVERY] ?? telemetryKinds[0];
	return sixDecimals(kind === undefined ? 0 : kind(seed, address, step, shapeOf(seed, address)));
}

/** Telemetry that tracks a set point. */
export function trackingPoint(seed: number, address: SignalAddress, step: number, setPoint: number): number {
	return sixDecimals(setPoint + 0.005 * Math.max(1, Math.abs(setPoint)) * noise(seed, address, step));
}

/** A contact that switches by itself: it keeps a state for 5 to 35 steps. */
export function contact(seed: number, address: SignalAddress, step: number): number {
	const hold = 5 + Math.floor(30 * dice(seed, address, Roll.PERIOD));
	return dice(seed, address, Math.floor(step / hold)) < 0.3 ? 1 : 0;
}

/** The value of a set point before the first command. */
export function initialSetPoint(seed: number, address: SignalAddress): number {
	return Math.round(20 + 60 * dice(seed, address, Roll.BASE));
}

function sixDecimals(value: number): number {
	return Math.round(value * 1e6) / 1e6;
}

// A simulated plant: channels with points of every kind, which can be read and commanded. Some of its measurements
// track its set points and switches.

import type { Clock } from "../../../common/clock.ts";
import { DataType } from "../../../protocol/gen/schema.ts";
import type { CommandTarget } from "../boxes/box-commands.ts";
import type { PointKey } from "../boxes/box-points.ts";
import type { SimulatorOptions } from "./options.ts";
import {
	contact,
	initialSetPoint,
	type SignalAddress,
	TRACKING_EVERY,
	telemetry,
	trackingPoint,
} from "./points-signals.ts";

/**
 * Channels are numbered from 1001. A channel has half as many signals as telemetry points, and a quarter as many controls
 * and set points.
 */
export type PlantOptions = Omit<SimulatorOptions, "enabled">;

export interface PlantPoint {
	readonly pointId: number;
	readonly value: number;
	/** Unix milliseconds. */
	readonly atMs: number;
}

export const SIMULATED_FAMILY = "comsrv";
const FIRST_CHANNEL = 1001;

/** In the order of their numbers, with the id of the first point. */
const FIRST_IDS: ReadonlyMap<DataType, number> = new Map([
	[DataType.TELEMETRY, 1],
	[DataType.SIGNAL, 1],
	[DataType.CONTROL, 100],
	[DataType.ADJUSTMENT, 200],
]);

/** What was commanded, and when. */
interface Commanded {
	readonly value: number;
	readonly atMs: number;
}

export class SimulatedPlant {
	readonly options: PlantOptions;
	/** All of them, by channel and type. */
	readonly keys: readonly PointKey[];
	private readonly clock: Pick<Clock, "now">;
	/** By `channel:type:index`; as many as there are points that can be written. */
	private readonly commanded = new Map<string, Commanded>();
	private readonly listeners: ((key: PointKey) => void)[] = [];
	private readonly startedAtMs: number;

	constructor(options: PlantOptions, clock: Pick<Clock, "now">) {
		this.options = options;
		this.clock = clock;
		this.startedAtMs = this.stepStartMs(this.step);
		const channels = Array.from({ length: options.channels }, (_, index) => FIRST_CHANNEL + index);
		this.keys = channels.flatMap((channel) =>
			[...FIRST_IDS.keys()].map((type) => ({ family: SIMULATED_FAMILY, channel, type })),
		);
	}

	/** The time step it is. */
	get step(): number {
		return Math.floor(this.clock.now() / this.options.stepMs);
	}

	stepStartMs(step: number): number {
		return step * this.options.stepMs;
	}

	/** Points of a key; 0 when there is no such key. */
	size({ family, channel, type }: PointKey): number {
		const isChannel = channel >= FIRST_CHANNEL && channel < FIRST_CHANNEL + this.options.channels;
		if (family !== SIMULATED_FAMILY || !isChannel || !Number.isInteger(channel)) return 0;
		if (type === DataType.TELEMETRY) return this.options.points;
		if (type === DataType.SIGNAL) return Math.ceil(this.options.points / 2);
		return FIRST_IDS.has(type) ? Math.ceil(this.options.points / 4) : 0;
	}

	/** All points of a key as they are now, by id. */
	read(key: PointKey): readonly PlantPoint[] {
		const { step } = this;
		const firstId = FIRST_IDS.get(key.type) ?? 0;
		return Array.from({ length: this.size(key) }, (_, index) => ({
			pointId: firstId + index,
			...this.pointAt({ channel: key.channel, type: key.type, index }, step),
		}));
	}

	/** One point as it is now, undefined when there is none. */
	point({ pointId, ...key }: CommandTarget): PlantPoint | undefined {
		const index = this.indexOf(key, pointId);
		if (index < 0) return undefined;
		return { pointId, ...this.pointAt({ channel: key.channel, type: key.type, index }, this.step) };
	}

	/**
	 * Carries out a command.
	 *
	 * @returns why it was not carried out; "" when it was.
	 */
	write({ pointId, ...key }: CommandTarget, value: number): string {
		if (key.type !== DataType.CONTROL && key.type !== DataType.ADJUSTMENT) return "the point cannot be written";
		const index = this.indexOf(key, pointId);
		if (index < 0) return "no such point";
		if (!Number.isFinite(value)) return "the value is no number";
		if (key.type === DataType.CONTROL && value !== 0 && value !== 1) return "a switch knows 0 and 1 only";
		this.commanded.set(addressText({ ...key, index }), { value, atMs: this.clock.now() });
		// The points that track it change at once.
		const trackingType = key.type === DataType.CONTROL ? DataType.SIGNAL : DataType.TELEMETRY;
		for (const listener of this.listeners) {
			listener(key);
			listener({ ...key, type: trackingType });
		}
		return "";
	}

	/** The listener gets each key that a command changed. */
	onWrite(listener: (key: PointKey) => void): void {
		this.listeners.push(listener);
	}

	private indexOf(key: PointKey, pointId: number): number {
		const index = pointId - (FIRST_IDS.get(key.type) ?? 0);
		return Number.isInteger(index) && index >= 0 && index < this.size(key) ? index : -1;
	}

	private pointAt(address: SignalAddress, step: number): { value: number; atMs: number } {
		const { seed } = this.options;
		const { channel, index } = address;
		const atMs = this.stepStartMs(step);
		const writable = Math.ceil(this.options.points / 4);
		switch (address.type) {
			case DataType.TELEMETRY: {
				if (index % TRACKING_EVERY !== TRACKING_EVERY - 1) return { value: telemetry(seed, address, step), atMs };
				const setPoint = Math.floor(index / TRACKING_EVERY) % writable;
				const { value } = this.commandedAt({ channel, type: DataType.ADJUSTMENT, index: setPoint });
				return { value: trackingPoint(seed, address, step, value), atMs };
			}
			case DataType.SIGNAL:
				// Signals with an even index show the state of their switch.
				if (index % 2 === 1) return { value: contact(seed, address, step), atMs };
				return { value: this.commandedAt({ channel, type: DataType.CONTROL, index: index / 2 }).value, atMs };
			default:
				return this.commandedAt(address);
		}
	}

	private commandedAt(address: SignalAddress): Commanded {
		const commanded = this.commanded.get(addressText(address));
		if (commanded !== undefined) return commanded;
		const value = address.type === DataType.CONTROL ? 0 : initialSetPoint(this.options.seed, address);
		return { value, atMs: this.startedAtMs };
	}
}

function addressText({ channel, type, index }: SignalAddress): string {
	return `${channel}:${type}:${index}`;
}

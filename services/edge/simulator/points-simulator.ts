// The points of a simulated plant, as those of a box.

import { fillPage, wholePage } from "../../../common/page-fill.ts";
import { Quality } from "../../../protocol/gen/schema.ts";
import {
	type BoxChannelPage,
	type BoxPoints,
	emptyReading,
	type KeyReading,
	type KeyRequest,
	KeyState,
	type PointKey,
	pointKeyText,
} from "../boxes/box-points.ts";
import { channelBefore } from "../boxes/channel-cursor.ts";
import { SIMULATED_FAMILY, type SimulatedPlant } from "./points-plant.ts";

interface Cached {
	readonly step: number;
	readonly reading: KeyReading;
}

export class SimulatorBoxPoints implements BoxPoints {
	private readonly plant: SimulatedPlant;
	/** At most one for each key of the plant. */
	private readonly cache = new Map<string, Cached>();
	private watched = new Set<string>();
	private listener: ((keyText: string) => void) | undefined;
	private timer: NodeJS.Timeout | undefined;

	constructor(plant: SimulatedPlant) {
		this.plant = plant;
		plant.onWrite((key) => this.wrote(pointKeyText(key)));
	}

	async read(requests: readonly KeyRequest[]): Promise<readonly KeyReading[]> {
		return requests.map(({ key }) => this.readKey(key));
	}

	async channels(family: string, cursor: string, limit: number): Promise<BoxChannelPage> {
		const after = channelBefore(cursor);
		if (family !== SIMULATED_FAMILY) return { channels: [], nextCursor: "" };
		const byChannel = new Map<number, PointKey[]>();
		for (const key of this.plant.keys) {
			if (key.channel <= after) continue;
			const keys = byChannel.get(key.channel);
			if (keys !== undefined) keys.push(key);
			else byChannel.set(key.channel, [key]);
		}
		const lastUpdateMs = this.plant.stepStartMs(this.plant.step);
		const { shown, nextCursor } = fillPage<[number, PointKey[]]>(wholePage, {
			...{ found: byChannel, limit },
			cursorBehind: ([channel]) => String(channel),
		});
		const channels = shown.map(([channel, keys]) => {
			const data = keys.map((key) => ({ type: key.type, points: this.plant.size(key) }));
			return { channel, data, isOnline: true, lastUpdateMs };
		});
		return { channels, nextCursor };
	}

	watch(keys: readonly PointKey[]): void {
		this.watched = new Set(keys.map(pointKeyText));
		if (this.watched.size === 0) this.close();
		// Everything moves at each step.
		else this.timer ??= setInterval(() => this.notifyAll(), this.plant.options.stepMs).unref();
	}

	onChange(listener: (keyText: string) => void): void {
		this.listener = listener;
	}

	close(): void {
		clearInterval(this.timer);
		this.timer = undefined;
	}

	private readKey(key: PointKey): KeyReading {
		const text = pointKeyText(key);
		const { step } = this.plant;
		const cached = this.cache.get(text);
		if (cached?.step === step) return cached.reading;
		if (this.plant.size(key) === 0) {
			return emptyReading(key, KeyState.MISSING, "no such key");
		}
		const points = this.plant.read(key).map(({ pointId, value, atMs }) => {
			return { pointId, value, quality: Quality.GOOD, flags: 0, sourceMs: atMs };
		});
		const writtenMs = this.plant.stepStartMs(step);
		const newestMs = points.reduce((newest, { sourceMs }) => Math.max(newest, sourceMs), writtenMs);
		const reading = { key, state: KeyState.PRESENT, reason: "", points, writtenMs, newestMs };
		this.cache.set(text, { step, reading });
		return reading;
	}

	private wrote(text: string): void {
		this.cache.delete(text);
		if (this.watched.has(text)) this.listener?.(text);
	}

	private notifyAll(): void {
		for (const text of this.watched) this.listener?.(text);
	}
}

// Telemetry for systems outside the gateway: whole channels, read when asked, of which those are returned that have changed.
import { createHash } from "node:crypto";
import { batches } from "../../../common/batches.ts";
import type { Clock } from "../../../common/clock.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { ChannelUpdate, DataType, Quality } from "../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointKey } from "../boxes/box-points.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { wireReading } from "../models/reading-wire.ts";
import { shownPoints } from "./reading-points.ts";
import { SourceAge } from "./source-age.ts";
import { type Selection, selectionOf } from "./view-spec.ts";

export interface SampleServices {
	readonly boxes: Boxes;
	readonly policy: Pick<EdgePolicy, "isOpen">;
	readonly clock: Clock;
}

/** Channels of a source; no points: all of them. */
export interface SampleSelection {
	/** "" for the first. */
	readonly source: string;
	readonly channels: readonly number[];
	readonly points: readonly number[];
}

export interface Sample {
	/** `local/comsrv/1001/telemetry` */
	readonly path: string;
	/** ChannelUpdate. */
	readonly body: Uint8Array;
}

interface Last {
	readonly reading: KeyReading;
	readonly isStale: boolean;
	/** Of what was returned. */
	readonly digest: string;
}

/** Channels times data types of all selections. */
const MAX_KEYS = 4000;
const MAX_NAMED_POINTS = 50_000;
/** Of one key; further ones are left out. */
const MAX_POINTS = 2000;
const KEYS_PER_READ = 16;

export class TelemetrySamples {
	private readonly services: SampleServices;
	private readonly staleMs: number;
	private readonly selections: readonly Selection[];
	/** What was returned last, by path. */
	private readonly last = new Map<string, Last>();
	/** By path. */
	private readonly ages = new Map<string, SourceAge>();

	/**
	 * @param staleMs - as in TelemetryOptions.
	 * @throws Error when a source does not exist, or a selection has nothing that is open.
	 */
	constructor(services: SampleServices, selections: readonly SampleSelection[], staleMs: number) {
		this.services = services;
		this.staleMs = staleMs;
		let left = MAX_KEYS;
		this.selections = selections.map(({ source, channels, points }) => {
			try {
				const request = { source, channels, pointIds: points };
				const limits = { maxKeys: left, maxPoints: MAX_NAMED_POINTS };
				const selection = selectionOf(services.boxes, request, services.policy, limits);
				left -= selection.keys.length;
				return selection;
			} catch (error) {
				const { message, violations } = GatewayError.from(error);
				const [first] = violations ?? [];
				const problem = first === undefined ? message : `${first.field} ${first.description}`;
				throw new Error(`telemetry of "${source}": ${problem}`, { cause: error });
			}
		});
	}

	/** What has changed since it was read last. @throws GatewayError UNAVAILABLE when a box does not answer. */
	async changed(): Promise<readonly Sample[]> {
		const changed: Sample[] = [];
		for (const selection of this.selections) {
			for (const keys of batches(selection.keys, KEYS_PER_READ)) {
				const { box } = selection.source;
				const readings = await box.points.read(keys.map((key) => ({ key, points: selection.points })));
				for (const reading of readings) {
					const sample = this.changedSample(selection, reading);
					if (sample !== undefined) changed.push(sample);
				}
			}
		}
		return changed;
	}

	/** Everything counts as changed. */
	forget(): void {
		this.last.clear();
	}

	private changedSample(selection: Selection, reading: KeyReading): Sample | undefined {
		const path = pathOf(selection.source.box.name, reading.key);
		const last = this.last.get(path);
		const isStale = this.isStale(path, reading);
		// A box returns the same object while nothing changes.
		if (last !== undefined && last.reading === reading && last.isStale === isStale) return undefined;
		const body = this.bodyOf(selection, reading, isStale);
		const digest = createHash("sha256").update(body).digest("base64");
		this.last.set(path, { reading, isStale, digest });
		return last?.digest === digest ? undefined : { path, body };
	}

	private bodyOf({ source, points }: Selection, reading: KeyReading, isStale: boolean): Uint8Array {
		const { key, state, reason, writtenMs } = reading;
		const quality = state === KeyState.MISSING ? Quality.UNAVAILABLE : Quality.BAD;
		const values = shownPoints(reading, points, MAX_POINTS).map((point) => ({
			...wireReading({ ...point, sourceMs: point.sourceMs || writtenMs }),
			quality: isStale && point.quality === Quality.GOOD ? Quality.UNCERTAIN : point.quality,
		}));
		const update = {
			source: source.name,
			channelId: key.channel,
			dataType: key.type,
			...(state === KeyState.PRESENT ? {} : { quality, reason }),
			points: values,
		};
		return ChannelUpdate.encode(update).finish();
	}

	private isStale(path: string, { newestMs }: KeyReading): boolean {
		const { clock } = this.services;
		const age = this.ages.get(path) ?? new SourceAge();
		this.ages.set(path, age);
		age.saw(newestMs, clock.monotonic(), clock.now());
		return this.staleMs > 0 && age.ageMs(clock.monotonic()) > this.staleMs;
	}
}

const typeNames = new Map(Object.entries(DataType).map(([name, type]) => [type, name.toLowerCase()]));

function pathOf(box: string, { family, channel, type }: PointKey): string {
	return `${box}/${family}/${channel}/${typeNames.get(type) ?? type}`;
}

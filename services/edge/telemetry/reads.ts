// What is asked for once: values as they are now, and which channels there are.

import { batches } from "../../../common/batches.ts";
import type { Clock } from "../../../common/clock.ts";
import {
	ChannelUpdate,
	type ChannelUpdateProperties,
	PointValue,
	type PointValueProperties,
	Quality,
	type ReadNowRequestProperties,
} from "../../../protocol/gen/schema.ts";
import { ReplyRoom } from "../../../protocol/reply-page.ts";
import { type KeyReading, KeyState, pointCount } from "../boxes/box-points.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { wireReading } from "../models/reading-wire.ts";
import { MIN_POINTS_PER_KEY } from "./options.ts";
import type { PointMeter } from "./point-meter.ts";
import { shownCount, shownPoints } from "./reading-points.ts";
import { SourceAge } from "./source-age.ts";
import { sourceStates } from "./telemetry.ts";
import { type Selection, selectionOf } from "./view-spec.ts";

export interface ReadsServices {
	readonly boxes: Boxes;
	readonly policy: Pick<EdgePolicy, "isOpen">;
	readonly meter: PointMeter;
	readonly clock: Clock;
}

const MAX_KEYS = 400;
/** Points of one reply; the message is to stay below what clients take. */
const MAX_POINTS = 2000;
const DEFAULT_CHANNELS = 100;
/** Of one reply: six types of each, in JSON, are below a page. */
const MAX_CHANNELS = 500;
/** Keys that are read together: reads beyond the end of the reply are wasted. */
const KEYS_PER_READ = 16;
/** Points that may be named, in all keys of a request. */
const MAX_NAMED_POINTS = 50_000;

export class TelemetryReads {
	private readonly services: ReadsServices;
	private readonly staleMs: number;

	/** @param staleMs - as in TelemetryOptions. */
	constructor(services: ReadsServices, staleMs: number) {
		this.services = services;
		this.staleMs = staleMs;
	}

	/**
	 * @param userId - whose request it is.
	 * @param room - what the reply may carry.
	 * @throws GatewayError VALIDATION_FAILED or NOT_FOUND naming the field, RATE_LIMITED when the user's requests have touched too
	 *   many points, UNAVAILABLE.
	 */
	async readNow(userId: string, request: ReadNowRequestProperties, room = new ReplyRoom("json")) {
		const { boxes, policy, meter, clock } = this.services;
		const selection = selectionOf(boxes, request, policy, { maxKeys: MAX_KEYS, maxPoints: MAX_NAMED_POINTS });
		const { source, points, failed } = selection;
		const updates: ChannelUpdateProperties[] = [];
		meter.admit(userId);
		let left = MAX_POINTS;
		for await (const reading of this.readings(userId, selection)) {
			const { key, state, reason, writtenMs } = reading;
			const worst = this.isStale(reading) ? Quality.UNCERTAIN : Quality.GOOD;
			const quality = state === KeyState.MISSING ? Quality.UNAVAILABLE : Quality.BAD;
			const head = {
				source: source.name,
				channelId: key.channel,
				dataType: key.type,
				...(state === KeyState.PRESENT ? {} : { quality, reason }),
			};
			room.reserve(ChannelUpdate, head);
			const values: PointValueProperties[] = [];
			for (const point of shownPoints(reading, points, left)) {
				const wired = {
					...wireReading({ ...point, sourceMs: point.sourceMs || writtenMs }),
					quality: point.quality === Quality.GOOD ? worst : point.quality,
				};
				if (!room.take(PointValue, wired)) break;
				values.push(wired);
			}
			left -= values.length;
			updates.push({ ...head, points: values });
			if (values.length < shownCount(reading, points))
				return { updates, failed: [...failed], serverTsMs: clock.now(), isTruncated: true };
		}
		return { updates, failed: [...failed], serverTsMs: clock.now(), isTruncated: false };
	}

	/**
	 * @param userId - whose request it is.
	 * @throws GatewayError NOT_FOUND naming the source, VALIDATION_FAILED naming the cursor, RATE_LIMITED as `readNow`,
	 *   UNAVAILABLE.
	 */
	async channels(userId: string, sourceName: string, cursor: string, limit: number) {
		const { boxes, policy, meter } = this.services;
		const source = boxes.source(sourceName);
		meter.admit(userId);
		const page = await source.box.points.channels(
			source.source.family,
			cursor,
			Math.min(limit || DEFAULT_CHANNELS, MAX_CHANNELS),
		);
		meter.charge(
			userId,
			page.channels.reduce((sum, { data }) => sum + data.length * MIN_POINTS_PER_KEY, 0),
		);
		return {
			channels: page.channels
				.filter(({ channel }) => policy.isOpen(channel))
				.map(({ channel, data, isOnline, lastUpdateMs }) => ({
					channel,
					data: data.map(({ type, points }) => ({ dataType: type, points })),
					...(isOnline === undefined ? {} : { isOnline }),
					lastUpdateMs,
				})),
			nextCursor: page.nextCursor,
			sources: boxes.sources.map(({ name, box, source: { types } }) => ({
				name,
				state: sourceStates[box.condition.state],
				dataTypes: [...types],
			})),
		};
	}

	private isStale({ newestMs }: KeyReading): boolean {
		const age = new SourceAge();
		age.saw(newestMs, 0, this.services.clock.now());
		return this.staleMs > 0 && age.ageMs(0) > this.staleMs;
	}

	/** The readings of a selection, read as they are asked for. What is read counts, not what is shown of it. */
	private async *readings(userId: string, { source, keys, points }: Selection): AsyncGenerator<KeyReading> {
		for (const batch of batches(keys, KEYS_PER_READ)) {
			const requests = batch.map((key) => ({ key, points }));
			const readings = await source.box.points.read(requests);
			const sum = readings.reduce((total, reading) => total + Math.max(MIN_POINTS_PER_KEY, pointCount(reading)), 0);
			this.services.meter.charge(userId, sum);
			yield* readings;
		}
	}
}

// What is asked for once: values as they are now, and which channels there are.
import { type KeyReading, KeyState, type PointReading } from "../../ports/box-points.ts";
import type { Clock } from "../../ports/clock.ts";
import {
	ChannelUpdate,
	type ChannelUpdateProperties,
	PointValue,
	type PointValueProperties,
	Quality,
	type ReadNowRequestProperties,
} from "../../protocol/gen/schema.ts";
import { ReplyRoom } from "../../protocol/reply-page.ts";
import type { Boxes } from "../boxes.ts";
import { wireReading } from "../models/reading-wire.ts";
import { SourceAge } from "./source-age.ts";
import { sourceStates } from "./telemetry.ts";
import { shownPoints } from "./view.ts";
import { type ChannelPolicy, type Selection, selectionOf } from "./view-spec.ts";

export interface ReadsServices {
	readonly boxes: Boxes;
	readonly isOpen: ChannelPolicy;
	readonly clock: Clock;
}

const MAX_KEYS = 400;
/** Points of one reply; the message is to stay below what clients take. */
const MAX_POINTS = 2000;
const DEFAULT_CHANNELS = 100;
/** Of one reply: six types of each, in JSON, are below a page. */
const MAX_CHANNELS = 500;
/** Keys that are read at once: what is read beyond the end of the reply is for nothing. */
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
	 * @param room - what the reply may carry.
	 * @throws GatewayError VALIDATION_FAILED or NOT_FOUND naming the field, UNAVAILABLE.
	 */
	async readNow(request: ReadNowRequestProperties, room = new ReplyRoom("json")) {
		const { boxes, isOpen, clock } = this.services;
		const selection = selectionOf(boxes, request, isOpen, { maxKeys: MAX_KEYS, maxPoints: MAX_NAMED_POINTS });
		const { source, points, failed } = selection;
		const updates: ChannelUpdateProperties[] = [];
		let left = MAX_POINTS;
		for await (const reading of readings(selection)) {
			const { key, state, reason, writtenMs } = reading;
			const shown = shownPoints(reading, points);
			const worst = this.isStale(shown, writtenMs) ? Quality.UNCERTAIN : Quality.GOOD;
			const quality = state === KeyState.MISSING ? Quality.UNAVAILABLE : Quality.BAD;
			const head = {
				...{ source: source.name, channelId: key.channel, dataType: key.type },
				...(state === KeyState.PRESENT ? {} : { quality, reason }),
			};
			room.reserve(ChannelUpdate, head);
			const told: PointValueProperties[] = [];
			for (const point of shown.slice(0, left)) {
				const wired = {
					...wireReading({ ...point, sourceMs: point.sourceMs || writtenMs }),
					quality: point.quality === Quality.GOOD ? worst : point.quality,
				};
				if (!room.take(PointValue, wired)) break;
				told.push(wired);
			}
			left -= told.length;
			updates.push({ ...head, points: told });
			if (told.length < shown.length)
				return { updates, failed: [...failed], serverTsMs: clock.now(), isTruncated: true };
		}
		return { updates, failed: [...failed], serverTsMs: clock.now(), isTruncated: false };
	}

	/** @throws GatewayError NOT_FOUND naming the source, VALIDATION_FAILED naming the cursor, UNAVAILABLE. */
	async channels(sourceName: string, cursor: string, limit: number) {
		const { boxes, isOpen } = this.services;
		const source = boxes.source(sourceName);
		const page = await source.box.points.channels(
			source.source.family,
			cursor,
			Math.min(limit || DEFAULT_CHANNELS, MAX_CHANNELS),
		);
		return {
			channels: page.channels
				.filter(({ channel }) => isOpen(source, channel))
				.map(({ channel, data, isOnline, lastUpdateMs }) => ({
					channel,
					data: data.map(({ type, points }) => ({ dataType: type, points })),
					...(isOnline === undefined ? {} : { isOnline }),
					lastUpdateMs,
				})),
			nextCursor: page.nextCursor,
			sources: boxes.sources.map(({ name, box, source: { types } }) => ({
				...{ name, state: sourceStates[box.condition.state], dataTypes: [...types] },
			})),
		};
	}

	private isStale(points: readonly PointReading[], writtenMs: number): boolean {
		const { clock } = this.services;
		const age = new SourceAge();
		age.saw(
			points.reduce((newest, { sourceMs }) => Math.max(newest, sourceMs), writtenMs),
			0,
			clock.now(),
		);
		return this.staleMs > 0 && age.ageMs(0) > this.staleMs;
	}
}

/** The readings of a selection, read as they are asked for. */
async function* readings({ source, keys, points }: Selection): AsyncGenerator<KeyReading> {
	for (let start = 0; start < keys.length; start += KEYS_PER_READ) {
		const requests = keys.slice(start, start + KEYS_PER_READ).map((key) => ({ key, points }));
		yield* await source.box.points.read(requests);
	}
}

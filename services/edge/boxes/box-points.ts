// Reading the points of a box.
import type { DataType, Quality } from "../../../protocol/gen/schema.ts";

/** Names one hash of points: what reads are counted by. */
export interface PointKey {
	/** Family of a `BoxSource`. */
	readonly family: string;
	readonly channel: number;
	readonly type: DataType;
}

/** One text for a key, for maps: `comsrv:1001:1`. */
export function pointKeyText({ family, channel, type }: PointKey): string {
	return `${family}:${channel}:${type}`;
}

export interface PointReading {
	readonly pointId: number;
	/** Undefined when what was written is no value. Numbers wherever the text is one that a double holds. */
	readonly value: number | string | boolean | undefined;
	/** As the writer and the text give it; the reader decides whether the value is out of date. */
	readonly quality: Quality;
	/** Quality descriptors of IEC 60870-5-104. */
	readonly flags: number;
	/** When the field service wrote it, Unix milliseconds whatever the writer's unit; 0 when it gives no time. */
	readonly sourceMs: number;
}

export const KeyState = {
	PRESENT: "present",
	/** No such key. */
	MISSING: "missing",
	/** There is something else under the name, or more than is read. */
	FAILED: "failed",
} as const;
export type KeyState = (typeof KeyState)[keyof typeof KeyState];

export interface KeyReading {
	readonly key: PointKey;
	readonly state: KeyState;
	/** Why it is missing or failed, for people: "WRONGTYPE", "more than 10000 points". */
	readonly reason: string;
	/** In the order of their ids, each once. */
	readonly points: readonly PointReading[];
	/** `_timestamp` of the hash, Unix milliseconds; 0 when there is none. */
	readonly writtenMs: number;
	/** The latest time given, of the hash or of one of its points; 0 when none is given. */
	readonly newestMs: number;
	/** The same as `points`, of a reading that has numbers only; `points` are built on first access then. */
	readonly numbers?: NumberColumns;
	/** Of a hash that is too large to be read whole, which was asked for as well: the points that were named. */
	readonly named?: KeyReading;
}

/** Points as columns. Each is a number of good quality, without flags. */
export interface NumberColumns {
	readonly ids: readonly number[];
	readonly values: readonly number[];
	/** `PointReading.sourceMs` of each; undefined: `KeyReading.writtenMs` for all of them. */
	readonly times: readonly number[] | undefined;
}

/** How many points a reading has. */
export function pointCount(reading: KeyReading): number {
	return (reading.numbers?.ids ?? reading.points).length;
}

/** The reading of a key that has no points. */
export function emptyReading(key: PointKey, state: KeyState, reason: string): KeyReading {
	return { key, state, reason, points: [], writtenMs: 0, newestMs: 0 };
}

export interface KeyRequest {
	readonly key: PointKey;
	/** `pointKeyText` of the key, kept by callers that read it repeatedly. */
	readonly text?: string;
	/** Points that are wanted, a hint for huge hashes: more may be returned. Undefined: all, up to the limit of the box. */
	readonly points: ReadonlySet<number> | undefined;
	/** All are wanted besides those that are named; where that is too many, `KeyReading.named` has the named ones. */
	readonly isWhole?: boolean;
}

export interface BoxChannel {
	readonly channel: number;
	readonly data: readonly { readonly type: DataType; readonly points: number }[];
	/** Undefined when the box does not give it. */
	readonly isOnline: boolean | undefined;
	/** Unix milliseconds; 0 when not given. */
	readonly lastUpdateMs: number;
}

export interface BoxChannelPage {
	readonly channels: readonly BoxChannel[];
	/** "" at the end. */
	readonly nextCursor: string;
}

export interface BoxPoints {
	/**
	 * Reads many keys with as few commands as keys, in the order asked. A key that fails, fails alone. Where nothing changed
	 * since the read before, the same `KeyReading` object may be returned, so that `===` shows that nothing changed. A
	 * reading that was returned is not modified by later reads of the key.
	 *
	 * @throws GatewayError UNAVAILABLE when the box does not answer in time.
	 */
	read(requests: readonly KeyRequest[]): Promise<readonly KeyReading[]>;
	/**
	 * Channels by number.
	 *
	 * @param cursor - "" for the beginning.
	 * @throws GatewayError UNAVAILABLE; VALIDATION_FAILED when the cursor is none.
	 */
	channels(family: string, cursor: string, limit: number): Promise<BoxChannelPage>;
	/**
	 * Subscribes to changes of keys, where the box publishes them; the set replaces the one before. Where the box does
	 * not publish them, this does nothing, and changes are found by polling only. A notification is a hint: it may be
	 * late, repeated, or lost.
	 */
	watch(keys: readonly PointKey[]): void;
	/** Set once. The listener gets `pointKeyText` of what changed. */
	onChange(listener: (keyText: string) => void): void;
}

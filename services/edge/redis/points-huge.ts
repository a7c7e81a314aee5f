// Hashes with more points than are read at once: only the points that are wanted are asked for.
import { batches } from "../../../common/batches.ts";
import { type KeyReading, KeyState, type PointReading } from "../boxes/box-points.ts";
import type { BoxLink, ReplyOrError } from "./box-link.ts";
import type { PointHash } from "./points-hash.ts";
import { readPoint } from "./points-parse.ts";
import { parseQuality, parseTimeMs, type WrittenQuality } from "./points-values.ts";

/** Fields of one HMGET. */
const FIELDS_PER_COMMAND = 500;
const TIMESTAMP = "_timestamp";

/**
 * Reads points of a huge hash, and how large it is now.
 *
 * @throws GatewayError UNAVAILABLE.
 */
export async function readHuge(
	link: BoxLink,
	hash: PointHash,
	wanted: ReadonlySet<number>,
	maxPoints: number,
): Promise<KeyReading> {
	if (wanted.size > maxPoints) {
		return hash.fail(KeyState.FAILED, `more than ${maxPoints} points`);
	}
	const ids = [...wanted].sort((a, b) => a - b);
	const size = await link.pipeline((pipeline) => pipeline.call("HLEN", hash.redisKey));
	const count = size[0]?.[0] === null ? Number(size[0][1]) : 0;
	// Metadata are fields, too.
	hash.isHuge = count > maxPoints + 1;
	if (count === 0) return hash.fail(KeyState.MISSING, "no such key");
	const values = await fetchFields(link, hash.redisKey, [TIMESTAMP, ...ids.map(String)]);
	if (typeof values === "string") return hash.fail(KeyState.FAILED, values);
	const times = await fetchBeside(link, hash.timesKey, ids);
	const qualities = hash.hasQualities ? await fetchBeside(link, hash.qualityKey, ids) : undefined;
	const timestamp = values[0];
	const writtenMs = timestamp == null ? 0 : parseTimeMs(timestamp, 0, timestamp.length);
	const points: PointReading[] = [];
	ids.forEach((id, index) => {
		const value = values[index + 1];
		if (value == null) return;
		const time = times?.[index];
		const sourceMs = time == null ? writtenMs : parseTimeMs(time, 0, time.length);
		points.push(readPoint(id, value, 0, value.length, sourceMs, writtenQuality(qualities?.[index])));
	});
	const newestMs = points.reduce((newest, { sourceMs }) => Math.max(newest, sourceMs), writtenMs);
	return hash.settle({ key: hash.key, state: KeyState.PRESENT, reason: "", points, writtenMs, newestMs });
}

function writtenQuality(text: Buffer | null | undefined): WrittenQuality | undefined {
	return text == null ? undefined : parseQuality(text, 0, text.length);
}

/** Fields of a hash that may not be there, or not be one. */
async function fetchBeside(
	link: BoxLink,
	key: string | undefined,
	ids: readonly number[],
): Promise<(Buffer | null)[] | undefined> {
	if (key === undefined) return undefined;
	const values = await fetchFields(link, key, ids.map(String));
	return typeof values === "string" ? undefined : values;
}

/** The fields in order, or why the hash cannot be read. */
async function fetchFields(link: BoxLink, key: string, fields: readonly string[]): Promise<(Buffer | null)[] | string> {
	const replies: readonly ReplyOrError[] = await link.pipeline((pipeline) => {
		for (const batch of batches(fields, FIELDS_PER_COMMAND)) {
			pipeline.callBuffer("HMGET", key, ...batch);
		}
	});
	const values: (Buffer | null)[] = [];
	for (const [error, reply] of replies) {
		if (error !== null) return error.message.slice(0, 200);
		values.push(...(reply as (Buffer | null)[]));
	}
	return values;
}

// Values of a model by name: from the hashes that the model service keeps, and where those lack a name, from the point that
// it is mapped to.

import { Quality } from "../../../protocol/gen/schema.ts";
import type { BoxMapping, BoxModel, BoxModelValues, NamedReading } from "../boxes/box-models.ts";
import type { PointReading } from "../boxes/box-points.ts";
import { timeMsOf } from "./box-json.ts";
import type { BoxLink, ReplyOrError } from "./box-link.ts";
import { type BoxDialect, DialectName, Family } from "./dialect.ts";
import { parseText } from "./points-values.ts";

/** A hash with more fields than this is only asked for the names that are mapped. */
const MAX_OWN_FIELDS = 5000;
/** As of mappings: what has a longer name is left out. */
const MAX_NAME_LENGTH = 256;
const UPDATED = "__updated";

type Fields = ReadonlyMap<string, string>;

export async function readModelValues(link: BoxLink, dialect: BoxDialect, model: BoxModel): Promise<BoxModelValues> {
	const own = [dialect.models.measurementKey(model.id), dialect.models.actionKey(model.id)] as const;
	const sizes = await link.pipeline((pipeline) => {
		for (const key of own) pipeline.hlen(key);
	});
	const mapped = [model.measurements, model.actions] as const;
	const replies = await link.pipeline((pipeline) => {
		for (const [index, key] of own.entries()) {
			if (isSmall(sizes[index])) pipeline.hgetall(key);
			else pipeline.hmget(key, UPDATED, ...namesOf(dialect, mapped[index] ?? []));
		}
	});
	const hashes = own.map((_, index) => {
		if (isSmall(sizes[index])) return wholeHash(replies[index]);
		return namedFields(replies[index], [UPDATED, ...namesOf(dialect, mapped[index] ?? [])]);
	});
	const [measurements = new Map(), actions = new Map()] = hashes;
	const missing = [...lacking(dialect, model.measurements, measurements), ...lacking(dialect, model.actions, actions)];
	const points = await readPoints(link, dialect, missing);
	return {
		measurements: named(dialect, model.measurements, measurements, points),
		actions: named(dialect, model.actions, actions, points),
	};
}

/** A key of another type, or a missing one, counts as an empty hash. */
function isSmall(size: ReplyOrError | undefined): boolean {
	return !(Number(size?.[1]) > MAX_OWN_FIELDS);
}

function wholeHash(reply: ReplyOrError | undefined): Fields {
	if (reply === undefined || reply[0] !== null) return new Map();
	return new Map(Object.entries(reply[1] as Record<string, string>));
}

function namedFields(reply: ReplyOrError | undefined, names: readonly string[]): Fields {
	if (reply === undefined || reply[0] !== null) return new Map();
	const values = reply[1] as readonly (string | null)[];
	return new Map(names.flatMap((name, index) => (values[index] == null ? [] : [[name, values[index] as string]])));
}

/** In the model's own hash a mapping stands under its name; an instance's hash goes by the numbers of its points. */
function fieldOf(dialect: BoxDialect, mapping: BoxMapping): string {
	return dialect.name === DialectName.V2 ? String(mapping.pointId) : mapping.name;
}

function namesOf(dialect: BoxDialect, mappings: readonly BoxMapping[]): string[] {
	return mappings.map((mapping) => fieldOf(dialect, mapping));
}

function lacking(dialect: BoxDialect, mappings: readonly BoxMapping[], own: Fields): BoxMapping[] {
	return dialect.name === DialectName.V2 ? [] : mappings.filter((mapping) => !own.has(fieldOf(dialect, mapping)));
}

/** Points by `mappingText`, read with one command for each hash. */
async function readPoints(
	link: BoxLink,
	dialect: BoxDialect,
	mappings: readonly BoxMapping[],
): Promise<ReadonlyMap<string, PointReading>> {
	const byKey = new Map<string, BoxMapping[]>();
	for (const mapping of mappings) {
		const key = dialect.points.keyOf({ family: Family.COMSRV, channel: mapping.channel, type: mapping.type });
		if (key === undefined) continue;
		const others = byKey.get(key);
		if (others === undefined) byKey.set(key, [mapping]);
		else others.push(mapping);
	}
	const points = new Map<string, PointReading>();
	if (byKey.size === 0) return points;
	const wanted = [...byKey];
	const replies = await link.pipeline((pipeline) => {
		for (const [key, its] of wanted) pipeline.hmget(key, "_timestamp", ...its.map(({ pointId }) => String(pointId)));
	});
	for (const [index, [, its]] of wanted.entries()) {
		const [error, values] = replies[index] ?? [undefined, undefined];
		if (error !== null) continue;
		const [timestamp, ...texts] = values as (string | null)[];
		for (const [at, mapping] of its.entries()) {
			const text = texts[at];
			if (text != null) points.set(mappingText(mapping), reading(mapping.pointId, text, timeMsOf(timestamp)));
		}
	}
	return points;
}

function mappingText({ channel, type, pointId }: BoxMapping): string {
	return `${channel}:${type}:${pointId}`;
}

function named(
	dialect: BoxDialect,
	mappings: readonly BoxMapping[],
	own: Fields,
	points: ReadonlyMap<string, PointReading>,
): NamedReading[] {
	const updatedMs = timeMsOf(own.get(UPDATED));
	const isInstance = dialect.name === DialectName.V2;
	const readings = mappings.map((mapping): NamedReading => {
		const text = own.get(fieldOf(dialect, mapping));
		if (text !== undefined)
			return { name: mapping.name, reading: reading(isInstance ? mapping.pointId : 0, text, updatedMs) };
		const point = points.get(mappingText(mapping));
		return { name: mapping.name, reading: point ?? nothing(mapping.pointId) };
	});
	if (isInstance) return readings;
	// What the model service computes itself has no mapping.
	const known = new Set(mappings.map(({ name }) => name));
	for (const [name, text] of own) {
		if (known.has(name) || name.startsWith("_") || name.length > MAX_NAME_LENGTH) continue;
		readings.push({ name, reading: reading(0, text, updatedMs) });
	}
	return readings;
}

function reading(pointId: number, text: string, sourceMs: number): PointReading {
	const bytes = Buffer.from(text);
	return { pointId, ...parseText(bytes, 0, bytes.length), sourceMs };
}

function nothing(pointId: number): PointReading {
	return { pointId, value: undefined, quality: Quality.UNAVAILABLE, flags: 0, sourceMs: 0 };
}

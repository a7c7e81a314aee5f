// The building blocks of the configuration schema: each leaf says in its metadata what the reference page and the
// loader have to know about it.
import * as z from "zod";
import type { BucketRate } from "./token-bucket.ts";

/** What a key's schema carries beside its type. */
export interface FieldMeta {
	readonly description: string;
	/** Shown in the reference; the name ends in it already where the house style wants that. */
	readonly unit?: string;
	/** Takes effect on SIGHUP. */
	readonly reloadable?: boolean;
	/** Never shown, whole. */
	readonly secret?: boolean;
	/** May hold credentials in its user-info part, which is hidden. */
	readonly url?: boolean;
	/** The default in words, where it is computed. */
	readonly defaultText?: string;
	/** Of a word from a list: what else it may be called, in lower case. The word is taken in upper case as well. */
	readonly synonyms?: Readonly<Record<string, string>>;
	/** Names that other programs use for this key; the key's own name wins over them. */
	readonly aliases?: readonly string[];
	/** The same for a key in milliseconds, where those programs count in seconds. */
	readonly aliasesInSeconds?: readonly string[];
}

/** Attaches what is known about a key. Has to be the last call on the schema, as wrappers do not pass metadata on. */
export function field<Schema extends z.ZodType>(schema: Schema, meta: FieldMeta): Schema {
	return schema.meta({ ...meta });
}

/** The metadata of a leaf. @throws Error when a leaf was written without `field`. */
export function fieldMeta(schema: z.ZodType): FieldMeta {
	const meta = schema.meta();
	if (meta?.description === undefined) throw new Error("a configuration key has no description");
	return meta as unknown as FieldMeta;
}

/** A value that a person wrote, as the word of the list that it stands for: `INFO` and `info`, `warning` and `warn`. */
export function canonicalWord({ synonyms }: FieldMeta, value: unknown): unknown {
	if (synonyms === undefined || typeof value !== "string") return value;
	const word = value.toLowerCase();
	return Object.hasOwn(synonyms, word) ? synonyms[word] : word;
}

type NumberMeta = FieldMeta & { readonly min: number; readonly max: number; readonly default: number };

/** A whole number within bounds. */
export function integer({ min, max, default: value, ...meta }: NumberMeta) {
	return field(z.int().min(min).max(max).default(value), meta);
}

const DAY_MS = 86_400_000;

/** A time span; a year is the most that makes sense anywhere. */
export function milliseconds(meta: Omit<NumberMeta, "max" | "unit"> & { readonly max?: number }) {
	return integer({ max: 366 * DAY_MS, unit: "ms", ...meta });
}

export function bytes(meta: Omit<NumberMeta, "unit">) {
	return integer({ unit: "bytes", ...meta });
}

export function flag({ default: value, ...meta }: FieldMeta & { readonly default: boolean }) {
	return field(z.boolean().default(value), meta);
}

export function text({ default: value, ...meta }: FieldMeta & { readonly default: string }) {
	return field(z.string().trim().min(1).max(1024).default(value), meta);
}

export function optionalText(meta: FieldMeta) {
	return field(z.string().min(1).max(8192).optional(), meta);
}

export function texts({ default: value, ...meta }: FieldMeta & { readonly default: readonly string[] }) {
	return field(
		z
			.array(z.string().min(1).max(1024))
			.max(1000)
			.default([...value]),
		meta,
	);
}

/** The largest rate, per second, and the largest burst. */
export const MAX_RATE = 1_000_000;

/** A group of keys. Unknown ones are refused by the loader, which can say what was meant. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.strictObject(shape);
}

/** A rate that holds from the start of the process. */
export function rate(what: string, { perSecond, burst }: BucketRate) {
	return section({
		perSecond: field(z.number().min(0).max(MAX_RATE).default(perSecond), {
			description: `${what}: sustained rate, per process. 0 switches this limit off.`,
			unit: "1/s",
		}),
		burst: integer({ description: `${what}: how many at once.`, min: 1, max: MAX_RATE, default: burst }),
	});
}

// Options of a domain, declared once: a section of the configuration gives each its default, bounds and description,
// and from it come the type and the defaults that constructors use.
import * as z from "zod";

export type DeepReadonly<T> = T extends readonly (infer Item)[]
	? readonly DeepReadonly<Item>[]
	: T extends object
		? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
		: T;

/** The options that a section describes, as they are when the configuration has been checked. */
export type OptionsOf<Section extends z.ZodObject> = DeepReadonly<z.output<Section>>;

/** Freezes a value and everything in it. */
export function deepFreeze<T>(value: T): T {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const child of Object.values(value)) deepFreeze(child);
	}
	return value;
}

function defaultValue(schema: z.ZodType): unknown {
	if (!(schema instanceof z.ZodObject)) return schema.parse(undefined);
	const entries = Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>);
	return Object.fromEntries(entries.map(([name, inner]) => [name, defaultValue(inner)]));
}

/** The default of every option of a section, groups included; frozen. An option without a default is undefined. */
export function defaultsOf<Section extends z.ZodObject>(section: Section): OptionsOf<Section> {
	return deepFreeze(defaultValue(section)) as OptionsOf<Section>;
}

// Functions with declared parameters, as servers had them whose functions are called by the names and types of their parameters: the shortest
// form, for what is called by programs of one's own.
import * as z from "zod";
import type { ModuleCall } from "./context.ts";
import { ModuleFunction, type RouteOptions } from "./function.ts";
import type { ObjectSchema } from "./push.ts";

interface ParamValues {
	string: string;
	number: number;
	integer: number;
	boolean: boolean;
	object: Record<string, unknown>;
	array: unknown[];
	any: unknown;
}

type ParamName = keyof ParamValues;
/** `string`, `integer?` (may be left out), `string[]`, `object[]?` … */
export type ParamType = ParamName | `${ParamName}?` | `${ParamName}[]` | `${ParamName}[]?`;
export type Params = Readonly<Record<string, ParamType>>;

type ValueOf<Type extends string> = Type extends `${infer Of}?`
	? ValueOf<Of> | undefined
	: Type extends `${infer Of}[]`
		? ValueOf<Of>[]
		: Type extends ParamName
			? ParamValues[Type]
			: never;
type OptionalOf<P extends Params> = { [Name in keyof P]: P[Name] extends `${string}?` ? Name : never }[keyof P];
/** What a function gets for its parameters. */
export type ParamsOf<P extends Params> = { [Name in Exclude<keyof P, OptionalOf<P>>]: ValueOf<P[Name]> } & {
	[Name in OptionalOf<P>]?: ValueOf<P[Name]>;
};

export interface ParamsOptions<P extends Params> extends RouteOptions {
	/** By name. A parameter that is not declared is refused, and so is one of another type, and one that is missing. */
	readonly params: P;
	/** Answers a call. What it returns is sent as it is: an object of JSON. */
	readonly run: (params: ParamsOf<P>, call: ModuleCall) => object | Promise<object>;
}

const TYPES: Readonly<Record<ParamName, () => z.ZodType>> = {
	string: () => z.string(),
	number: () => z.number(),
	integer: () => z.int(),
	boolean: () => z.boolean(),
	object: () => z.record(z.string(), z.unknown()),
	array: () => z.array(z.unknown()),
	any: () => z.unknown(),
};

/**
 * Defines a function by the names and types of its parameters.
 *
 * @example
 * hello: defineApi({ number: 7001, params: { name: "string?" }, run: ({ name = "World" }) => ({ message: `Hello, ${name}!` }) })
 * @throws Error that names a parameter whose type is none.
 */
export function defineApi<const P extends Params>(options: ParamsOptions<P>): ModuleFunction {
	const { params, ...rest } = options;
	const shape = Object.entries(params).map(([name, type]) => [name, schemaOf(name, type)] as const);
	const input: ObjectSchema = z.object(Object.fromEntries(shape));
	const output: ObjectSchema = z.looseObject({});
	const erased = { ...rest, input, output } as unknown as ModuleFunction["options"];
	return new ModuleFunction(erased, new Error("defined").stack ?? "");
}

function schemaOf(name: string, type: string): z.ZodType {
	const [, of = "", list, optional] = /^([a-z]+)(\[\])?(\?)?$/.exec(type) ?? [];
	if (!Object.hasOwn(TYPES, of)) {
		throw new Error(
			`parameter ${name}: ${type} is no type: ${Object.keys(TYPES).join(", ")}, with [] for a list and ? where it may be left out`,
		);
	}
	const one = TYPES[of as ParamName]();
	const schema = list === undefined ? one : z.array(one);
	return optional === undefined ? schema : schema.optional();
}

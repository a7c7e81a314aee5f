// Examples of messages as plain JSON has them, for the OpenAPI description: values that people recognise, by the names of fields, and
// within the rules of these. Part of `npm run generate`.
import protobuf from "protobufjs";
import { protoName, type ReadOption } from "./generate-http.ts";
import type { Rules } from "./generate-schemas.ts";

const ID = "0198f0a2-7c31-7d6e-8a55-2f1e9c0b7a11";
const TIME_MS = 1_754_530_782_000;

/** By name of the field. In a request, fields that are not required are shown where they have a value here. */
const TEXTS: Readonly<Record<string, string>> = {
	account: "ada",
	client_msg_id: "1",
	code: "12345678",
	description: "What is said about it",
	device_name: "Pixel 9, Android 16",
	email: "ada@example.org",
	game_type: "gomoku",
	name: "hall",
	new_password: "battery staple horse",
	nickname: "Ada L.",
	password: "correct horse battery staple",
	text: "hello",
	title: "Tonight",
	topic: "plans for the week",
	username: "ada",
};
const NUMBERS: Readonly<Record<string, number>> = {
	channel: 1001,
	channel_id: 1001,
	channels: 1001,
	limit: 20,
	point_id: 1,
	value: 21.5,
};
const isNamed = (name: string): boolean => TEXTS[name] !== undefined || NUMBERS[name] !== undefined;
/** What a text may have to look like, in the order in which it is tried. */
const SHAPES = ["general", "1", ID, "ada@example.org", "https://example.org/", "12345678", "a1"];
/** Messages within messages; deeper ones are left out. */
const MAX_DEPTH = 5;
const BYTES = "aGVsbG8=";

export type Example = string | number | boolean | readonly Example[] | { readonly [name: string]: Example };

export class ExampleWriter {
	private readonly option: ReadOption;
	private readonly shortName: (type: protobuf.Enum, value: string) => string;

	constructor(option: ReadOption, shortName: (type: protobuf.Enum, value: string) => string) {
		this.option = option;
		this.shortName = shortName;
	}

	/** What a reply may be: every field, of a group of which only one may be set the first. */
	reply(type: protobuf.Type): Example {
		return this.replyAt(type, 0);
	}

	/**
	 * Some fields of a request: those that have to be there, and those that people want to see.
	 *
	 * @returns undefined where a field that has to be there has no example.
	 */
	request(fields: readonly protobuf.Field[], depth = 0): { readonly [name: string]: Example } | undefined {
		const shown: Record<string, Example> = {};
		for (const field of fields) {
			const isRequired = this.isRequired(field);
			if (!isRequired && (isMember(field) || !isNamed(protoName(field)))) continue;
			const value = this.requestValue(field, depth);
			if (value !== undefined) shown[protoName(field)] = value;
			else if (isRequired) return undefined;
		}
		return shown;
	}

	/** @returns undefined where nothing is known that the rules allow. */
	requestValue(field: protobuf.Field, depth = 0): Example | undefined {
		const { resolvedType } = field;
		if (depth >= MAX_DEPTH) return undefined;
		const value =
			resolvedType instanceof protobuf.Type
				? this.request(resolvedType.fieldsArray, depth + 1)
				: this.scalar(field, this.rulesOf(field));
		return value === undefined ? undefined : inShape(field, value);
	}

	private replyAt(type: protobuf.Type, depth: number): Example {
		const fields = type.fieldsArray.filter((field) => !isMember(field) || field.partOf?.fieldsArray[0] === field);
		const pairs = fields.flatMap((field): [string, Example][] => {
			const value = this.replyValue(field, depth);
			return value === undefined ? [] : [[protoName(field), value]];
		});
		return Object.fromEntries(pairs);
	}

	private replyValue(field: protobuf.Field, depth: number): Example | undefined {
		const { resolvedType } = field;
		if (!(resolvedType instanceof protobuf.Type)) return inShape(field, this.scalar(field, {}) ?? "");
		if (depth < MAX_DEPTH) return inShape(field, this.replyAt(resolvedType, depth + 1));
		return field.repeated ? [] : field.map ? {} : undefined;
	}

	private scalar(field: protobuf.Field, rules: Rules): Example | undefined {
		const { resolvedType, type } = field;
		if (resolvedType instanceof protobuf.Enum) {
			const [zero, first = zero] = Object.keys(resolvedType.values);
			return this.shortName(resolvedType, first ?? "");
		}
		if (type === "bool") return true;
		if (type === "bytes") return rules.min_len === undefined || rules.min_len <= 5 ? BYTES : undefined;
		const name = protoName(field);
		return type === "string" ? text(name, rules) : number(name, rules);
	}

	private rulesOf(field: protobuf.Field): Rules {
		return this.option<Rules>(field, "(rules)") ?? {};
	}

	/** The first member of a group of which one has to be set is. */
	private isRequired(field: protobuf.Field): boolean {
		const { required = false, min_items = 0 } = this.rulesOf(field);
		if (!isMember(field)) return required || min_items > 0;
		const group = field.partOf as protobuf.OneOf;
		return group.fieldsArray[0] === field && this.option<boolean>(group, "(oneof_required)") === true;
	}
}

/** Whether only one of it and others may be set. */
function isMember({ partOf }: protobuf.Field): boolean {
	return partOf !== null && partOf.fieldsArray.length > 1;
}

function inShape(field: protobuf.Field, value: Example): Example {
	if (field.map) return { key: value };
	return field.repeated ? [value] : value;
}

function text(name: string, rules: Rules): string | undefined {
	const { min_len: min = 0, max_len: max = Number.POSITIVE_INFINITY, pattern } = rules;
	const whole = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, "u");
	const named = TEXTS[name] ?? (/_ids?$/.test(name) ? ID : name.replaceAll("_", "-"));
	return [named, ...SHAPES, "a".repeat(min)].find((candidate) => {
		const { length } = [...candidate];
		return length >= min && length <= max && (whole === undefined || whole.test(candidate));
	});
}

function number(name: string, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Rules): number {
	const known = NUMBERS[name] ?? (/(?:_at|_of|time)_ms$/.test(name) ? TIME_MS : 1);
	return Math.min(max, Math.max(min, known));
}

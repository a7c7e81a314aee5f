// Proto3 JSON of messages, as nearly all clients spell it: names in lowerCamelCase, numbers as numbers, 64-bit integers as decimal
// strings (protobuf.dev/programming-guides/json). Between JSON values and decoded messages without bytes in between, which takes a
// fifth of the time. What is spelled otherwise, and fields of rarer kinds, are left to the library: see json.ts.
import protobuf from "protobufjs";

/** One value of a field: a JSON value to a decoded one, and back; undefined: not here. */
interface ValueForm {
	readonly read: (value: unknown) => unknown;
	readonly write: (value: unknown) => unknown;
	/** What is not on the wire, for fields without presence; undefined: everything is. */
	readonly zero: unknown;
}

interface FieldForm {
	readonly name: string;
	readonly isList: boolean;
	readonly hasPresence: boolean;
	/** Undefined: left to the library. */
	readonly value: ValueForm | undefined;
}

interface MessageForm {
	readonly fields: readonly FieldForm[];
	readonly byName: ReadonlyMap<string, FieldForm>;
}

type Properties = Record<string, unknown>;

/** Integers that a number holds exactly, as the canonical form writes them. */
const LONG = /^(?:0|-?[1-9]\d{0,14})$/;
const UNSIGNED_LONG = /^(?:0|[1-9]\d{0,14})$/;

export class CanonicalJson {
	/** Types of modules go with them. */
	private readonly forms = new WeakMap<protobuf.Type, MessageForm>();

	/**
	 * Reads a message.
	 *
	 * @returns its properties, as `encode` takes them; undefined for what is spelled otherwise, is wrong, or has a field of a rarer kind.
	 */
	read(type: protobuf.Type, value: unknown): object | undefined {
		if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
		const { byName } = this.formOf(type);
		const message: Properties = {};
		for (const name in value) {
			const field = byName.get(name);
			if (field?.value === undefined) return undefined;
			const item = (value as Properties)[name];
			const read = field.isList ? mapped(item, field.value.read) : field.value.read(item);
			if (read === undefined) return undefined;
			const isAbsent = field.isList
				? (read as unknown[]).length === 0
				: !field.hasPresence && read === field.value.zero;
			if (!isAbsent) message[name] = read;
		}
		return message;
	}

	/**
	 * Writes a message.
	 *
	 * @param message - as `encode` takes it.
	 * @returns the JSON value of its bytes; undefined where a field of a rarer kind has a value.
	 */
	write(type: protobuf.Type, message: object): object | undefined {
		const json: Properties = {};
		for (const { name, isList, hasPresence, value: form } of this.formOf(type).fields) {
			const value = (message as Properties)[name] ?? undefined;
			if (value === undefined) continue;
			if (form === undefined) return undefined;
			if (isList ? (value as unknown[]).length === 0 : !hasPresence && value === form.zero) continue;
			const written = isList ? mapped(value, form.write) : form.write(value);
			if (written === undefined) return undefined;
			json[name] = written;
		}
		return json;
	}

	private formOf(type: protobuf.Type): MessageForm {
		const known = this.forms.get(type);
		if (known !== undefined) return known;
		const fields = type.fieldsArray.map((field) => this.fieldForm(field.resolve()));
		const form = { fields, byName: new Map(fields.map((field) => [field.name, field])) };
		this.forms.set(type, form);
		return form;
	}

	private fieldForm(field: protobuf.Field): FieldForm {
		const isAlone = field.partOf === null || field.partOf.fieldsArray.length === 1;
		const isHere = isAlone && !field.map;
		const { name, repeated: isList, hasPresence } = field as protobuf.Field & { readonly hasPresence: boolean };
		return { name, isList, hasPresence, value: isHere ? this.valueForm(field) : undefined };
	}

	private valueForm({ type, resolvedType }: protobuf.Field): ValueForm | undefined {
		if (resolvedType instanceof protobuf.Enum) return enumForm(resolvedType);
		if (resolvedType instanceof protobuf.Type) {
			// Several of them have a JSON form of their own.
			if (resolvedType.fullName.startsWith(".google.protobuf.")) return undefined;
			return {
				read: (value) => this.read(resolvedType, value),
				write: (value) => this.write(resolvedType, value as object),
				zero: undefined,
			};
		}
		return SCALARS[type];
	}
}

function mapped(list: unknown, change: (value: unknown) => unknown): unknown[] | undefined {
	if (!Array.isArray(list)) return undefined;
	const changed: unknown[] = [];
	for (const item of list) {
		const value = change(item);
		if (value === undefined) return undefined;
		changed.push(value);
	}
	return changed;
}

function integer(min: number, max: number): ValueForm {
	const held = (value: unknown) => {
		const isHeld = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
		return isHeld && !Object.is(value, -0) ? value : undefined;
	};
	return { read: held, write: held, zero: 0 };
}

function long(pattern: RegExp): ValueForm {
	return {
		read: (value) => (typeof value === "string" && pattern.test(value) ? Number(value) : undefined),
		write: (value) => {
			const text = Number.isSafeInteger(value) ? String(value) : "";
			return pattern.test(text) ? text : undefined;
		},
		zero: 0,
	};
}

/** Half of a pair: UTF-8 has none. */
const SURROGATE = /\p{Cs}/u;
const text = (value: unknown) => (typeof value === "string" && !SURROGATE.test(value) ? value : undefined);
const boolean = (value: unknown) => (typeof value === "boolean" ? value : undefined);
const double = (value: unknown) => (Number.isFinite(value) && !Object.is(value, -0) ? value : undefined);

const SCALARS: Readonly<Record<string, ValueForm>> = {
	string: { read: text, write: text, zero: "" },
	bool: { read: boolean, write: boolean, zero: false },
	double: { read: double, write: double, zero: 0 },
	int32: integer(-0x8000_0000, 0x7fff_ffff),
	uint32: integer(0, 0xffff_ffff),
	int64: long(LONG),
	uint64: long(UNSIGNED_LONG),
};

function enumForm({ values, valuesById }: protobuf.Enum): ValueForm {
	return {
		read: (value) => (typeof value === "string" && Object.hasOwn(values, value) ? values[value] : undefined),
		write: (value) => (typeof value === "number" ? valuesById[value] : undefined),
		zero: 0,
	};
}

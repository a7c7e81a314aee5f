// Writes the description of the protocol (description.ts) from the parsed .proto files; generate.ts runs it.
import protobuf from "protobufjs";
import type { FieldRule, OneofRule, Ordering } from "./contract.ts";
import type {
	DescribedRules,
	Description,
	EnumValueDescription,
	FieldDescription,
	MessageDescription,
	PushDescription,
	RouteDescription,
	ScalarType,
} from "./description.ts";
import { SCALAR_TYPES } from "./description.ts";

type ReadOption = <T>(object: protobuf.ReflectionObject, name: string) => T | undefined;

interface RouteOption {
	number?: number;
	permission?: string;
	cost?: number;
	ordering?: string;
	large_reply?: boolean;
	needs_connection?: boolean;
	handles_repeats?: boolean;
}

const ORDERINGS: Record<string, Ordering> = {
	ORDERING_CONNECTION: "connection",
	ORDERING_BARRIER: "barrier",
};

/** What the options of a method say of its route. */
export function routeFacts(method: protobuf.Method, option: ReadOption) {
	const { number, permission, cost, ordering, large_reply, needs_connection, handles_repeats } =
		option<RouteOption>(method, "(route)") ?? {};
	const level = option<string>(method, "idempotency_level");
	return {
		number,
		permission: permission || "session",
		cost: cost || 1,
		ordering: ORDERINGS[ordering ?? ""] ?? ("none" satisfies Ordering),
		hasLargeReply: large_reply === true,
		needsConnection: needs_connection === true,
		handlesRepeats: handles_repeats === true,
		hasSideEffects: level !== "NO_SIDE_EFFECTS",
		idempotent: level === "IDEMPOTENT" || level === "NO_SIDE_EFFECTS",
	};
}

/** How the generator reads the options of this product. */
export interface OptionReaders {
	readonly option: ReadOption;
	readonly fieldRule: (field: protobuf.Field) => FieldRule | undefined;
	readonly oneofRules: (type: protobuf.Type) => readonly OneofRule[];
	/** A type or enum that exists for options only. */
	readonly isForOptions: (object: protobuf.ReflectionObject) => boolean;
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
const commentOf = ({ comment }: protobuf.ReflectionObject): { comment?: string } => (comment ? { comment } : {});

/**
 * @param namespace - the package.
 * @throws Error for a field of a kind that the description does not have.
 */
export function describeProtocol(namespace: protobuf.Namespace, readers: OptionReaders): Description {
	const prefix = `${namespace.fullName}.`;
	const nameOf = (object: protobuf.ReflectionObject): string => object.fullName.slice(prefix.length);
	const messages: Record<string, MessageDescription> = {};
	const enums: Record<string, readonly EnumValueDescription[]> = {};
	const pushes: PushDescription[] = [];
	const visit = (space: protobuf.NamespaceBase): void => {
		for (const nested of space.nestedArray) {
			if (readers.isForOptions(nested)) continue;
			if (nested instanceof protobuf.Enum) enums[nameOf(nested)] = enumValues(nested);
			if (!(nested instanceof protobuf.Type)) continue;
			messages[nameOf(nested)] = describeMessage(nested, nameOf, readers);
			const number = readers.option<number>(nested, "(push)");
			const name = nameOf(nested);
			if (number !== undefined) pushes.push({ number, name, message: name, ...commentOf(nested) });
			visit(nested);
		}
	};
	visit(namespace);
	const routes = namespace.nestedArray
		.filter((nested) => nested instanceof protobuf.Service)
		.flatMap((service) => service.methodsArray.map((method) => describeRoute(service, method, nameOf, readers)));
	return { routes, pushes, messages, enums };
}

function describeRoute(
	service: protobuf.Service,
	method: protobuf.Method,
	nameOf: (object: protobuf.ReflectionObject) => string,
	readers: OptionReaders,
): RouteDescription {
	const { number = 0, permission, cost, ordering, needsConnection, idempotent } = routeFacts(method, readers.option);
	return {
		number,
		name: `${lowerFirst(service.name.replace(/Service$/, ""))}.${lowerFirst(method.name)}`,
		service: service.fullName.slice(1),
		method: method.name,
		request: nameOf(method.resolvedRequestType as protobuf.Type),
		reply: nameOf(method.resolvedResponseType as protobuf.Type),
		permission,
		cost,
		ordering,
		idempotent,
		needsConnection,
		...commentOf(method),
	};
}

function enumValues(type: protobuf.Enum): EnumValueDescription[] {
	return Object.entries(type.values).map(([name, number]) => {
		const comment = type.comments[name];
		return { name, number, ...(comment ? { comment } : {}) };
	});
}

function describeMessage(
	type: protobuf.Type,
	nameOf: (object: protobuf.ReflectionObject) => string,
	readers: OptionReaders,
): MessageDescription {
	const required = readers.oneofRules(type).map(({ field }) => field);
	return {
		fields: type.fieldsArray.map((field) => describeField(field, nameOf, readers)),
		...(required.length > 0 ? { requiredOneofs: required } : {}),
		...commentOf(type),
	};
}

function describeField(
	field: protobuf.Field,
	nameOf: (object: protobuf.ReflectionObject) => string,
	readers: OptionReaders,
): FieldDescription {
	const { resolvedType } = field;
	const protoName = snakeCase(field.name);
	const isOptional = field.options?.["proto3_optional"] === true;
	const rules = rulesOf(readers.fieldRule(field));
	return {
		name: field.name,
		protoName,
		id: field.id,
		type:
			resolvedType instanceof protobuf.Type ? "message" : resolvedType === null ? scalar(field.type, field) : "enum",
		...(resolvedType === null ? {} : { of: nameOf(resolvedType) }),
		cardinality: field.map ? "map" : field.repeated ? "many" : "one",
		...(field instanceof protobuf.MapField ? { keyType: scalar(field.keyType, field) } : {}),
		...(isOptional ? { optional: true } : {}),
		...(field.partOf && !isOptional ? { oneof: snakeCase(field.partOf.name) } : {}),
		...(rules === undefined ? {} : { rules }),
		...commentOf(field),
	};
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function scalar(name: string, field: protobuf.Field): ScalarType {
	const type = SCALAR_TYPES.find((known) => known === name);
	if (type === undefined) throw new Error(`${field.fullName}: the description has no type ${name}`);
	return type;
}

/** Without what the field says already. */
function rulesOf(rule: FieldRule | undefined): DescribedRules | undefined {
	if (rule === undefined) return undefined;
	const { property: _p, field: _f, shape: _s, cardinality: _c, typeName: _t, definedValues, ...rules } = rule;
	const described = definedValues === undefined ? rules : { ...rules, definedOnly: true };
	return Object.keys(described).length === 0 ? undefined : described;
}

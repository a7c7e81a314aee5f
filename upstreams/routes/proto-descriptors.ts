// Descriptors of `.proto` files, which protobufjs parses: what `protoc --descriptor_set_out` would write, as far as routes need it. Files of
// proto3 only; for others there is the descriptor set.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
	type DescriptorProto,
	DescriptorProtoSchema,
	EnumDescriptorProtoSchema,
	type FieldDescriptorProto,
	FieldDescriptorProtoSchema,
	FieldDescriptorProto_Type as FieldType,
	FileDescriptorProtoSchema,
	type FileDescriptorSet,
	FileDescriptorSetSchema,
	FieldDescriptorProto_Label as Label,
	MethodOptions_IdempotencyLevel as Level,
	ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";

const SCALARS: Readonly<Record<string, FieldType>> = {
	double: FieldType.DOUBLE,
	float: FieldType.FLOAT,
	int64: FieldType.INT64,
	uint64: FieldType.UINT64,
	int32: FieldType.INT32,
	fixed64: FieldType.FIXED64,
	fixed32: FieldType.FIXED32,
	bool: FieldType.BOOL,
	string: FieldType.STRING,
	bytes: FieldType.BYTES,
	uint32: FieldType.UINT32,
	sfixed32: FieldType.SFIXED32,
	sfixed64: FieldType.SFIXED64,
	sint32: FieldType.SINT32,
	sint64: FieldType.SINT64,
};

/** Names of options, and annotations: nothing of them is encoded. */
const PROVIDED = /^(?:framegate\/v1\/options|google\/api\/(?:annotations|http)|google\/protobuf\/descriptor)\.proto$/;

export interface ParsedProto {
	/** Resolved, with options. */
	readonly root: protobuf.Root;
	readonly descriptors: FileDescriptorSet;
}

/**
 * Parses a file and all that it imports.
 *
 * @param includes - folders in which imports are looked for, beside that of the file.
 * @throws Error that names the file or type which cannot be used.
 */
export function descriptorsOfProto(file: string, includes: readonly string[]): ParsedProto {
	const root = new protobuf.Root();
	const folders = [dirname(file), ...includes].map((folder) => resolve(folder));
	root.resolvePath = (_origin, target) => {
		if (PROVIDED.test(target)) return null;
		const found = folders.map((folder) => resolve(folder, target)).find((path) => existsSync(path));
		return found ?? target;
	};
	root.loadSync(resolve(file), { keepCase: true });
	root.resolveAll();
	return { root, descriptors: create(FileDescriptorSetSchema, { file: packagesOf(root).map(fileOf) }) };
}

/** Namespaces that hold definitions, those that others use first: descriptors are read in their order. */
function packagesOf(root: protobuf.Root): protobuf.NamespaceBase[] {
	const all: protobuf.NamespaceBase[] = [];
	const collect = (space: protobuf.NamespaceBase) => {
		if (space.nestedArray.some(isDefinition)) all.push(space);
		for (const nested of space.nestedArray) if (isPackage(nested)) collect(nested);
	};
	collect(root);
	const ordered: protobuf.NamespaceBase[] = [];
	const open = new Set<protobuf.NamespaceBase>();
	const visit = (space: protobuf.NamespaceBase) => {
		if (ordered.includes(space)) return;
		if (open.has(space)) {
			throw new Error(`package ${space.fullName.slice(1)} and one that it uses need each other: use a descriptor set`);
		}
		open.add(space);
		for (const used of usedPackages(space)) if (used !== space) visit(used);
		ordered.push(space);
	};
	for (const space of all) visit(space);
	return ordered;
}

const isDefinition = (object: protobuf.ReflectionObject): boolean =>
	object instanceof protobuf.Type || object instanceof protobuf.Enum || object instanceof protobuf.Service;

const isPackage = (object: protobuf.ReflectionObject): object is protobuf.Namespace =>
	object instanceof protobuf.Namespace && !isDefinition(object);

function packageOf(object: protobuf.ReflectionObject): protobuf.NamespaceBase {
	let space: protobuf.ReflectionObject | null = object.parent;
	while (space !== null && isDefinition(space)) space = space.parent;
	return space as protobuf.NamespaceBase;
}

function usedPackages(space: protobuf.NamespaceBase): Set<protobuf.NamespaceBase> {
	const used = new Set<protobuf.NamespaceBase>();
	const add = (object: protobuf.ReflectionObject | null) => {
		if (object !== null) used.add(packageOf(object));
	};
	const visit = (object: protobuf.ReflectionObject) => {
		if (object instanceof protobuf.Type) {
			for (const field of object.fieldsArray) add(field.resolvedType);
			for (const nested of object.nestedArray) visit(nested);
		} else if (object instanceof protobuf.Service) {
			for (const method of object.methodsArray) {
				add(method.resolvedRequestType);
				add(method.resolvedResponseType);
			}
		}
	};
	for (const nested of space.nestedArray) visit(nested);
	return used;
}

function fileOf(space: protobuf.NamespaceBase) {
	const name = space.fullName.slice(1);
	const nested = space.nestedArray;
	return create(FileDescriptorProtoSchema, {
		name: `${name.replaceAll(".", "/") || "root"}.proto`,
		package: name,
		syntax: "proto3",
		dependency: [...usedPackages(space)]
			.filter((used) => used !== space)
			.map((used) => `${used.fullName.slice(1).replaceAll(".", "/") || "root"}.proto`),
		messageType: nested.filter((object) => object instanceof protobuf.Type).map(messageOf),
		enumType: nested.filter((object) => object instanceof protobuf.Enum).map(enumOf),
		service: nested.filter((object) => object instanceof protobuf.Service).map(serviceOf),
	});
}

function messageOf(type: protobuf.Type): DescriptorProto {
	// Those of `optional` come last, as protoc has them.
	const oneofs = [...type.oneofsArray].sort((a, b) => Number(isSynthetic(a)) - Number(isSynthetic(b)));
	const nested = type.nestedArray;
	return create(DescriptorProtoSchema, {
		name: type.name,
		field: type.fieldsArray.map((field) => fieldOf(field, oneofs)),
		nestedType: [
			...nested.filter((object) => object instanceof protobuf.Type).map(messageOf),
			...type.fieldsArray.filter(({ map }) => map).map(entryOf),
		],
		enumType: nested.filter((object) => object instanceof protobuf.Enum).map(enumOf),
		oneofDecl: oneofs.map(({ name }) => ({ name })),
	});
}

const isSynthetic = ({ fieldsArray }: protobuf.OneOf): boolean => fieldsArray.some(isOptional);
const isOptional = (field: protobuf.Field): boolean => field.options?.["proto3_optional"] === true;

function fieldOf(field: protobuf.Field, oneofs: readonly protobuf.OneOf[]): FieldDescriptorProto {
	if (field.required || field.type === "group") {
		throw new Error(`${field.fullName.slice(1)} is of proto2: use a descriptor set`);
	}
	const isMap = field.map;
	return create(FieldDescriptorProtoSchema, {
		name: field.name,
		number: field.id,
		label: field.repeated || isMap ? Label.REPEATED : Label.OPTIONAL,
		...(isMap
			? { type: FieldType.MESSAGE, typeName: `${(field.parent as protobuf.Type).fullName}.${entryName(field)}` }
			: typeOfValue(field)),
		...(field.partOf ? { oneofIndex: oneofs.indexOf(field.partOf) } : {}),
		...(isOptional(field) ? { proto3Optional: true } : {}),
		jsonName: String(field.options?.["json_name"] ?? camelCase(field.name)),
		...(field.repeated && field.options?.["packed"] === false ? { options: { packed: false } } : {}),
	});
}

function typeOfValue(field: protobuf.Field): { readonly type: FieldType; readonly typeName?: string } {
	const { resolvedType, type } = field;
	if (resolvedType instanceof protobuf.Type) return { type: FieldType.MESSAGE, typeName: resolvedType.fullName };
	if (resolvedType instanceof protobuf.Enum) return { type: FieldType.ENUM, typeName: resolvedType.fullName };
	const scalar = SCALARS[type];
	if (scalar === undefined) throw new Error(`${field.fullName.slice(1)}: the type ${type} is not known`);
	return { type: scalar };
}

/** As protoc makes names of JSON: an underscore goes, and the letter behind it becomes a capital one. */
function camelCase(name: string): string {
	return name.replace(/_+([A-Za-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
}

/** `LabelsEntry` for a map `labels`. */
function entryName({ name }: protobuf.Field): string {
	const camel = camelCase(name);
	return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
}

function entryOf(field: protobuf.Field): DescriptorProto {
	const keyType = SCALARS[(field as unknown as protobuf.MapField).keyType];
	return create(DescriptorProtoSchema, {
		name: entryName(field),
		field: [
			{
				name: "key",
				jsonName: "key",
				number: 1,
				label: Label.OPTIONAL,
				...(keyType === undefined ? {} : { type: keyType }),
			},
			{ name: "value", jsonName: "value", number: 2, label: Label.OPTIONAL, ...typeOfValue(field) },
		],
		options: { mapEntry: true },
	});
}

function enumOf(type: protobuf.Enum) {
	return create(EnumDescriptorProtoSchema, {
		name: type.name,
		value: Object.entries(type.values).map(([name, number]) => ({ name, number })),
		...(type.options?.["allow_alias"] === true ? { options: { allowAlias: true } } : {}),
	});
}

const LEVELS: Readonly<Record<string, Level>> = {
	NO_SIDE_EFFECTS: Level.NO_SIDE_EFFECTS,
	IDEMPOTENT: Level.IDEMPOTENT,
};

function serviceOf(service: protobuf.Service) {
	return create(ServiceDescriptorProtoSchema, {
		name: service.name,
		method: service.methodsArray.map((method) => {
			const level = LEVELS[String(method.options?.["idempotency_level"] ?? "")];
			return {
				name: method.name,
				inputType: method.resolvedRequestType?.fullName ?? "",
				outputType: method.resolvedResponseType?.fullName ?? "",
				clientStreaming: method.requestStream === true,
				serverStreaming: method.responseStream === true,
				...(level === undefined ? {} : { options: { idempotencyLevel: level } }),
			};
		}),
	});
}

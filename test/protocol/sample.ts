// A message of any type with every field set, the same each time: values are derived from names and numbers of the fields.
// Of a oneof one member can be set: a single message has its first, a list has one message for each.
import protobuf from "protobufjs";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };

const root = protobuf.Root.fromJSON(reflection);
root.resolveAll();

/**
 * @param typeName - full protobuf name. Integers are their field's number, so that each encodes differently.
 * @param member - which member of each oneof is set.
 */
export function sampleOf(typeName: string, member = 0): Record<string, unknown> {
	return sample(root.lookupType(typeName), member);
}

/** How many samples it takes to set every member of every oneof of a message. */
export function variantsOf(typeName: string): number {
	return Math.max(1, ...root.lookupType(typeName).oneofsArray.map(({ fieldsArray }) => fieldsArray.length));
}

/** @param member - which member of each oneof is set. */
function sample(type: protobuf.Type, member: number): Record<string, unknown> {
	const fields = type.fieldsArray.filter(({ partOf }) => {
		// A proto3 `optional` field is in a oneof of its own.
		return partOf === null || partOf.fieldsArray.length === 1;
	});
	for (const { fieldsArray } of type.oneofsArray) {
		const chosen = fieldsArray[Math.min(member, fieldsArray.length - 1)];
		if (chosen !== undefined && fieldsArray.length > 1) fields.push(chosen);
	}
	return Object.fromEntries(fields.map((field) => [field.name, fieldValue(field)]));
}

function fieldValue(field: protobuf.Field): unknown {
	const { resolvedType } = field;
	if (field.map) return { key: singular(field) };
	if (!field.repeated) return singular(field);
	if (!(resolvedType instanceof protobuf.Type)) return [singular(field)];
	const variants = Math.max(1, ...resolvedType.oneofsArray.map(({ fieldsArray }) => fieldsArray.length));
	return Array.from({ length: variants }, (_, member) => sample(resolvedType, member));
}

function singular(field: protobuf.Field): unknown {
	const { resolvedType, id } = field;
	if (resolvedType instanceof protobuf.Type) return sample(resolvedType, 0);
	if (resolvedType instanceof protobuf.Enum) return Math.max(...Object.values(resolvedType.values));
	switch (field.type) {
		case "string":
			return `${field.name} ✓`;
		case "bytes":
			// As decoding gives it.
			return Buffer.from([id, 0, 255]);
		case "bool":
			return true;
		case "double":
		case "float":
			return id + 0.5;
		default:
			return id + 1000;
	}
}

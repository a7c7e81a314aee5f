// A message of any type with every field set, the same each time: values follow from names and numbers of the fields.
import protobuf from "protobufjs";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };

const root = protobuf.Root.fromJSON(reflection);
root.resolveAll();

/** @param typeName - full protobuf name. Integers are their field's number, so that each encodes differently. */
export function sampleOf(typeName: string): Record<string, unknown> {
	const type = root.lookupType(typeName);
	return Object.fromEntries(type.fieldsArray.map((field) => [field.name, fieldValue(field)]));
}

function fieldValue(field: protobuf.Field): unknown {
	const value = singular(field);
	if (field.map) return { key: value };
	return field.repeated ? [value] : value;
}

function singular(field: protobuf.Field): unknown {
	const { resolvedType, id } = field;
	if (resolvedType instanceof protobuf.Type) return sampleOf(resolvedType.fullName.slice(1));
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

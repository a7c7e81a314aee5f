// Messages of any type with random values, for property tests.
import fc from "fast-check";
import protobuf from "protobufjs";

const text = fc.string({ unit: "binary", maxLength: 80 });
const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
	string: fc.oneof(text, fc.string({ unit: "grapheme-ascii", maxLength: 40 })),
	bytes: fc.uint8Array({ maxLength: 200 }),
	bool: fc.boolean(),
	double: fc.double(),
	uint32: fc.nat(0xffff_ffff),
	int32: fc.integer(),
	uint64: fc.oneof(fc.maxSafeNat(), fc.nat(1000)),
	int64: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 })),
};

function elementOf(field: protobuf.Field): fc.Arbitrary<unknown> {
	const { resolvedType } = field;
	if (resolvedType instanceof protobuf.Type) return fc.constant(undefined).chain(() => propertiesOf(resolvedType));
	if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(resolvedType.values));
	return scalars[field.type]!;
}

/** Properties of a message of any type, as `encode` takes them. Of a oneof at most one member is set. */
export function propertiesOf(type: protobuf.Type): fc.Arbitrary<Record<string, unknown>> {
	const groups = type.oneofsArray.filter(({ fieldsArray }) => fieldsArray.length > 1);
	const chosen = fc.tuple(...groups.map(({ fieldsArray }) => fc.constantFrom(...fieldsArray)));
	const plain = type.fieldsArray.filter(({ partOf }) => partOf === null || partOf.fieldsArray.length === 1);
	return chosen.chain((members) => {
		const entries = [...plain, ...(members as protobuf.Field[])].map((field) => {
			const value = elementOf(field);
			if (field.map) return [field.name, fc.dictionary(text, value, { maxKeys: 4 })];
			return [field.name, field.repeated ? fc.array(value, { maxLength: 4 }) : value];
		});
		return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
	});
}

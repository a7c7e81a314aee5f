// Generators of envelopes and of hostile bytes for the property tests of the wire format.
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";

export const uint32 = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 0xffffffff }));
export const traceId = fc
	.uint8Array({ minLength: 16, maxLength: 16 })
	.filter((bytes) => bytes.some((byte) => byte !== 0))
	.map((bytes) => Buffer.from(bytes).toString("hex"));
export const body = fc.uint8Array({ maxLength: 300 });
/** 64-bit fields are plain numbers below 2^53. */
export const uint53 = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
export const text = fc.string({ unit: "grapheme", maxLength: 40 });

/** Every field of an envelope, each present or not. */
export const envelope = fc.record(
	{
		protocol: uint32,
		seq: uint32,
		code: fc.nat({ max: 40 }),
		body,
		error: fc.record(
			{
				message: text,
				retryable: fc.boolean(),
				retryAfterMs: uint32,
				violations: fc.array(fc.record({ field: text, description: text }), { maxLength: 3 }),
			},
			{ requiredKeys: [] },
		),
		traceId,
		channel: text,
		offset: uint53,
		epoch: text,
	},
	{ requiredKeys: [] },
);

/** Numbers that envelope.proto does not use, small and large: it has fields up to 11. */
const unknownNumber = fc.oneof(fc.integer({ min: 12, max: 40 }), fc.integer({ min: 41, max: 0x1fffffff }));

type WriteField = (writer: protobuf.Writer) => void;

const tagged = (number: number, wireType: number, write: WriteField): WriteField => {
	return (writer) => {
		writer.uint32(((number << 3) | wireType) >>> 0);
		write(writer);
	};
};

/** One field that no version of the envelope has, of any wire type, groups included. */
export const { unknownField } = fc.letrec<{ unknownField: WriteField; group: WriteField }>((tie) => ({
	unknownField: fc.oneof(
		{ depthSize: "small" },
		fc.tuple(unknownNumber, fc.maxSafeNat()).map(([number, value]) => tagged(number, 0, (w) => w.uint64(value))),
		fc.tuple(unknownNumber, fc.double()).map(([number, value]) => tagged(number, 1, (w) => w.double(value))),
		fc.tuple(unknownNumber, body).map(([number, value]) => tagged(number, 2, (w) => w.bytes(value))),
		fc.tuple(unknownNumber, uint32).map(([number, value]) => tagged(number, 5, (w) => w.fixed32(value))),
		tie("group"),
	),
	group: fc.tuple(unknownNumber, fc.array(tie("unknownField"), { maxLength: 3 })).map(([number, fields]) =>
		tagged(number, 3, (writer) => {
			for (const field of fields) field(writer);
			writer.uint32(((number << 3) | 4) >>> 0);
		}),
	),
}));

/** The bytes of `fields` one after the other. */
export function written(...fields: readonly WriteField[]): Uint8Array {
	const writer = protobuf.Writer.create();
	for (const field of fields) field(writer);
	return writer.finish();
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
	return new Uint8Array(Buffer.concat(parts));
}

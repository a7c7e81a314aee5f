// Decodes messages without fields of parsed .proto files. protobufjs 8.8.1 gives `skipType` of such a message the tag where it takes the
// field number: the message takes a field number of 0, which protobuf forbids, and refuses every unknown group. In the generated code
// generate.ts corrects the same.
import protobuf from "protobufjs";

type Decode = (
	reader: protobuf.Reader | Uint8Array,
	length?: number,
	endTag?: number,
	depth?: number,
) => protobuf.Message;

/** Gives a type without fields a decoder of its own, also where it is a field of another message. */
export function correctDecoder(type: protobuf.Type): void {
	if (type.fieldsArray.length > 0) return;
	// What setup makes replaces what is there.
	type.setup();
	const decode: Decode = (source, length, endTag, depth = 0) => {
		const reader = source instanceof protobuf.Reader ? source : protobuf.Reader.create(source);
		if (depth > protobuf.Reader.recursionLimit) throw new Error("max depth exceeded");
		const end = length === undefined ? reader.len : reader.pos + length;
		if (end > reader.len) throw new RangeError("index out of range");
		const { len } = reader;
		reader.len = end;
		let isEnded = endTag === undefined;
		while (reader.pos < end) {
			const tag = reader.tag();
			if (tag === endTag) {
				isEnded = true;
				break;
			}
			reader.skipType(tag & 7, depth, tag >>> 3);
		}
		if (length !== undefined && reader.pos !== end) throw new RangeError("index out of range");
		reader.len = len;
		if (!isEnded) throw new Error("missing end group");
		return type.create();
	};
	type.decode = decode as typeof type.decode;
}

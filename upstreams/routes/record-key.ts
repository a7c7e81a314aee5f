// The key of a record that a request becomes: who calls, or a field of the request as a text. The field is searched for in the bytes;
// nothing else is decoded.
import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { fieldError } from "../../protocol/error.ts";
import type { RouteCall } from "./route-backend.ts";

/** "" is a record without a key, which has no order to keep. @throws GatewayError VALIDATION_FAILED that names the field. */
export type RecordKey = (call: Pick<RouteCall, "identity" | "ip" | "body">) => string;

/** As ids of messages and conversations have at most. */
const MAX_KEY = 256;

type ReadScalar = (reader: BinaryReader) => string;
const VARINTS: Readonly<Partial<Record<ScalarType, ReadScalar>>> = {
	[ScalarType.INT32]: (reader) => String(reader.int32()),
	[ScalarType.UINT32]: (reader) => String(reader.uint32()),
	[ScalarType.SINT32]: (reader) => String(reader.sint32()),
	[ScalarType.INT64]: (reader) => String(reader.int64()),
	[ScalarType.UINT64]: (reader) => String(reader.uint64()),
	[ScalarType.SINT64]: (reader) => String(reader.sint64()),
};

/**
 * @param by - `none`, `user`, `session`, `address` or `request.FIELD`.
 * @param message - the request; undefined when its fields are not known.
 * @throws Error that says why it cannot be the key.
 */
export function recordKey(by: string, message: DescMessage | undefined): RecordKey {
	switch (by) {
		case "none":
			return () => "";
		// An API key calls in its own name; where the route is public there may be nobody.
		case "user":
			return ({ identity }) => identity?.userId ?? "";
		case "session":
			return ({ identity }) => identity?.sessionId ?? "";
		case "address":
			return ({ ip }) => ip;
		default:
			return fieldKey(by.slice("request.".length), message);
	}
}

function fieldKey(name: string, message: DescMessage | undefined): RecordKey {
	if (message === undefined) throw new Error(`key: a field of the request needs message`);
	const field = message.fields.find((one) => one.name === name);
	const scalar = field?.fieldKind === "scalar" ? field.scalar : undefined;
	const readVarint = scalar === undefined ? undefined : VARINTS[scalar];
	if (field === undefined || (scalar !== ScalarType.STRING && readVarint === undefined)) {
		throw new Error(`key: ${message.typeName} has no single field ${name} that is a text or a whole number`);
	}
	const { number } = field;
	const wireType = readVarint === undefined ? WireType.LengthDelimited : WireType.Varint;
	const read = readVarint ?? ((reader: BinaryReader) => reader.string());
	return ({ body }) => {
		const key = lastValue(body, number, wireType, read, name);
		if (key === "") throw fieldError(name, "is required");
		if (key.length > MAX_KEY) throw fieldError(name, `must have at most ${MAX_KEY} characters`);
		return key;
	};
}

/** The last one counts, as in a decoded message; "" when there is none. */
function lastValue(body: Uint8Array, number: number, wireType: WireType, read: ReadScalar, name: string): string {
	let value = "";
	try {
		const reader = new BinaryReader(body);
		while (reader.pos < reader.len) {
			const [field, type] = reader.tag();
			if (field === number && type === wireType) value = read(reader);
			else reader.skip(type, field);
		}
	} catch {
		throw fieldError(name, "cannot be read: the body is no Protocol Buffers message");
	}
	return value;
}

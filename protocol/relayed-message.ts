// A message type whose value is its bytes: what is passed on between a client and a service of the operator without being decoded.
import type { JsonForm, MessageType, RelayedBody } from "./contract.ts";
import type { Violation } from "./error.ts";
import { FrameWriter } from "./frame-coder.ts";

/**
 * Makes such a type.
 *
 * @param typeName - full protobuf name, for logs and error messages.
 * @param json - how clients that speak JSON see it.
 * @param validate - holds it against rules of its fields, where there are any.
 */
export function relayedMessage(
	typeName: string,
	json: JsonForm,
	validate?: (body: RelayedBody) => Violation[] | undefined,
): MessageType<RelayedBody, RelayedBody> {
	return {
		typeName,
		json,
		// They are a view of the frame, until it is copied.
		holdsBytes: true,
		rules: [],
		oneofs: [],
		...(validate === undefined ? {} : { validate }),
		encode: ({ bytes }, writer = new FrameWriter()) => (bytes.length === 0 ? writer : writer.raw(bytes)),
		decode: (reader, length) => {
			if (reader instanceof Uint8Array) return { bytes: reader };
			return { bytes: reader.buf.subarray(reader.pos, length === undefined ? reader.len : reader.pos + length) };
		},
	};
}

// A message type whose value is its bytes: what is passed on between a client and a service of the operator without being decoded.
import type { JsonForm, MessageType, RelayedBody } from "./contract.ts";
import { FrameWriter } from "./frame-coder.ts";

/**
 * Makes such a type.
 *
 * @param typeName - full protobuf name, for logs and error messages.
 * @param json - how clients that speak JSON see it.
 */
export function relayedMessage(typeName: string, json: JsonForm): MessageType<RelayedBody, RelayedBody> {
	return {
		typeName,
		json,
		// They are a view of the frame, until it is copied.
		holdsBytes: true,
		rules: [],
		oneofs: [],
		encode: ({ bytes }, writer = new FrameWriter()) => (bytes.length === 0 ? writer : writer.raw(bytes)),
		decode: (reader, length) => {
			if (reader instanceof Uint8Array) return { bytes: reader };
			return { bytes: reader.buf.subarray(reader.pos, length === undefined ? reader.len : reader.pos + length) };
		},
	};
}

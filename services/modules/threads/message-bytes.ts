// Messages between threads. Those of a .proto file are bytes, since each side has compiled types of its own, and a message has its defaults in a
// prototype, which a copy would lose. Replies in JSON are text: what they come to as text, such as a list that is a hundred times in it, is
// found out in the module's thread, and the gateway's has a text of bounded length.

import { ErrorCode } from "../../../protocol/codes.ts";
import type { AnyMessageType } from "../../../protocol/contract.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { jsonText } from "../../../protocol/json-message.ts";
import { MAX_PLAIN_CHARACTERS, MAX_SENT_BYTES } from "../../../protocol/message-bounds.ts";
import type { ServedFunction } from "../function-facts.ts";

/** A buffer of its own: a view of a larger one would be copied with all of that. */
const bytesOf = (type: AnyMessageType, message: object): Uint8Array => type.encode(message).finish().slice();

export function requestOut({ source, contract }: ServedFunction, request: object): object {
	return source === undefined ? request : bytesOf(contract.request, request);
}

export function requestIn({ source, contract }: ServedFunction, request: object): object {
	return source === undefined ? request : (contract.request.decode(request as Uint8Array) as object);
}

export function replyOut({ source, contract }: ServedFunction, reply: object): object | string {
	if (source !== undefined) return bytesOf(contract.reply, reply);
	const text = jsonText(reply);
	if (text.length <= MAX_PLAIN_CHARACTERS) return text;
	throw new Error(`a reply of more than ${MAX_PLAIN_CHARACTERS} characters`);
}

export function replyIn({ source, contract }: ServedFunction, reply: object | string): object {
	if (source !== undefined) return contract.reply.decode(reply as Uint8Array) as object;
	return JSON.parse(reply as string) as object;
}

/** The body of a push as the plain value that its text is. @throws GatewayError PAYLOAD_TOO_LARGE; as `jsonText`. */
export function pushOut(body: object): object {
	const text = jsonText(body);
	if (text.length <= MAX_SENT_BYTES) return JSON.parse(text) as object;
	throw new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, `the push would be more than ${MAX_SENT_BYTES} bytes`);
}

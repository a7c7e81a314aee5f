// Messages of a .proto file between threads: as bytes, since each side has compiled types of its own, and a message has its defaults in a
// prototype, which a copy would lose.
import type { AnyMessageType } from "../../../protocol/contract.ts";
import type { ServedFunction } from "../function-facts.ts";

/** A buffer of its own: a view of a larger one would be copied with all of that. */
const bytesOf = (type: AnyMessageType, message: object): Uint8Array => type.encode(message).finish().slice();

export function requestOut({ source, contract }: ServedFunction, request: object): object {
	return source === undefined ? request : bytesOf(contract.request, request);
}

export function requestIn({ source, contract }: ServedFunction, request: object): object {
	return source === undefined ? request : (contract.request.decode(request as Uint8Array) as object);
}

export function replyOut({ source, contract }: ServedFunction, reply: object): object {
	return source === undefined ? reply : bytesOf(contract.reply, reply);
}

export function replyIn({ source, contract }: ServedFunction, reply: object): object {
	return source === undefined ? reply : (contract.reply.decode(reply as Uint8Array) as object);
}

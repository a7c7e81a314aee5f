// States of games as JSON: what they may hold, since what JSON does not have would be lost when a room moves.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";

const MAX_DEPTH = 64;

/**
 * The text of a state, view or event.
 *
 * @param what - for the error.
 * @throws GatewayError INTERNAL when it is no JSON, or longer than `maxBytes`.
 */
export function encodeJson(what: string, value: unknown, maxBytes: number): Buffer {
	checkJson(what, value, 0);
	const bytes = Buffer.from(JSON.stringify(value));
	if (bytes.length > maxBytes) throw fault(`${what} is ${bytes.length} bytes, more than ${maxBytes}`);
	return bytes;
}

export function decodeJson(bytes: Uint8Array): unknown {
	return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

/** @throws GatewayError INTERNAL naming the place that is no JSON. */
function checkJson(path: string, value: unknown, depth: number): void {
	if (depth > MAX_DEPTH) throw fault(`${path} is nested more than ${MAX_DEPTH} deep`);
	switch (typeof value) {
		case "string":
		case "boolean":
			return;
		case "number":
			if (Number.isFinite(value)) return;
			throw fault(`${path} is ${value}, which JSON does not have`);
		case "object": {
			if (value === null) return;
			if (Array.isArray(value)) {
				for (let index = 0; index < value.length; index++) checkJson(`${path}[${index}]`, value[index], depth + 1);
				return;
			}
			const prototype: unknown = Object.getPrototypeOf(value);
			if (prototype !== null && prototype !== Object.prototype) {
				throw fault(`${path} is a ${value.constructor?.name ?? "class"}, which JSON does not have`);
			}
			for (const [key, inner] of Object.entries(value)) {
				// Left out by JSON, as if it were not there.
				if (inner !== undefined) checkJson(`${path}.${key}`, inner, depth + 1);
			}
			return;
		}
		default:
			throw fault(
				`${path} is ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}, which JSON does not have`,
			);
	}
}

function fault(message: string): GatewayError {
	return new GatewayError(ErrorCode.INTERNAL, "internal error", { cause: new Error(message) });
}

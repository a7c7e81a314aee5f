// The value of a text frame, if it is JSON and within its bounds.
import { FRAME_JSON_BOUNDS, jsonExcess } from "../protocol/json-bounds.ts";

export type TextFrame = { readonly value: unknown } | { readonly problem: string };

const NO_JSON: TextFrame = { problem: "a text frame must be the envelope as JSON" };

/** @param frame - UTF-8, as the transport has checked. */
export function readTextFrame(frame: Uint8Array): TextFrame {
	const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString();
	const excess = jsonExcess(text, FRAME_JSON_BOUNDS);
	if (excess !== undefined) return { problem: `JSON ${excess}` };
	try {
		return { value: JSON.parse(text) };
	} catch {
		return NO_JSON;
	}
}

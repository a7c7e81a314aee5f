// Opaque cursors: a place in one list, valid for that list only. They grant nothing, since the permissions of a caller that
// presents one are checked as usual, so they are not signed. The name inside shows to which list a cursor belongs.
import { fieldError, type GatewayError } from "../protocol/error.ts";

const VERSION = "1";

/** Places are made of ids and numbers; others would be the database's trouble. */
const PART = /^[!-~]{0,128}$/;

/** The same where ids are not ours: what field services call things, in any script. */
export const FOREIGN_PART = /^[^\p{C}\p{Z}]{0,128}$/u;

/** @param list - names the list, and what it is of: `history:<conversation>`. No line breaks in any part. */
export function encodeCursor(list: string, ...place: readonly (string | number)[]): string {
	return Buffer.from([VERSION, list, ...place].join("\n")).toString("base64url");
}

/**
 * @param allowed - what each part may be.
 * @returns the parts of the place; undefined when there is no cursor.
 * @throws GatewayError VALIDATION_FAILED naming `cursor` when it is not one of this list.
 */
export function decodeCursor(
	list: string,
	cursor: string,
	parts: number,
	allowed: RegExp = PART,
): readonly string[] | undefined {
	if (cursor === "") return undefined;
	const [version, ofList, ...place] = Buffer.from(cursor, "base64url").toString().split("\n");
	if (version !== VERSION || ofList !== list || place.length !== parts) throw invalidCursor();
	if (!place.every((part) => allowed.test(part))) throw invalidCursor();
	return place;
}

/** A place that is a number, such as a sequence. */
export function cursorNumber(part: string | undefined): number {
	const value = Number(part);
	if (part === undefined || part === "" || !Number.isSafeInteger(value) || value < 0) throw invalidCursor();
	return value;
}

/** The id at which a cursor of one part stands; "" without a cursor. @throws GatewayError as `decodeCursor`. */
export function idAt(list: string, cursor: string): string {
	return decodeCursor(list, cursor, 1)?.[0] ?? "";
}

/** The number at which a cursor of one part stands; `start` without a cursor. @throws GatewayError as `decodeCursor`. */
export function numberAt(list: string, cursor: string, start = 0): number {
	const place = decodeCursor(list, cursor, 1);
	return place === undefined ? start : cursorNumber(place[0]);
}

function invalidCursor(): GatewayError {
	return fieldError("cursor", "does not belong to this list");
}

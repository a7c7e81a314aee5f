// Where a page of a box's channels begins: behind the channel of a number, in the order of the numbers.
import { fieldError } from "../../../protocol/error.ts";

/** @returns the number behind which the page begins. @throws GatewayError VALIDATION_FAILED naming `cursor`. */
export function channelBefore(cursor: string): number {
	if (cursor === "") return -1;
	if (/^\d{1,10}$/.test(cursor)) return Number(cursor);
	throw fieldError("cursor", "does not belong to this list");
}

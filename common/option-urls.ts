// Addresses in the configuration.
import * as z from "zod";
import { parseAddress } from "./address.ts";

/** @returns what is wrong with it; undefined when nothing is. */
function problemOf(schemes: readonly string[], value: string): string | undefined {
	const scheme = schemes.find((candidate) => value.startsWith(candidate));
	if (scheme === undefined || value.length === scheme.length) {
		return `expected a URL of the form ${schemes.map((candidate) => `${candidate}…`).join(" or ")}`;
	}
	if (scheme === "sqlite:") return undefined;
	// In the path of a web address anything may stand.
	if (scheme.startsWith("http") && URL.canParse(value)) return undefined;
	try {
		parseAddress(value);
	} catch (error) {
		return (error as Error).message;
	}
	return scheme.startsWith("http") ? "is malformed" : undefined;
}

/** A URL of one of the schemes, each with its `://`. What stands behind the host is for the user of the address to check. */
export function urlWith(schemes: readonly string[]) {
	return z
		.string()
		.max(2048)
		.superRefine((value, context) => {
			const message = problemOf(schemes, value);
			if (message !== undefined) context.addIssue({ code: "custom", message });
		});
}

/** One Redis, or a master with Sentinels. */
export const redisServer = urlWith([
	...["redis://", "rediss://", "valkey://", "valkeys://"],
	...["redis+sentinel://", "rediss+sentinel://"],
]);
/** The same, or a Cluster. */
export const redisServers = urlWith([
	...["redis://", "rediss://", "valkey://", "valkeys://"],
	...["redis+cluster://", "rediss+cluster://", "redis+sentinel://", "rediss+sentinel://"],
]);

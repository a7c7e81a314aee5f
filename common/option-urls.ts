// Addresses in the configuration.
import * as z from "zod";

function isUrlOf(schemes: readonly string[], value: string): boolean {
	const scheme = schemes.find((candidate) => value.startsWith(candidate));
	if (scheme === undefined || value.length === scheme.length) return false;
	// A path, and lists of hosts, are no URLs to WHATWG; Sentinels have to be asked for a master by name.
	if (scheme === "sqlite:" || scheme.endsWith("+cluster://")) return true;
	if (scheme.endsWith("+sentinel://")) return /^[^/]+\/[^/]+/.test(value.slice(scheme.length));
	return URL.canParse(value);
}

/** A URL of one of the schemes, each with its `://`. */
export function urlWith(schemes: readonly string[]) {
	const expected = `expected a URL of the form ${schemes.map((scheme) => `${scheme}…`).join(" or ")}`;
	return z
		.string()
		.max(2048)
		.refine((value) => isUrlOf(schemes, value), expected);
}

/** One Redis, or a master with Sentinels. */
export const redisServer = urlWith(["redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://"]);

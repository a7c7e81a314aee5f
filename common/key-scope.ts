// What an API key may do: which channels are its own, and how often it may call. What it may call is in its permissions.
import type { BucketRate } from "./token-bucket.ts";

export interface KeyScope {
	readonly id: string;
	/** Prefixes of channel names; `*` is every channel. */
	readonly channels: readonly string[];
	/** In place of what users and addresses may cost. */
	readonly rate: BucketRate;
}

/** Whether a scope includes every channel that begins with `prefix`, which may be a whole name; `*` stands for every channel. */
export function coversScope(scope: readonly string[], prefix: string): boolean {
	if (scope.includes("*")) return true;
	return prefix !== "*" && scope.some((own) => prefix.startsWith(own));
}

// Which channels may be watched: all of them, or those in a list of numbers and ranges.
import type { ChannelPolicy } from "./view-spec.ts";

/** @param ranges - `1001`, `1001-1999`; empty: all channels. */
export function channelPolicy(ranges: readonly string[]): ChannelPolicy {
	const allowed = ranges.map((range) => {
		const [from = "", to = from] = range.split("-");
		return [Number(from), Number(to)] as const;
	});
	if (allowed.length === 0) return () => true;
	return (_source, channel) => allowed.some(([from, to]) => channel >= from && channel <= to);
}

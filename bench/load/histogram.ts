// The one kind of histogram that all figures of time go into: microseconds, three digits, up to two minutes.
import * as hdr from "hdr-histogram-js";

export function histogram(): hdr.Histogram {
	return hdr.build({
		lowestDiscernibleValue: 1,
		highestTrackableValue: 120_000_000,
		numberOfSignificantValueDigits: 3,
	});
}

/** One histogram of what several processes have encoded. */
export function merge(encoded: readonly string[]): hdr.Histogram {
	const [first, ...rest] = encoded.map((text) => hdr.decodeFromCompressedBase64(text));
	if (first === undefined) throw new Error("no histogram");
	for (const other of rest) first.add(other);
	return first;
}

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

const percentiles = [0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99];

/** What is plotted of a histogram: a percentile and its microseconds, as far as there are values enough to have it. */
export function percentileCurve(of: hdr.Histogram): [percentile: number, us: number][] {
	// Beyond that, a percentile would be the maximum under another name.
	const within = percentiles.filter((percentile) => Math.round(of.totalCount * (100 - percentile)) >= 100);
	return within.map((percentile) => [percentile, of.getValueAtPercentile(percentile)]);
}

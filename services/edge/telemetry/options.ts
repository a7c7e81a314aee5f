// Options of telemetry: the section `edge.telemetry` of the configuration.
import * as z from "zod";
import { bytes, field, integer, milliseconds, section } from "../../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../../common/options.ts";

/** `1001`, `1001-1999`. */
const CHANNELS = /^\d{1,10}(-\d{1,10})?$/;

const channels = z.array(z.string().regex(CHANNELS, "expected a channel or a range such as 1001-1999")).max(1000);

export const telemetrySection = section({
	channels: field(channels.default([]), {
		description:
			"Channels that are open, as numbers and ranges; empty: all. Of the others no point is read or written, and no alarm, " +
			"model value or rule is shown.",
	}),
	maxSubscriptions: integer({
		description: "Subscriptions of one connection.",
		min: 1,
		max: 10_000,
		default: 100,
	}),
	maxKeysPerSubscription: integer({
		description: "Channels times data types of one subscription.",
		min: 1,
		max: 100_000,
		default: 1000,
	}),
	maxPointsPerSubscription: integer({
		description: "Points of one subscription; one that turns out to have more is ended.",
		min: 1,
		max: 10_000_000,
		default: 20_000,
	}),
	maxPointsPerConnection: integer({
		description:
			"Points that the subscriptions of one connection show together, a channel and type counting for 10 at least. Beyond it " +
			"further ones are refused, and one that grows beyond it is ended.",
		min: 1,
		max: 100_000_000,
		default: 100_000,
	}),
	maxPointsPerUser: integer({
		description: "The same for all connections of one user.",
		min: 1,
		max: 100_000_000,
		default: 400_000,
	}),
	maxPoints: integer({
		description: "The same for one process, where equal subscriptions count once. About 30 bytes each.",
		min: 1,
		max: 100_000_000,
		default: 2_000_000,
	}),
	// By default, the largest subscription at the shortest interval.
	maxPointsPerSecondPerConnection: integer({
		description:
			"Points a second that the subscriptions of one connection show: points divided by interval. A subscription that would " +
			"bring more is granted a longer interval, up to 60 s; where that is not enough it is refused.",
		min: 1,
		max: 1_000_000_000,
		default: 200_000,
	}),
	maxPointsPerSecondPerUser: integer({
		description: "The same for all connections of one user.",
		min: 1,
		max: 1_000_000_000,
		default: 400_000,
	}),
	maxPointsPerSecond: integer({
		description:
			"The same for one process, where equal subscriptions count once. A million are about a fifth of a core " +
			"for each text encoding in use.",
		min: 1,
		max: 1_000_000_000,
		default: 1_000_000,
	}),
	maxPointsPerBox: integer({
		description:
			"Points of one box that are kept because clients subscribe to them, long texts counting more. Beyond it subscriptions to " +
			"further channels are refused, or ended when they have been read. About 100 bytes each.",
		min: 1,
		max: 100_000_000,
		default: 500_000,
	}),
	readPointsPerSecond: integer({
		description:
			"Points a second that the requests of one user may touch: Subscribe, Resync, ReadNow, ListChannels, ModelList, ModelGet, " +
			"ModelValues. Beyond it they are refused, with the time to wait.",
		min: 1,
		max: 1_000_000_000,
		default: 50_000,
	}),
	readPointsBurst: integer({
		description: "How many of them may come at once; the request that takes the last of them is served whole.",
		min: 1,
		max: 1_000_000_000,
		default: 200_000,
	}),
	maxSnapshotBytes: bytes({
		description:
			"Memory for batches that are kept for new subscribers of the same view; beyond it they are encoded " +
			"for each subscriber.",
		min: 65_536,
		max: 1_073_741_824,
		default: 16_777_216,
	}),
	maxViews: integer({
		description: "Different subscriptions in one process.",
		min: 1,
		max: 1_000_000,
		default: 10_000,
	}),
	maxKeysPerBox: integer({
		description: "Hashes of one box that have a subscription.",
		min: 1,
		max: 1_000_000,
		default: 20_000,
	}),
	staleMs: milliseconds({
		description:
			"Values of a key (one type of one channel) whose newest timestamp, its own or any point's, has not changed for this time are UNCERTAIN, all of them; values of a key without timestamps never are. One unchanged point among others that change is not UNCERTAIN. 0: never.",
		min: 0,
		default: 60_000,
	}),
	changeSampleMs: milliseconds({
		description: "How often subscriptions of mode BOTH look for changes.",
		min: 50,
		max: 60_000,
		default: 200,
	}),
	lagBytes: bytes({
		description:
			"A client with more unread bytes gets only the newest values, once it has read. It is looked at each time that a " +
			"quarter of this was published.",
		min: 4096,
		max: 1_073_741_824,
		default: 262_144,
	}),
	maxBatchBytes: bytes({
		description: "Values in one message; larger batches are split. As JSON they take up to eight times as much.",
		min: 4096,
		// Eight times this is below the largest message that the gateway sends.
		max: 61_440,
		default: 49_152,
	}),
});

export type TelemetryOptions = OptionsOf<typeof telemetrySection>;

export const telemetryDefaults: TelemetryOptions = defaultsOf(telemetrySection);

/** The least that a channel and type counts as, however few points it has: its key is read and kept as well. */
export const MIN_POINTS_PER_KEY = 10;

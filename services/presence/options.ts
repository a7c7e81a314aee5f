// Options of presence: the section `presence` of the configuration.
import { integer, milliseconds, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";

export const presenceSection = section({
	heartbeatIntervalMs: milliseconds({
		description: "Interval between two heartbeats of a process; users of a process that missed three are offline.",
		min: 100,
		max: 600_000,
		default: 5000,
	}),
	graceMs: milliseconds({
		description:
			"How long a user without a connection still counts as online, so that a reconnect publishes no presence change.",
		min: 0,
		max: 600_000,
		default: 3000,
	}),
	concurrency: integer({
		description: "Presence changes that are published concurrently; further ones wait, one per user.",
		min: 1,
		max: 10_000,
		default: 32,
	}),
});

export type PresenceOptions = OptionsOf<typeof presenceSection>;

export const presenceDefaults: PresenceOptions = defaultsOf(presenceSection);

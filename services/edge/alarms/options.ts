// Options of alarms: the section `edge.alarms` of the configuration.
import { integer, milliseconds, section } from "../../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../../common/options.ts";

export const alarmsSection = section({
	maxAlarms: integer({
		description: "Alarms of one box that are read; further ones are ignored.",
		min: 100,
		max: 1_000_000,
		default: 20_000,
	}),
	pollMs: milliseconds({
		description: "How often alarms are read when no change was notified.",
		min: 500,
		max: 600_000,
		default: 5000,
	}),
	maxPublished: integer({
		description:
			"Changes of one alarm that are published within windowMs; beyond it one change is published, at the end of the window.",
		min: 1,
		max: 10_000,
		default: 6,
	}),
	windowMs: milliseconds({
		description: "See maxPublished.",
		min: 1000,
		max: 3_600_000,
		default: 60_000,
	}),
});

export type AlarmsOptions = OptionsOf<typeof alarmsSection>;

export const alarmsDefaults: AlarmsOptions = defaultsOf(alarmsSection);

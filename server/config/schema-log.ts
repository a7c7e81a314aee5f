// Of the configuration schema: the log.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, section, texts } from "../../common/option-fields.ts";

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** `30 days` */
const SPAN = /^[1-9]\d{0,3} (?:hour|day|week)s?$/;
/** The date, and the category once if there is to be a file for each, in the last part. */
const LOG_PATH =
	/^(?!.*\{category\}.*\{category\})(?:[^{}]*\/)?(?:[^{}/]|\{category\})*\{(?:date|time:YYYY-MM-DD)\}(?:[^{}/]|\{category\})*$/;

const logFileSection = section({
	enabled: flag({ description: "Write the log to files.", default: false, aliases: ["LOG_TO_FILE"] }),
	path: field(
		z
			.string()
			.max(1024)
			.regex(LOG_PATH, "expected {date} in the name of the file, and nothing else in braces but {category}")
			.default("logs/framegate_{date}.log"),
		{
			description:
				"Where they are. `{date}` is when a file was begun, in UTC; with `{category}` there is a file for each of `request`, `error`, `auth` and `system`.",
			aliases: ["LOG_FILE_PATH"],
		},
	),
	rotation: field(z.string().regex(SPAN, "expected a time such as 1 day or 6 hours").default("1 day"), {
		description: "A file holds the lines of so long a time: hours, days or weeks.",
		aliases: ["LOG_ROTATION"],
	}),
	retention: field(z.string().regex(SPAN, "expected a time such as 30 days").default("30 days"), {
		description: "Files are kept for so long: hours, days or weeks.",
		aliases: ["LOG_RETENTION"],
	}),
	maxBytes: bytes({
		description: "A file of this length is continued by another one, with a number.",
		min: 4096,
		max: 4_294_967_296,
		default: 67_108_864,
	}),
	maxTotalBytes: bytes({
		description: "Of all files: beyond it the oldest are removed.",
		min: 65_536,
		max: 1_099_511_627_776,
		default: 1_073_741_824,
	}),
	compress: flag({ description: "Compress files that are not written any more, with gzip.", default: true }),
});

export const logSchema = section({
	level: field(z.enum(logLevels).default("info"), {
		description: "Least severe level written. DEBUG=1 means debug, `warning` means warn, `critical` means fatal.",
		reloadable: true,
		synonyms: { warning: "warn", critical: "fatal" },
		aliases: ["LOG_LEVEL"],
	}),
	format: field(z.enum(["auto", "json", "pretty"]).default("auto"), {
		description: "`auto` is pretty in development on a terminal, else JSON.",
	}),
	slowRequestMs: milliseconds({
		description: "Requests that took longer are logged.",
		min: 1,
		max: 600_000,
		default: 500,
		reloadable: true,
	}),
	redact: texts({ description: "Further field names hidden in the log, at any depth.", default: [] }),
	requests: flag({
		description: "One line for each request, when it is answered.",
		default: false,
		aliases: ["ENABLE_REQUEST_LOGGING"],
		reloadable: true,
	}),
	requestBodies: flag({
		description: "What requests hold, in these lines, without secrets.",
		default: true,
		aliases: ["LOG_REQUEST_BODY"],
		reloadable: true,
	}),
	replyBodies: flag({
		description: "What replies hold, in these lines, without secrets.",
		default: false,
		aliases: ["LOG_RESPONSE_DATA"],
		reloadable: true,
	}),
	maxBodyCharacters: integer({
		description: "Of a request or a reply in these lines, as JSON.",
		min: 0,
		max: 8192,
		default: 1000,
		aliases: ["LOG_MAX_BODY_SIZE"],
		reloadable: true,
	}),
	console: flag({ description: "Write the log to standard output.", default: true }),
	file: logFileSection,
});

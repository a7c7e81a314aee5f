// Field boxes: addresses, what may be read and written, limits and timeouts. The defaults are the
// services' own.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, section } from "../../common/option-fields.ts";
import { redisServer } from "../../common/option-urls.ts";
import { alarmMirrorDefaults } from "../../services/edge/alarms/alarm-mirror.ts";
import { flappingDefaults } from "../../services/edge/alarms/flapping.ts";
import { boxLeaseDefaults } from "../../services/edge/boxes/box-lease.ts";
import { controlDefaults } from "../../services/edge/control/options.ts";
import { telemetryDefaults } from "../../services/edge/telemetry/telemetry-options.ts";

const BOX_NAME = /^[A-Za-z0-9_-]{1,32}$/;
/** `1001`, `1001-1999`. */
const CHANNELS = /^\d{1,10}(-\d{1,10})?$/;
const POINT = /^([A-Za-z0-9_-]{1,32}:)?(comsrv|inst)(:\d{1,10}(:(T|S|C|A|M|ACTION)(:\d{1,10})?)?)?$/;
const dialects = ["v1", "v2"] as const;

const name = z.string().regex(BOX_NAME, "expected 1 to 32 letters, digits, _ or -");
const channels = z.array(z.string().regex(CHANNELS, "expected a channel or a range such as 1001-1999")).max(1000);

/** A box beside the first one: its sources are called `name:comsrv`. */
const furtherBox = z.strictObject({ name, url: redisServer, dialect: z.enum(dialects).default("v1") });

const simulatorSchema = section({
	enabled: flag({
		description: "Without edge.box.url, a simulated plant in this process takes the place of the box.",
		default: true,
	}),
	seed: integer({
		description: "Chooses the plant; the same seed gives the same values.",
		min: -2_147_483_648,
		max: 2_147_483_647,
		default: 1,
	}),
	channels: integer({ description: "Channels of the plant, from 1001 on.", min: 1, max: 10_000, default: 5 }),
	points: integer({ description: "Telemetry points of each channel.", min: 1, max: 10_000, default: 20 }),
	stepMs: milliseconds({ description: "How often its values change.", min: 10, max: 3_600_000, default: 1000 }),
});

const boxSchema = section({
	name: field(name.default("local"), { description: "What the first box is called, in alarms and models." }),
	url: field(redisServer.optional(), {
		description: "Redis of the first box: `redis://`, `rediss://` or `redis+sentinel://`.",
		url: true,
		aliases: ["EDGE_REDIS_URL"],
	}),
	dialect: field(z.enum(dialects).default("v1"), { description: "How the field services of the box name their keys." }),
	more: field(z.array(furtherBox).max(64).default([]), {
		description: "Further boxes: `name`, `url`, `dialect`. Their sources are called `name:comsrv`.",
		// Holds credentials, in a place where they cannot be removed from an address.
		secret: true,
	}),
	required: flag({ description: "Not ready while the first box does not answer.", default: true }),
	hasFeedback: flag({
		description: "The field services write the result of a command (`comsrv:cmd:{id}`, `comsrv:ack:{ch}`).",
		default: true,
	}),
	commandTimeoutMs: milliseconds({ description: "Longest wait for one reply.", min: 100, max: 60_000, default: 2000 }),
	connectTimeoutMs: milliseconds({
		description: "Longest wait for a connection.",
		min: 100,
		max: 60_000,
		default: 3000,
	}),
	maxPointsPerKey: integer({
		description:
			"Points of one channel and type that are read as a whole; of a larger one only the requested points are read.",
		min: 100,
		max: 100_000,
		default: 10_000,
	}),
	maxBytesPerKey: bytes({
		description: "Largest hash that is read; the quality of a larger one is BAD.",
		min: 65_536,
		max: 67_108_864,
		default: 4_194_304,
	}),
	maxWaitingCommands: integer({
		description: "Commands in one list that the field service has not taken; beyond it further ones are refused.",
		min: 1,
		max: 100_000,
		default: 100,
	}),
});

const telemetrySchema = section({
	channels: field(channels.default([]), {
		description:
			"Channels that are open, as numbers and ranges; empty: all. Of the others no point is read or written, and no alarm, " +
			"model value or rule is shown.",
	}),
	maxSubscriptions: integer({
		description: "Subscriptions of one connection.",
		min: 1,
		max: 10_000,
		default: telemetryDefaults.maxSubscriptions,
	}),
	maxKeysPerSubscription: integer({
		description: "Channels times data types of one subscription.",
		min: 1,
		max: 100_000,
		default: telemetryDefaults.maxKeysPerSubscription,
	}),
	maxPointsPerSubscription: integer({
		description: "Points of one subscription; one that turns out to have more is ended.",
		min: 1,
		max: 10_000_000,
		default: telemetryDefaults.maxPointsPerSubscription,
	}),
	maxPointsPerConnection: integer({
		description:
			"Points that the subscriptions of one connection show together, a channel and type counting for 10 at least. Beyond it " +
			"further ones are refused, and one that grows beyond it is ended.",
		min: 1,
		max: 100_000_000,
		default: telemetryDefaults.maxPointsPerConnection,
	}),
	maxPointsPerUser: integer({
		description: "The same for all connections of one user.",
		min: 1,
		max: 100_000_000,
		default: telemetryDefaults.maxPointsPerUser,
	}),
	maxPoints: integer({
		description: "The same for one process, where equal subscriptions count once. About 30 bytes each.",
		min: 1,
		max: 100_000_000,
		default: telemetryDefaults.maxPoints,
	}),
	maxPointsPerSecondPerConnection: integer({
		description:
			"Points a second that the subscriptions of one connection show: points divided by interval. A subscription that would " +
			"bring more is granted a longer interval, up to 60 s; where that is not enough it is refused.",
		min: 1,
		max: 1_000_000_000,
		default: telemetryDefaults.maxPointsPerSecondPerConnection,
	}),
	maxPointsPerSecondPerUser: integer({
		description: "The same for all connections of one user.",
		min: 1,
		max: 1_000_000_000,
		default: telemetryDefaults.maxPointsPerSecondPerUser,
	}),
	maxPointsPerSecond: integer({
		description:
			"The same for one process, where equal subscriptions count once. A million are about a fifth of a core " +
			"for each text encoding in use.",
		min: 1,
		max: 1_000_000_000,
		default: telemetryDefaults.maxPointsPerSecond,
	}),
	maxPointsPerBox: integer({
		description:
			"Points of one box that are kept because clients subscribe to them, long texts counting more. Beyond it subscriptions to " +
			"further channels are refused, or ended when they have been read. About 100 bytes each.",
		min: 1,
		max: 100_000_000,
		default: telemetryDefaults.maxPointsPerBox,
	}),
	readPointsPerSecond: integer({
		description:
			"Points a second that the requests of one user may touch: Subscribe, Resync, ReadNow, ListChannels, ModelList, ModelGet, " +
			"ModelValues. Beyond it they are refused, with the time to wait.",
		min: 1,
		max: 1_000_000_000,
		default: telemetryDefaults.readPointsPerSecond,
	}),
	readPointsBurst: integer({
		description: "How many of them may come at once; the request that takes the last of them is served whole.",
		min: 1,
		max: 1_000_000_000,
		default: telemetryDefaults.readPointsBurst,
	}),
	maxSnapshotBytes: bytes({
		description:
			"Memory for batches that are kept for new subscribers of the same view; beyond it they are encoded " +
			"for each subscriber.",
		min: 65_536,
		max: 1_073_741_824,
		default: telemetryDefaults.maxSnapshotBytes,
	}),
	maxViews: integer({
		description: "Different subscriptions in one process.",
		min: 1,
		max: 1_000_000,
		default: telemetryDefaults.maxViews,
	}),
	maxKeysPerBox: integer({
		description: "Hashes of one box that have a subscription.",
		min: 1,
		max: 1_000_000,
		default: telemetryDefaults.maxKeysPerBox,
	}),
	staleMs: milliseconds({
		description:
			"Values of a key (one type of one channel) whose newest timestamp, its own or any point's, has not changed for this time are UNCERTAIN, all of them; values of a key without timestamps never are. One unchanged point among others that change is not UNCERTAIN. 0: never.",
		min: 0,
		default: telemetryDefaults.staleMs,
	}),
	changeSampleMs: milliseconds({
		description: "How often subscriptions of mode BOTH look for changes.",
		min: 50,
		max: 60_000,
		default: telemetryDefaults.changeSampleMs,
	}),
	lagBytes: bytes({
		description:
			"A client with more unread bytes gets only the newest values, once it has read. It is looked at each time that a " +
			"quarter of this was published.",
		min: 4096,
		max: 1_073_741_824,
		default: telemetryDefaults.lagBytes,
	}),
	maxBatchBytes: bytes({
		description: "Values in one message; larger batches are split. As JSON they take up to eight times as much.",
		min: 4096,
		// Eight times this is below the largest message that the gateway sends.
		max: 61_440,
		default: telemetryDefaults.maxBatchBytes,
	}),
});

const controlSchema = section({
	allowed: field(
		z
			.array(z.string().regex(POINT, "expected comsrv, comsrv:1001, comsrv:1001:C or comsrv:1001:C:5"))
			.max(10_000)
			.optional(),
		{ description: "What may be written: sources, channels, types or points. Unset: everything." },
	),
	selectMs: milliseconds({
		description: "How long a selected point is reserved.",
		min: 1000,
		max: 600_000,
		default: controlDefaults.selectMs,
	}),
	controlTimeoutMs: milliseconds({
		description: "Timeout of the feedback of a C command.",
		min: 100,
		max: 600_000,
		default: controlDefaults.controlTimeoutMs,
	}),
	adjustmentTimeoutMs: milliseconds({
		description: "The same for A commands.",
		min: 100,
		max: 600_000,
		default: controlDefaults.adjustmentTimeoutMs,
	}),
	feedback: section({
		rule: field(z.enum(["none", "same-id"]).default(controlDefaults.feedback.rule), {
			description: "`same-id`: S:5 shows the value that was written to C:5, T:5 the one of A:5.",
		}),
		points: field(z.record(z.string().regex(POINT), z.string().regex(POINT)).default({}), {
			description: "The point that shows the result of a command: `comsrv:1001:C:5` → `comsrv:1001:S:105`.",
		}),
		tolerance: field(z.number().min(0).default(controlDefaults.feedback.tolerance), {
			description: "Largest difference between the value of an adjustment and its feedback point.",
		}),
	}),
	maxOpen: integer({
		description: "Open commands of one process; further ones are refused.",
		min: 1,
		max: 100_000,
		default: controlDefaults.maxOpen,
	}),
	maxOpenPerUser: integer({
		description: "The same of one user.",
		min: 1,
		max: 100_000,
		default: controlDefaults.maxOpenPerUser,
	}),
	auditKeptMs: milliseconds({
		description: "How long the audit trail is kept.",
		min: 86_400_000,
		max: 100 * 366 * 86_400_000,
		default: controlDefaults.auditKeptMs,
	}),
	commandsKeptMs: milliseconds({
		description: "How long commands and their ids are kept.",
		min: 86_400_000,
		max: 100 * 366 * 86_400_000,
		default: controlDefaults.commandsKeptMs,
	}),
});

const alarmsSchema = section({
	maxAlarms: integer({
		description: "Alarms of one box that are read; further ones are ignored.",
		min: 100,
		max: 1_000_000,
		default: alarmMirrorDefaults.maxAlarms,
	}),
	pollMs: milliseconds({
		description: "How often alarms are read when no change was notified.",
		min: 500,
		max: 600_000,
		default: alarmMirrorDefaults.pollMs,
	}),
	maxPublished: integer({
		description:
			"Changes of one alarm that are published within windowMs; beyond it one change is published, at the end of the window.",
		min: 1,
		max: 10_000,
		default: flappingDefaults.maxPublished,
	}),
	windowMs: milliseconds({
		description: "See maxPublished.",
		min: 1000,
		max: 3_600_000,
		default: flappingDefaults.windowMs,
	}),
});

export const edgeSchema = section({
	olderDialect: flag({ description: "Serve front ends of the older JSON dialect.", default: true }),
	leaseMs: milliseconds({
		description:
			"Lease of the process that publishes the alarms of a box; when that process dies, another one takes over after this time.",
		min: 1000,
		max: 600_000,
		default: boxLeaseDefaults.ttlMs,
	}),
	simulator: simulatorSchema,
	box: boxSchema,
	telemetry: telemetrySchema,
	control: controlSchema,
	alarms: alarmsSchema,
});

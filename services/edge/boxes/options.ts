// Options of field boxes: the section `edge.box` of the configuration.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, section } from "../../../common/option-fields.ts";
import { redisServer } from "../../../common/option-urls.ts";
import { defaultsOf, type OptionsOf } from "../../../common/options.ts";

const BOX_NAME = /^[A-Za-z0-9_-]{1,32}$/;
/** How field services name their keys. */
const boxDialects = ["v1", "v2"] as const;

const name = z.string().regex(BOX_NAME, "expected 1 to 32 letters, digits, _ or -");
/** A box beside the first one: its sources are called `name:comsrv`. */
const furtherBox = z.strictObject({ name, url: redisServer, dialect: z.enum(boxDialects).default("v1") });

export const boxSection = section({
	name: field(name.default("local"), { description: "What the first box is called, in alarms and models." }),
	url: field(redisServer.optional(), {
		description: "Redis of the first box: `redis://`, `rediss://` or `redis+sentinel://`.",
		url: true,
		aliases: ["EDGE_REDIS_URL"],
	}),
	dialect: field(z.enum(boxDialects).default("v1"), {
		description: "How the field services of the box name their keys.",
	}),
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

export type BoxOptions = OptionsOf<typeof boxSection>;

export const boxDefaults: BoxOptions = defaultsOf(boxSection);

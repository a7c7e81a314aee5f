// Options of control: the section `edge.control` of the configuration, and what is not configured.
import * as z from "zod";
import { field, integer, milliseconds, section } from "../../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../../common/options.ts";

const DAY_MS = 86_400_000;
const POINT = /^([A-Za-z0-9_-]{1,32}:)?(comsrv|inst)(:\d{1,10}(:(T|S|C|A|M|ACTION)(:\d{1,10})?)?)?$/;

export const controlSection = section({
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
		default: 30_000,
	}),
	controlTimeoutMs: milliseconds({
		description: "Timeout of the feedback of a C command.",
		min: 100,
		max: 600_000,
		default: 5000,
	}),
	adjustmentTimeoutMs: milliseconds({
		description: "The same for A commands.",
		min: 100,
		max: 600_000,
		default: 10_000,
	}),
	feedback: section({
		rule: field(z.enum(["none", "same-id"]).default("none"), {
			description: "`same-id`: S:5 shows the value that was written to C:5, T:5 the one of A:5.",
		}),
		points: field(z.record(z.string().regex(POINT), z.string().regex(POINT)).default({}), {
			description: "The point that shows the result of a command: `comsrv:1001:C:5` → `comsrv:1001:S:105`.",
		}),
		tolerance: field(z.number().min(0).default(1e-6), {
			description: "Largest difference between the value of an adjustment and its feedback point.",
		}),
	}),
	maxOpen: integer({
		description: "Open commands of one process; further ones are refused.",
		min: 1,
		max: 100_000,
		default: 1000,
	}),
	maxOpenPerUser: integer({
		description: "The same of one user.",
		min: 1,
		max: 100_000,
		default: 50,
	}),
	auditKeptMs: milliseconds({
		description: "How long the audit trail is kept.",
		min: DAY_MS,
		max: 100 * 366 * DAY_MS,
		default: 365 * DAY_MS,
	}),
	commandsKeptMs: milliseconds({
		description: "How long commands and their ids are kept.",
		min: DAY_MS,
		max: 100 * 366 * DAY_MS,
		default: 90 * DAY_MS,
	}),
});

type ConfiguredOptions = OptionsOf<typeof controlSection>;

export type FeedbackOptions = ConfiguredOptions["feedback"];

export interface ControlOptions extends ConfiguredOptions {
	/** How often feedback is asked for. */
	readonly pollIntervalMs: number;
	readonly maxSelects: number;
	readonly maxSelectsPerUser: number;
	/** How long the models' limits are kept. */
	readonly limitsKeptMs: number;
	/** Models whose limits are known, for each box. */
	readonly maxModels: number;
	/** A command that is not on its way to the box so long after it was asked for is given up. */
	readonly handOverMs: number;
	/** How long after its deadline another process closes a command. */
	readonly orphanMs: number;
	/** How often orphaned commands are searched. */
	readonly sweepIntervalMs: number;
}

export const controlDefaults: ControlOptions = {
	...defaultsOf(controlSection),
	pollIntervalMs: 250,
	maxSelects: 10_000,
	maxSelectsPerUser: 50,
	limitsKeptMs: 15_000,
	maxModels: 2000,
	handOverMs: 3000,
	orphanMs: 5000,
	sweepIntervalMs: 5000,
};

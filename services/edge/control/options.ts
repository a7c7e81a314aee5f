// The limits of control, how long things take, and where the end of a command is seen.

export interface FeedbackOptions {
	/** `same-id`: a value written to C:5 shows at S:5, a value written to A:5 at T:5. `none`: only as `points` says. */
	readonly rule: "none" | "same-id";
	/** Written point → point where it shows: `comsrv:1001:C:5` → `comsrv:1001:S:105`. */
	readonly points: Readonly<Record<string, string>>;
	/** How far the point may be from the value of an adjustment. */
	readonly tolerance: number;
}

export interface ControlOptions {
	/** What may be written: sources, channels, types or points (`comsrv:1001`, `comsrv:1001:C:5`). Undefined: everything. */
	readonly allowed: readonly string[] | undefined;
	/** How long a select lasts. */
	readonly selectMs: number;
	/** How long the feedback of a C command is awaited. */
	readonly controlTimeoutMs: number;
	/** The same for A and ACTION. */
	readonly adjustmentTimeoutMs: number;
	readonly feedback: FeedbackOptions;
	/** How often feedback is asked for. */
	readonly pollIntervalMs: number;
	/** Commands of this process whose end is awaited at once. */
	readonly maxOpen: number;
	readonly maxOpenPerUser: number;
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
	readonly auditKeptMs: number;
	/** How long command ids are remembered. */
	readonly commandsKeptMs: number;
}

const DAY_MS = 86_400_000;

export const controlDefaults: ControlOptions = {
	allowed: undefined,
	selectMs: 30_000,
	controlTimeoutMs: 5000,
	adjustmentTimeoutMs: 10_000,
	feedback: { rule: "none", points: {}, tolerance: 1e-6 },
	pollIntervalMs: 250,
	maxOpen: 1000,
	maxOpenPerUser: 50,
	maxSelects: 10_000,
	maxSelectsPerUser: 50,
	limitsKeptMs: 15_000,
	maxModels: 2000,
	handOverMs: 3000,
	orphanMs: 5000,
	sweepIntervalMs: 5000,
	auditKeptMs: 365 * DAY_MS,
	commandsKeptMs: 90 * DAY_MS,
};

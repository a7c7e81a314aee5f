// A field box: the Redis that field services write and read, or the simulator in its place. Implementations:
// stores/redis/box, stores/simulator; one contract suite.

import type { Probe } from "../../../common/probe.ts";
import type { DataType } from "../../../protocol/gen/schema.ts";
import type { BoxAlarms } from "./box-alarms.ts";
import type { BoxCommands } from "./box-commands.ts";
import type { BoxModels, BoxRules } from "./box-models.ts";
import type { BoxPoints } from "./box-points.ts";

export const BoxState = {
	UP: "up",
	DOWN: "down",
	/** It answers, and is reading its data from disk. */
	LOADING: "loading",
} as const;
export type BoxState = (typeof BoxState)[keyof typeof BoxState];

export interface BoxCondition {
	readonly state: BoxState;
	/** For people: "connection refused". */
	readonly reason: string;
	/** Unix milliseconds. */
	readonly sinceMs: number;
}

/** One family of keys of a box: what clients name as `source`. */
export interface BoxSource {
	/** `comsrv`, `inst`. */
	readonly family: string;
	/** What may be read. */
	readonly types: readonly DataType[];
	/** What may be written. */
	readonly writableTypes: readonly DataType[];
}

/**
 * Operations that need the box throw GatewayError UNAVAILABLE at once while it is unreachable, and nothing is queued
 * for later. A box that is unreachable at the start is handled in the same way: the connection is retried.
 */
export interface Box {
	/** As configured; "" is allowed for none other than the first. */
	readonly name: string;
	/** The first is the one meant when a client names none. */
	readonly sources: readonly BoxSource[];
	readonly condition: BoxCondition;
	readonly points: BoxPoints;
	readonly commands: BoxCommands;
	readonly alarms: BoxAlarms;
	readonly models: BoxModels;
	readonly rules: BoxRules;
	readonly probe: Probe;
	/** The listener is called after each change of `condition`. */
	onCondition(listener: (condition: BoxCondition) => void): void;
	close(): Promise<void>;
}

// Device models of a box, and the rules that run on it.
import type { DataType } from "../../../protocol/gen/schema.ts";
import type { PointReading } from "./box-points.ts";

export interface BoxMapping {
	readonly name: string;
	readonly channel: number;
	readonly pointId: number;
	readonly type: DataType;
}

/** What a model says of the values that a point may be given. */
export interface ValueRange {
	readonly min: number | undefined;
	readonly max: number | undefined;
	/** Multiples of it, counted from `min` or 0. */
	readonly step: number | undefined;
}

export interface BoxModel {
	readonly id: string;
	readonly name: string;
	readonly template: string;
	/** Values that are no strings as their JSON. */
	readonly properties: Readonly<Record<string, string>>;
	readonly measurements: readonly BoxMapping[];
	readonly actions: readonly (BoxMapping & { readonly range: ValueRange | undefined })[];
}

export interface NamedReading {
	readonly name: string;
	/** `pointId` 0 where the model's own hash gave it. */
	readonly reading: PointReading;
}

export interface BoxModelValues {
	readonly measurements: readonly NamedReading[];
	readonly actions: readonly NamedReading[];
}

/** Every method throws GatewayError UNAVAILABLE when the box does not answer in time. */
export interface BoxModels {
	/** Ids in their order, at most `limit`. @param template - "" for all. */
	ids(template: string, limit: number): Promise<readonly string[]>;
	/**
	 * In the order asked; undefined for what is not there or cannot be read.
	 *
	 * @param onRead - called with the bytes that the box sends for it, also for what cannot be read.
	 */
	get(ids: readonly string[], onRead?: (bytes: number) => void): Promise<readonly (BoxModel | undefined)[]>;
	/** The model's own hashes, and where they lack a name, the point that it is mapped to. */
	values(model: BoxModel): Promise<BoxModelValues>;
}

export interface BoxRule {
	readonly id: string;
	readonly name: string;
	readonly isActive: boolean;
	readonly priority: number;
	/** As the box keeps it. */
	readonly definitionJson: string;
}

export interface BoxExecution {
	readonly ruleId: string;
	/** Unix milliseconds. */
	readonly atMs: number;
	readonly succeeded: boolean;
	readonly detail: string;
}

/** Every method throws GatewayError UNAVAILABLE when the box does not answer in time. */
export interface BoxRules {
	ids(onlyActive: boolean, limit: number): Promise<readonly string[]>;
	/** As that of models. */
	get(ids: readonly string[], onRead?: (bytes: number) => void): Promise<readonly (BoxRule | undefined)[]>;
	/** What the box keeps beside the rule: counters, the time of the last run. Empty when there is nothing. */
	state(id: string): Promise<Readonly<Record<string, string>>>;
	/** The last ones, newest first; empty where the box keeps none. */
	executions(id: string, limit: number): Promise<readonly BoxExecution[]>;
	/** Set once. May lose events that happen while the box is unreachable. */
	onExecuted(listener: (execution: BoxExecution) => void): void;
}

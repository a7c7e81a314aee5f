// A box without hardware: a simulated plant in this process, for evaluation of the gateway and for tests. Its commands
// are known to this process only.

import { type Clock, systemClock } from "../../../common/clock.ts";
import type { Probe } from "../../../common/probe.ts";
import { DataType } from "../../../protocol/gen/schema.ts";
import { type Box, type BoxCondition, type BoxSource, BoxState } from "../boxes/box.ts";
import { SimulatorBoxAlarms } from "./alarms-simulator.ts";
import { SimulatorBoxCommands, type SimulatorBoxCommandsOptions } from "./commands-simulator.ts";
import { SimulatorBoxModels } from "./models-simulator.ts";
import { type PlantOptions, SIMULATED_FAMILY, SimulatedPlant } from "./points-plant.ts";
import { SimulatorBoxPoints } from "./points-simulator.ts";
import { SimulatorBoxRules } from "./rules-simulator.ts";

export interface SimulatorBoxOptions {
	/** As configured; "" for the first. */
	readonly name: string;
	readonly plant: PlantOptions;
	readonly commands?: Partial<SimulatorBoxCommandsOptions>;
}

export class SimulatorBox implements Box {
	readonly name: string;
	readonly sources: readonly BoxSource[] = [
		{
			family: SIMULATED_FAMILY,
			types: [DataType.TELEMETRY, DataType.SIGNAL, DataType.CONTROL, DataType.ADJUSTMENT],
			writableTypes: [DataType.CONTROL, DataType.ADJUSTMENT],
		},
	];
	/** It is always reachable. */
	readonly condition: BoxCondition;
	readonly points: SimulatorBoxPoints;
	readonly commands: SimulatorBoxCommands;
	readonly alarms: SimulatorBoxAlarms;
	readonly models: SimulatorBoxModels;
	readonly rules: SimulatorBoxRules;
	readonly probe: Probe;

	constructor(options: SimulatorBoxOptions, clock: Clock = systemClock) {
		const { name } = options;
		const plant = new SimulatedPlant(options.plant, clock);
		this.name = name;
		this.condition = { state: BoxState.UP, reason: "", sinceMs: clock.now() };
		this.points = new SimulatorBoxPoints(plant);
		this.commands = new SimulatorBoxCommands(plant, clock, options.commands);
		this.alarms = new SimulatorBoxAlarms(clock);
		this.models = new SimulatorBoxModels(plant);
		this.rules = new SimulatorBoxRules(clock);
		this.probe = { name: name === "" ? "box" : `box:${name}`, check: async () => undefined };
	}

	/** Its condition does not change. */
	onCondition(): void {}

	async close(): Promise<void> {
		for (const part of [this.points, this.commands, this.alarms, this.rules]) part.close();
	}
}

// Two device models of a simulated plant, mapped to its points.

import { DataType, Quality } from "../../../protocol/gen/schema.ts";
import type { BoxMapping, BoxModel, BoxModels, BoxModelValues, NamedReading, ValueRange } from "../boxes/box-models.ts";
import { SIMULATED_FAMILY, type SimulatedPlant } from "./points-plant.ts";

type Action = BoxMapping & { readonly range: ValueRange | undefined };

const SWITCH: ValueRange = { min: 0, max: 1, step: 1 };

/** Points of the first channel, which every plant has. */
const CHANNEL = 1001;

function at(name: string, type: DataType, pointId: number): BoxMapping {
	return { name, channel: CHANNEL, pointId, type };
}

const MODELS: readonly BoxModel[] = [
	{
		id: "sim-inverter",
		name: "Inverter",
		template: "inverter",
		properties: { rated_power: "50", voltage_level: "0.4kV" },
		measurements: [
			at("voltage", DataType.TELEMETRY, 1),
			at("state_of_charge", DataType.TELEMETRY, 2),
			at("temperature", DataType.TELEMETRY, 3),
			at("power", DataType.TELEMETRY, 4),
			at("power_actual", DataType.TELEMETRY, 5),
		],
		actions: [{ ...at("power_set", DataType.ADJUSTMENT, 200), range: { min: 0, max: 100, step: 0.5 } }],
	},
	{
		id: "sim-pump",
		name: "Cooling pump",
		template: "pump",
		properties: { rated_flow: "12" },
		measurements: [at("running", DataType.SIGNAL, 1), at("door_open", DataType.SIGNAL, 2)],
		actions: [{ ...at("start_stop", DataType.CONTROL, 100), range: SWITCH }],
	},
];

export class SimulatorBoxModels implements BoxModels {
	private readonly plant: SimulatedPlant;
	private readonly models: readonly BoxModel[];

	constructor(plant: SimulatedPlant) {
		this.plant = plant;
		const exists = (mapping: BoxMapping) => this.point(mapping) !== undefined;
		this.models = MODELS.map((model) => ({
			...model,
			measurements: model.measurements.filter(exists),
			actions: model.actions.filter((action: Action) => exists(action)),
		}));
	}

	async ids(template: string, limit: number): Promise<readonly string[]> {
		return this.models
			.filter((model) => template === "" || model.template === template)
			.map(({ id }) => id)
			.slice(0, limit);
	}

	async get(ids: readonly string[]): Promise<readonly (BoxModel | undefined)[]> {
		return ids.map((id) => this.models.find((model) => model.id === id));
	}

	async values(model: BoxModel): Promise<BoxModelValues> {
		return {
			measurements: model.measurements.map((mapping) => this.reading(mapping)),
			actions: model.actions.map((mapping) => this.reading(mapping)),
		};
	}

	private reading(mapping: BoxMapping): NamedReading {
		const point = this.point(mapping);
		const quality = point === undefined ? Quality.UNAVAILABLE : Quality.GOOD;
		const { pointId } = mapping;
		const reading = { pointId, value: point?.value, quality, flags: 0, sourceMs: point?.atMs ?? 0 };
		return { name: mapping.name, reading };
	}

	private point({ channel, type, pointId }: BoxMapping) {
		return this.plant.point({ family: SIMULATED_FAMILY, channel, type, pointId });
	}
}

// Options of the simulated plant: the section `edge.simulator` of the configuration.
import { flag, integer, milliseconds, section } from "../../../common/option-fields.ts";
import type { OptionsOf } from "../../../common/options.ts";

export const simulatorSection = section({
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

export type SimulatorOptions = OptionsOf<typeof simulatorSection>;

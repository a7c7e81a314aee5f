// Options of field boxes and of what is served from them: the section `edge` of the configuration.
import { flag, milliseconds, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";
import { alarmsSection } from "./alarms/options.ts";
import { boxSection } from "./boxes/options.ts";
import { controlSection } from "./control/options.ts";
import { simulatorSection } from "./simulator/options.ts";
import { telemetrySection } from "./telemetry/options.ts";

export const edgeSection = section({
	olderDialect: flag({ description: "Serve front ends of the older JSON dialect.", default: true }),
	leaseMs: milliseconds({
		description:
			"Lease of the process that publishes the alarms of a box; when that process dies, another one takes over after this time.",
		min: 1000,
		max: 600_000,
		default: 10_000,
	}),
	simulator: simulatorSection,
	box: boxSection,
	telemetry: telemetrySection,
	control: controlSection,
	alarms: alarmsSection,
});

export type EdgeOptions = OptionsOf<typeof edgeSection>;

export const edgeDefaults: EdgeOptions = defaultsOf(edgeSection);

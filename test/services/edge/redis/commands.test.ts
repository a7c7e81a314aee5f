// Commands of a box, by the contract: through Redis to a stand-in of a field service in both dialects, and simulated.
import { describe } from "node:test";
import { systemClock } from "../../../../common/clock.ts";
import { DataType } from "../../../../protocol/gen/schema.ts";
import type { CommandTarget } from "../../../../services/edge/boxes/box-commands.ts";
import { BoxChannels } from "../../../../services/edge/redis/box-channels.ts";
import { RedisBoxCommands } from "../../../../services/edge/redis/commands-redis.ts";
import { boxDialect } from "../../../../services/edge/redis/dialect.ts";
import { SimulatorBoxCommands } from "../../../../services/edge/simulator/commands-simulator.ts";
import { SimulatedPlant } from "../../../../services/edge/simulator/points-plant.ts";
import { until } from "../../../support/until.ts";
import { openBoxFixture } from "./box-fixture.ts";
import { type CommandsFixture, commandsContract } from "./commands-contract.ts";
import { startDevice } from "./commands-device.ts";

const control: CommandTarget = { family: "comsrv", channel: 1001, type: DataType.CONTROL, pointId: 100 };
const adjustment: CommandTarget = { ...control, type: DataType.ADJUSTMENT, pointId: 200 };
const unknown: CommandTarget = { ...control, pointId: 999 };

for (const name of ["v1", "v2"] as const) {
	describe(`commands through Redis, dialect ${name}`, () => {
		commandsContract(async (): Promise<CommandsFixture> => {
			const fixture = await openBoxFixture({ dialect: name });
			const dialect = boxDialect(name);
			const device = await startDevice({ port: fixture.server.port, dialect: name, channel: 1001, points: [100, 200] });
			const channels = new BoxChannels(fixture.link);
			const commands = new RedisBoxCommands(fixture.link, dialect, channels, { hasFeedback: true });
			return {
				commands,
				control,
				adjustment,
				unknown,
				listening: () => until(async () => Number(await fixture.field.pubsub("NUMPAT")) === 1),
				valueAt: ({ channel, type, pointId }) =>
					device.values.get(`${dialect.commands.listKey(channel, type)}:${pointId}`),
				close: async () => {
					await device.stop();
					await fixture.close();
				},
			};
		});
	});
}

describe("commands to the simulator", () => {
	commandsContract(async (): Promise<CommandsFixture> => {
		const plant = new SimulatedPlant({ seed: 1, channels: 1, points: 8, stepMs: 1000 }, systemClock);
		const commands = new SimulatorBoxCommands(plant, systemClock, { delayMs: 5 });
		return {
			commands,
			control,
			adjustment,
			unknown,
			valueAt: (target) => plant.point(target)?.value,
			close: async () => commands.close(),
		};
	});
});

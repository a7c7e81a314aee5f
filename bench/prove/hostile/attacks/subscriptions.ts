// Viewers watch a large plant: each subscription is different from all others, takes every point that it may, in JSON, as
// often as it may, and asks for all of it once more.
import { edgeTelemetryRoutes } from "../../../../protocol/gen/schema.ts";
import { type Attack, isOver } from "../attack.ts";
import { Insider } from "../insider.ts";

const VIEWERS = 4;
/** Of the simulated plant of these scenarios. */
export const PLANT_CHANNELS = 100;
export const PLANT_POINTS = 200;

const CHANNELS = Array.from({ length: PLANT_CHANNELS }, (_, index) => 1001 + index);

export const subscriptions: Attack<readonly Insider[]> = {
	name: "subscriptions",
	title: "subscriptions to everything, each different",
	prepare: ({ ports }) => Insider.gather(ports, VIEWERS),
	async run(run, insiders) {
		await Promise.all(
			insiders.map(async (insider, viewer) => {
				const ids: string[] = [];
				for (let turn = 0; !isOver(run); turn++) {
					// Its time to keep alive makes it another view.
					const keepaliveMs = 10_000 + viewer * 100_000 + turn;
					const request = { channels: CHANNELS, dataTypes: [1], intervalMs: 100, keepaliveMs };
					const reply = await insider.ask(edgeTelemetryRoutes.subscribe, request);
					run.count("subscriptions");
					if (reply?.subId !== undefined) ids.push(reply.subId);
					const subId = ids[turn % ids.length];
					if (subId === undefined) continue;
					await insider.ask(edgeTelemetryRoutes.resync, { subId });
					run.count("resyncs");
				}
			}),
		);
	},
};

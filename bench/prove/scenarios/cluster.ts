// The scenario `drops` on a Redis Cluster, whose rooms' channels live on three masters.
import type { Scenario } from "../scenario.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { loseConnections } from "./drops.ts";

export const cluster: Scenario<"cluster"> = {
	name: "cluster",
	title: "connections lost at random, Redis Cluster of three masters",
	needs: { redis: "cluster", nodes: 2 },
	steps: LOAD_STEPS,
	run: loseConnections,
};

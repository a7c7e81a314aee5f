// A Redis that is hostile: that of the box on a field box with a heap of 300 MB, whose chat and heartbeats do not use it,
// and that of the nodes, where clients see errors but every node has to stay live and recover.
import type { Attack } from "../hostile/attack.ts";
import { strikes } from "../hostile/attacks/index.ts";
import { Field } from "../hostile/field.ts";
import { ATTACK_STEPS } from "../hostile/under-attack.ts";
import { Watcher } from "../hostile/watcher.ts";
import type { Context, Outcome, Scenario } from "../scenario.ts";
import { atLeast, atMost } from "../under-load.ts";
import { attacked, clusterProfile, NATIVE_MB, shipped } from "./hostile.ts";

const HEAP_MB = 300;
const GOOD_WITHIN_MS = 5000;

const short = new Set(["box-busy", "box-select-refused", "box-huge-json"]);

function boxScenario({ name: strike, title }: Pick<Attack, "name" | "title">): Scenario<"box"> {
	const name = `box-${strike}`;
	return {
		name,
		title: `a field box: ${title}`,
		needs: {
			redis: "box",
			nodes: 1,
			sql: "embedded",
			heapMb: HEAP_MB,
			env: { ...shipped, FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer" },
		},
		isLongOnly: !short.has(name),
		steps: ATTACK_STEPS,
		run: (context) => struckBox(context, strike),
	};
}

async function struckBox(context: Context<"box">, strike: string): Promise<Outcome> {
	const field = await Field.open(context.redis.url);
	context.atEnd(() => field.end());
	let watcher: Watcher | undefined;
	let endedAtMs = 0;
	return await attacked(context, strike, {
		maxRssMb: HEAP_MB + NATIVE_MB,
		struckRedis: context.redis.url,
		prepare: async () => {
			const opened = await Watcher.open(context.nodes[0]?.url ?? "");
			watcher = opened;
			context.atEnd(() => opened.end());
		},
		onEnded: () => {
			endedAtMs = performance.now();
		},
		checks: async () => [
			atLeast("batches of values", watcher?.batches ?? 0, 1),
			atMost("values of another plant that were shown", watcher?.foreignValues ?? 0, 0),
			atMost("commands written into another plant", await field.foreignCommands(), 0),
			atMost(
				"ms until values were good",
				(await watcher?.untilGood(endedAtMs, 2 * GOOD_WITHIN_MS)) ?? 0,
				GOOD_WITHIN_MS,
			),
		],
	});
}

function redisScenario({ name, title }: Pick<Attack, "name" | "title">): Scenario<"standalone"> {
	return {
		name: `redis-${name}`,
		title: `two nodes: ${title}`,
		needs: { ...clusterProfile.needs, redis: "standalone" },
		isLongOnly: true,
		steps: ATTACK_STEPS,
		run: (context) =>
			attacked(context, name, {
				maxRssMb: clusterProfile.needs.heapMb + NATIVE_MB,
				struckRedis: context.redis.url,
				isOutage: true,
			}),
	};
}

/** What clients publish is more than Redis may hold. */
const redisFull: Scenario<"full"> = {
	name: "redis-full",
	title: "two nodes, the longest messages, and a Redis of 64 MB that refuses to evict",
	needs: { ...clusterProfile.needs, redis: "full" },
	isLongOnly: !short.has("redis-full"),
	steps: ATTACK_STEPS,
	run: (context) => attacked(context, "history", { maxRssMb: clusterProfile.needs.heapMb + NATIVE_MB }),
};

export const hostileStoreScenarios: readonly Scenario[] = [
	...strikes.box.map(boxScenario),
	...strikes.nodes.map(redisScenario),
	redisFull,
] as readonly Scenario[];

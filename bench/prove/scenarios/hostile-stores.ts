// A Redis that is hostile: that of the box on a field box with a heap of 300 MB, whose chat and heartbeats do not use it,
// and that of the nodes, where clients see errors but every node has to stay live and recover.
import { Redis } from "ioredis";
import { Field } from "../hostile/field.ts";
import type { Strike, Struck } from "../hostile/strike.ts";
import { busy } from "../hostile/strikes/busy.ts";
import { hugeHashes, hugeJson, wrongTypes } from "../hostile/strikes/huge.ts";
import { evalRefused, selectRefused, subscribeRefused } from "../hostile/strikes/rights.ts";
import { ATTACK_STEPS, underAttack } from "../hostile/under-attack.ts";
import { Watcher } from "../hostile/watcher.ts";
import type { Context, Outcome, Scenario } from "../scenario.ts";
import { atLeast, atMost, pause } from "../under-load.ts";
import { attacked, clusterProfile, NATIVE_MB, shipped } from "./hostile.ts";

const HEAP_MB = 300;
const STRIKE_EVERY_MS = 500;
const GOOD_WITHIN_MS = 5000;

const short = new Set(["box-busy", "box-select-refused", "box-huge-json"]);

async function strikeFor(strike: Strike, struck: Struck, seconds: number): Promise<Record<string, number>> {
	const endAtMs = performance.now() + seconds * 1000;
	let done = 0;
	for (let turn = 0; performance.now() < endAtMs; turn++) {
		const nextAtMs = performance.now() + STRIKE_EVERY_MS;
		done += await strike.strike(struck, turn);
		await pause(Math.max(0, Math.min(nextAtMs, endAtMs) - performance.now()));
	}
	await strike.relent?.(struck);
	return { struck: done };
}

function boxScenario(strike: Strike): Scenario<"box"> {
	const name = `box-${strike.name}`;
	return {
		name,
		title: `a field box: ${strike.title}`,
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

async function struckBox(context: Context<"box">, strike: Strike): Promise<Outcome> {
	const field = await Field.open(context.redis.url);
	context.atEnd(() => field.end());
	let watcher: Watcher | undefined;
	let endedAtMs = 0;
	return await underAttack(context, {
		maxRssMb: HEAP_MB + NATIVE_MB,
		prepare: async () => {
			const opened = await Watcher.open(context.nodes[0]?.url ?? "");
			watcher = opened;
			context.atEnd(() => opened.end());
		},
		attack: async (seconds) => {
			const done = await strikeFor(strike, field, seconds);
			endedAtMs = performance.now();
			return done;
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

function redisScenario(strike: Strike): Scenario<"standalone"> {
	return {
		name: `redis-${strike.name}`,
		title: `two nodes: ${strike.title}`,
		needs: { ...clusterProfile.needs, redis: "standalone" },
		isLongOnly: true,
		steps: ATTACK_STEPS,
		async run(context) {
			const admin = new Redis(context.redis.url);
			admin.on("error", () => {});
			context.atEnd(() => admin.disconnect());
			await admin.call("ACL", "SETUSER", "admin", "on", ">hostile", "~*", "&*", "+@all");
			await admin.auth("admin", "hostile");
			const struck: Struck = {
				admin,
				allow: async (...rules) => void (await admin.call("ACL", "SETUSER", "default", ...rules)),
				cutOff: async () => void (await admin.call("CLIENT", "KILL", "USER", "default")),
			};
			return await underAttack(context, {
				maxRssMb: clusterProfile.needs.heapMb + NATIVE_MB,
				attack: (seconds) => strikeFor(strike, struck, seconds),
				isOutage: true,
			});
		},
	};
}

/** What clients publish is more than Redis may hold. */
const redisFull: Scenario<"full"> = {
	name: "redis-full",
	title: "two nodes, the longest messages, and a Redis of 64 MB that refuses to evict",
	needs: { ...clusterProfile.needs, redis: "full" },
	isLongOnly: !short.has("redis-full"),
	steps: ATTACK_STEPS,
	run: (context) => attacked(context, "history", clusterProfile.needs.heapMb + NATIVE_MB),
};

export const hostileStoreScenarios: readonly Scenario[] = [
	...[subscribeRefused, busy, selectRefused, hugeHashes, wrongTypes, hugeJson].map(boxScenario),
	...[subscribeRefused, busy, evalRefused].map(redisScenario),
	redisFull,
] as readonly Scenario[];

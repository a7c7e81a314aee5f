// Hostile clients: every attack on a field box with a heap of 300 MB, and on two nodes of a cluster with 1 GB each, beside
// bystanders that must not be affected.
import type { Attack } from "../hostile/attack.ts";
import { AttackerProcess } from "../hostile/attacker-process.ts";
import { attacks } from "../hostile/attacks/index.ts";
import { PLANT_CHANNELS, PLANT_POINTS } from "../hostile/attacks/subscriptions.ts";
import { ATTACK_STEPS, type Ordeal, underAttack } from "../hostile/under-attack.ts";
import type { Context, Needs, Outcome, Scenario } from "../scenario.ts";

/** Beside V8's old generation: code, young generation, stacks, password hashes, and what sockets hold. */
export const NATIVE_MB = 250;

/** As shipped, where the other scenarios have it otherwise. */
export const shipped = {
	FRAMEGATE_CHANNELS_HISTORY_SIZE: "1000",
	FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "19456",
	FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "2",
	FRAMEGATE_AUTH_PASSWORD_HASH_MAX_QUEUED: "100",
};

/** Every user may watch, and there are many points to watch. */
const plant = {
	FRAMEGATE_EDGE_SIMULATOR_ENABLED: "true",
	FRAMEGATE_EDGE_SIMULATOR_CHANNELS: String(PLANT_CHANNELS),
	FRAMEGATE_EDGE_SIMULATOR_POINTS: String(PLANT_POINTS),
	FRAMEGATE_AUTH_DEFAULT_ROLE: "viewer",
};

interface Profile {
	readonly name: "box" | "cluster";
	readonly title: string;
	readonly needs: Needs<"none" | "standalone"> & { readonly heapMb: number };
}

const env = { ...shipped, ...plant };
export const boxProfile: Profile = {
	name: "box",
	title: "field box",
	needs: { redis: "none", nodes: 1, sql: "embedded", heapMb: 300, env },
};
export const clusterProfile: Profile = {
	name: "cluster",
	title: "two nodes",
	needs: { redis: "standalone", nodes: 2, heapMb: 1024, env },
};

/** What the short form runs of it: each kind once. */
const short = new Set([
	"login-frames-json-box",
	"unread-replies-box",
	"login-frames-protobuf-cluster",
	"half-frames-box",
	"pings-box",
	"fragments-box",
	"history-cluster",
	"subscriptions-box",
	"relay-games-box",
]);

function scenarioOf(attack: Attack, { name, title, needs }: Profile): Scenario {
	return {
		name: `${attack.name}-${name}`,
		title: `${attack.title}, ${title}`,
		needs,
		isLongOnly: !short.has(`${attack.name}-${name}`),
		steps: ATTACK_STEPS,
		run: (context) => attacked(context, attack.name, { maxRssMb: needs.heapMb + NATIVE_MB }),
	};
}

export interface Attacked extends Omit<Ordeal, "attack"> {
	/** URL of the Redis that the attack strikes. */
	readonly struckRedis?: string;
	/** Called when the attack has ended. */
	readonly onEnded?: () => void;
}

/**
 * Runs an attack of a process of its own against all nodes.
 *
 * @param ordeal - what else there is to it.
 */
export async function attacked(context: Context, attack: string, ordeal: Attacked): Promise<Outcome> {
	let attacker: AttackerProcess | undefined;
	return await underAttack(context, {
		...ordeal,
		prepare: async () => {
			await ordeal.prepare?.();
			const ports = context.nodes.map(({ port }) => port);
			const started = await AttackerProcess.start(attack, { ports, redis: ordeal.struckRedis });
			attacker = started;
			context.atEnd(() => started.end());
		},
		attack: async (seconds) => {
			const done = (await attacker?.attack(seconds)) ?? {};
			ordeal.onEnded?.();
			return done;
		},
	});
}

export const hostileScenarios: readonly Scenario[] = attacks.flatMap((attack) => [
	scenarioOf(attack, boxProfile),
	scenarioOf(attack, clusterProfile),
]);

// Hostile clients: every attack on a field box with a heap of 300 MB, and on two nodes of a cluster with 1 GB each, beside
// bystanders that must not be affected.
import type { Attack } from "../hostile/attack.ts";
import { AttackerProcess } from "../hostile/attacker-process.ts";
import { attacks } from "../hostile/attacks/index.ts";
import { PLANT_CHANNELS, PLANT_POINTS } from "../hostile/attacks/subscriptions.ts";
import { ATTACK_STEPS, underAttack } from "../hostile/under-attack.ts";
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
		run: (context) => attacked(context, attack.name, needs.heapMb + NATIVE_MB),
	};
}

/** Runs an attack of a process of its own against all nodes. */
export async function attacked(context: Context, attack: string, maxRssMb: number): Promise<Outcome> {
	let attacker: AttackerProcess | undefined;
	return await underAttack(context, {
		maxRssMb,
		prepare: async () => {
			const started = await AttackerProcess.start(
				attack,
				context.nodes.map(({ port }) => port),
			);
			attacker = started;
			context.atEnd(() => started.end());
		},
		attack: async (seconds) => (await attacker?.attack(seconds)) ?? {},
	});
}

export const hostileScenarios: readonly Scenario[] = attacks.flatMap((attack) => [
	scenarioOf(attack, boxProfile),
	scenarioOf(attack, clusterProfile),
]);

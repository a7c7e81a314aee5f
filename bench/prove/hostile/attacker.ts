// The process of an attack. It prepares, waits for the word, attacks for so long, says what it has done, and ends.
import { type Attack, pause } from "./attack.ts";
import type { AttackerNews, AttackerOrder } from "./attacker-process.ts";
import { attacks } from "./attacks/index.ts";

const LEFT_ALONE_MS = 1000;

const say = (news: AttackerNews): void => void process.send?.(news);
const counts: Record<string, number> = {};
let prepared: unknown;
let ports: readonly number[] = [];
let attack: Attack | undefined;

async function obey(order: AttackerOrder): Promise<void> {
	if (order.type === "prepare") {
		attack = attacks.find(({ name }) => name === order.attack);
		if (attack === undefined) throw new Error(`no such attack: ${order.attack}`);
		ports = order.ports;
		prepared = await attack.prepare?.({ ports });
		say({ type: "prepared" });
		return;
	}
	const count = (what: string, by = 1): void => {
		counts[what] = (counts[what] ?? 0) + by;
	};
	const endAtMs = performance.now() + order.seconds * 1000;
	// What still waits for an answer then is left alone.
	await Promise.race([attack?.run({ ports, endAtMs, count }, prepared), pause(order.seconds * 1000 + LEFT_ALONE_MS)]);
	process.send?.({ type: "done", counts } satisfies AttackerNews, () => process.exit(0));
}

process.on("message", (order: AttackerOrder) => {
	obey(order).catch((error: unknown) => {
		say({ type: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	});
});
// A request whose connection is lost is nobody's trouble here.
process.on("unhandledRejection", () => {});
process.on("disconnect", () => process.exit(1));

// A strike as an attack. It runs in the process of an attack, as making what it writes keeps that process busy for longer than a
// bystander may wait, and in the process that times the bystanders that would count as the gateway's delay.
import { Redis } from "ioredis";
import { type Attack, isOver, pause } from "./attack.ts";
import { ADMIN } from "./field.ts";
import type { Strike, Struck } from "./strike.ts";

const STRIKE_EVERY_MS = 500;
/** For a script that still runs when the attack ends, and for the removal of what was written. */
const RELENT_WITHIN_MS = 4000;

/** @returns the attack that repeats a strike every half second, on the Redis that the target names. */
export function strikeAttack(strike: Strike): Attack<Struck> {
	return {
		name: strike.name,
		title: strike.title,
		endsWithinMs: RELENT_WITHIN_MS,
		async prepare({ redis }) {
			if (redis === undefined) throw new Error("a strike needs a Redis");
			const { port, pathname } = new URL(redis);
			const admin = new Redis({ port: Number(port), db: Number(pathname.slice(1)) });
			admin.on("error", () => {});
			await admin.call("ACL", "SETUSER", ADMIN.username, "on", `>${ADMIN.password}`, "~*", "&*", "+@all");
			await admin.auth(ADMIN.username, ADMIN.password);
			return {
				admin,
				allow: async (...rules) => void (await admin.call("ACL", "SETUSER", "default", ...rules)),
				cutOff: async () => void (await admin.call("CLIENT", "KILL", "USER", "default")),
			};
		},
		async run(run, struck) {
			for (let turn = 0; !isOver(run); turn++) {
				const nextAtMs = performance.now() + STRIKE_EVERY_MS;
				run.count("struck", await strike.strike(struck, turn));
				await pause(Math.max(0, Math.min(nextAtMs, run.endAtMs) - performance.now()));
			}
			await strike.relent?.(struck);
		},
	};
}

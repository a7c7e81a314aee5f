// A script that runs for long: every other client gets -BUSY, including those that connect again.
import type { Strike } from "../strike.ts";

/** Less than the strikes are apart, so that there is a moment between two scripts. */
const SCRIPT = `
local now = redis.call('TIME')
local stop = now[1] * 1000000 + now[2] + ARGV[1] * 1000
repeat now = redis.call('TIME') until now[1] * 1000000 + now[2] >= stop
return 1`;
const SCRIPT_MS = 2000;
const TURNS_PER_SCRIPT = 4;

export const busy: Strike = {
	name: "busy",
	title: "-BUSY by scripts of 2 s",
	async strike({ admin }, turn) {
		if (turn % TURNS_PER_SCRIPT !== 0) return 0;
		await admin.config("SET", "busy-reply-threshold", "20");
		// Without a wait in between: connections end, and the script runs before any client reconnects.
		const kill = admin.call("CLIENT", "KILL", "USER", "default");
		void admin.eval(SCRIPT, 0, SCRIPT_MS).catch(() => {});
		await kill;
		return 1;
	},
	// The last script ends by itself; what is asked now is answered after it.
	relent: async ({ admin }) => void (await admin.ping().catch(() => {})),
};

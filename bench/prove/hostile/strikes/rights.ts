// Rights that the gateway's user loses while it is connected: what it did before is refused when it connects again.
import type { Strike } from "../strike.ts";

function refused(name: string, title: string, taken: readonly string[], given: readonly string[]): Strike {
	return {
		name,
		title,
		async strike(struck, turn) {
			if (turn === 0) await struck.allow(...taken);
			// Every second, so that it is refused again and again.
			if (turn % 2 === 0) await struck.cutOff();
			return 1;
		},
		relent: (struck) => struck.allow(...given),
	};
}

export const subscribeRefused = refused(
	"subscribe-refused",
	"re-SUBSCRIBE refused",
	["-subscribe", "-psubscribe", "-ssubscribe"],
	["+subscribe", "+psubscribe", "+ssubscribe"],
);
export const selectRefused = refused("select-refused", "SELECT refused", ["-select"], ["+select"]);
export const evalRefused = refused("eval-refused", "scripts refused", ["-eval", "-evalsha"], ["+eval", "+evalsha"]);

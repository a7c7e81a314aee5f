// The process of an attack. It prepares, waits for the command, attacks for so long, reports what it has done, and ends.
import { type Attack, pause, type Target } from "./attack.ts";
import type { AttackerCommand, AttackerEvent } from "./attacker-process.ts";
import { attacks, strikes } from "./attacks/index.ts";

const LEFT_ALONE_MS = 1000;

const report = (event: AttackerEvent): void => void process.send?.(event);
const counts: Record<string, number> = {};
let prepared: unknown;
let target: Target = { ports: [] };
let attack: Attack | undefined;

async function execute(command: AttackerCommand): Promise<void> {
	if (command.type === "prepare") {
		attack = [...attacks, ...strikes.box, ...strikes.nodes].find(({ name }) => name === command.attack);
		if (attack === undefined) throw new Error(`no such attack: ${command.attack}`);
		target = command.target;
		prepared = await attack.prepare?.(target);
		report({ type: "prepared" });
		return;
	}
	const count = (what: string, by = 1): void => {
		counts[what] = (counts[what] ?? 0) + by;
	};
	const endAtMs = performance.now() + command.seconds * 1000;
	// Requests that are still in flight then are abandoned.
	const limitMs = command.seconds * 1000 + (attack?.endsWithinMs ?? LEFT_ALONE_MS);
	await Promise.race([attack?.run({ ...target, endAtMs, count }, prepared), pause(limitMs)]);
	process.send?.({ type: "done", counts } satisfies AttackerEvent, () => process.exit(0));
}

process.on("message", (command: AttackerCommand) => {
	execute(command).catch((error: unknown) => {
		report({ type: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	});
});
// Requests whose connection is lost are ignored here.
process.on("unhandledRejection", () => {});
process.on("disconnect", () => process.exit(1));

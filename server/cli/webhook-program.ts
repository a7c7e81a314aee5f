// The command `framegate webhooks` as it is typed.
import type { Command } from "commander";
import { wholeNumber } from "./number-flag.ts";

export function addWebhooks(program: Command): void {
	const webhooks = program
		.command("webhooks")
		.description("events for webhooks and other outputs, beside a running gateway");
	webhooks
		.command("list")
		.description("list the configured outputs and what waits for each")
		.option("--json", "one JSON object a line")
		.action(async (_flags, command: Command) => {
			const { listOutputs } = await import("./webhook-commands.ts");
			await listOutputs(command.optsWithGlobals());
		});
	webhooks
		.command("dead <name>")
		.description("list the dead letters of an output: events that are not tried any more, the latest first")
		.option("--limit <number>", "at most so many", wholeNumber(1, 1_000_000), 100)
		.option("--json", "one JSON object a line")
		.option("--body", "with what is sent; with --json only")
		.action(async (name: string, _flags, command: Command) => {
			const { listDeadLetters } = await import("./webhook-commands.ts");
			await listDeadLetters(command.optsWithGlobals(), name);
		});
	webhooks
		.command("replay <name> [ids...]")
		.description("deliver dead letters again, by their ids")
		.option("--all", "all of the output")
		.action(async (name: string, ids: string[], _flags, command: Command) => {
			const { replayDeadLetters } = await import("./webhook-commands.ts");
			await replayDeadLetters(command.optsWithGlobals(), name, ids);
		});
	webhooks
		.command("discard <name> [ids...]")
		.description("remove dead letters, by their ids")
		.option("--all", "all of the output")
		.action(async (name: string, ids: string[], _flags, command: Command) => {
			const { discardDeadLetters } = await import("./webhook-commands.ts");
			await discardDeadLetters(command.optsWithGlobals(), name, ids);
		});
}

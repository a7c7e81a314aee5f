// What every box promises of commands: the same tests for Redis in both dialects and for the simulator.
import assert from "node:assert/strict";
import { it } from "node:test";
import { DataType } from "../../../../protocol/gen/schema.ts";
import {
	type BoxCommand,
	type BoxCommands,
	type CommandFeedback,
	type CommandTarget,
	SendOutcome,
} from "../../../../services/edge/boxes/box-commands.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";

export interface CommandsFixture {
	readonly commands: BoxCommands;
	/** A switch and a set point, both of one device that executes its commands. */
	readonly control: CommandTarget;
	readonly adjustment: CommandTarget;
	/** Which does not exist: the device fails. */
	readonly unknown: CommandTarget;
	/** Resolves when word of commands is listened for. */
	listening?(): Promise<void>;
	/** What the device did last, by point. */
	valueAt(target: CommandTarget): number | undefined;
	close(): Promise<void>;
}

let count = 0;

export function commandTo(target: CommandTarget, value: number, atMs = Date.now()): BoxCommand {
	return { commandId: `cmd_${process.pid}_${++count}`, target, value, operator: "eva", atMs };
}

export function commandsContract(open: () => Promise<CommandsFixture>): void {
	const withBox = (name: string, test: (fixture: CommandsFixture) => Promise<void>): void => {
		void it(name, { timeout: 30_000 }, async () => {
			const fixture = await open();
			try {
				await test(fixture);
			} finally {
				await fixture.close();
			}
		});
	};

	withBox(
		"carries out 1, then 0, and fractions, with word of each",
		async ({ commands, control, adjustment, valueAt, listening }) => {
			assert.equal(commands.hasFeedback, true);
			const received: CommandFeedback[] = [];
			commands.onFeedback((feedback) => received.push(feedback));
			await listening?.();
			for (const [target, value] of [
				[control, 1],
				[control, 0],
				[adjustment, 75.123456],
				[adjustment, -0.5],
				[adjustment, 0],
			] as const) {
				const command = commandTo(target, value);
				assert.equal(await commands.send(command), SendOutcome.SENT);
				await until(async () => (await commands.feedback(command.commandId))?.stage === "executed");
				const feedback = await commands.feedback(command.commandId);
				assert.equal(feedback?.actualValue, value);
				assert.equal(feedback?.error, "");
				assert.ok((feedback?.atMs ?? 0) > 1e12);
				assert.equal(valueAt(target), value);
				await until(() =>
					received.some(({ commandId, stage }) => commandId === command.commandId && stage === "executed"),
				);
				const stages = received.filter(({ commandId }) => commandId === command.commandId).map(({ stage }) => stage);
				assert.deepEqual([...new Set(stages)], ["executing", "executed"]);
			}
		},
	);

	withBox("reports why a device failed", async ({ commands, unknown }) => {
		const command = commandTo(unknown, 1);
		assert.equal(await commands.send(command), SendOutcome.SENT);
		await until(async () => (await commands.feedback(command.commandId))?.stage === "failed");
		const feedback = await commands.feedback(command.commandId);
		assert.equal(feedback?.actualValue, undefined);
		assert.notEqual(feedback?.error, "");
	});

	withBox("refuses what cannot be written, naming the field", async ({ commands, control }) => {
		for (const [target, value, field] of [
			[{ ...control, type: DataType.TELEMETRY }, 1, "target.data_type"],
			[{ ...control, type: DataType.ACTION }, 1, "target.data_type"],
			[{ ...control, family: "alarmsrv" }, 1, "target.data_type"],
			[control, Number.NaN, "value"],
			[control, Number.POSITIVE_INFINITY, "value"],
		] as const) {
			const rejection = (await rejectionOf(commands.send(commandTo(target, value)))) as {
				violations: { field: string }[];
			};
			assert.deepEqual(
				rejection.violations.map((violation) => violation.field),
				[field],
			);
		}
	});

	withBox("has no feedback of unknown commands", async ({ commands }) => {
		assert.equal(await commands.feedback("cmd_0"), undefined);
		assert.equal(await commands.feedback("*"), undefined);
		assert.equal(await commands.feedback(""), undefined);
	});
}

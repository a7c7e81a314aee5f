// Starts the process of an attack, and ends it: at the lowest priority, so that on a small machine it takes what is left of
// the processors rather than what the bystanders need.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { tiedFork } from "../../../test/support/tied-process.ts";
import type { Target } from "./attack.ts";

export type AttackerCommand =
	| { readonly type: "prepare"; readonly attack: string; readonly target: Target }
	| { readonly type: "attack"; readonly seconds: number };

export type AttackerEvent =
	| { readonly type: "prepared" }
	| { readonly type: "done"; readonly counts: Readonly<Record<string, number>> }
	| { readonly type: "failed"; readonly reason: string };

/** After its time is over; then it is ended. */
const GRACE_MS = 6000;
const PREPARED_WITHIN_MS = 60_000;

export class AttackerProcess {
	private readonly child: ChildProcess;

	private constructor(child: ChildProcess) {
		this.child = child;
	}

	/** @throws Error when it cannot prepare. */
	static async start(attack: string, target: Target): Promise<AttackerProcess> {
		const child = fork(fileURLToPath(new URL("attacker.ts", import.meta.url)), {
			...tiedFork(),
			stdio: ["ignore", "ignore", "inherit", "ipc"],
		});
		if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
		const attacker = new AttackerProcess(child);
		try {
			const event = await attacker.send({ type: "prepare", attack, target }, PREPARED_WITHIN_MS);
			if (event?.type !== "prepared") throw new Error(`the attack cannot be prepared: ${reasonOf(event)}`);
		} catch (error) {
			attacker.end();
			throw error;
		}
		return attacker;
	}

	/** @returns what it has done; empty if it did not come to its end. */
	async attack(seconds: number): Promise<Readonly<Record<string, number>>> {
		const event = await this.send({ type: "attack", seconds }, seconds * 1000 + GRACE_MS);
		this.end();
		if (event?.type === "failed") throw new Error(`the attack failed: ${event.reason}`);
		return event?.type === "done" ? event.counts : {};
	}

	end(): void {
		this.child.kill("SIGKILL");
	}

	private async send(command: AttackerCommand, withinMs: number): Promise<AttackerEvent | undefined> {
		const answer = Promise.race([
			once(this.child, "message").then(([event]) => event as AttackerEvent),
			once(this.child, "exit").then(() => undefined),
			new Promise<undefined>((resolve) => setTimeout(resolve, withinMs, undefined).unref()),
		]);
		this.child.send(command);
		return await answer;
	}
}

function reasonOf(event: AttackerEvent | undefined): string {
	return event?.type === "failed" ? event.reason : "it ended";
}

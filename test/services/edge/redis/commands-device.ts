// A stand-in for a field service: pops commands from a box's lists and carries them out, as strictly as the real ones read
// them. It speaks the protocol of Redis by itself, in Python, and shares no line with the gateway.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tied } from "../../../support/tied-process.ts";

export interface Execution {
	readonly list: string;
	readonly point_id: number;
	readonly value: number;
}

export interface Device {
	readonly executions: readonly Execution[];
	/** Values by `list:point`. */
	readonly values: ReadonlyMap<string, number>;
	stop(): Promise<void>;
}

export interface DeviceOptions {
	readonly port: number;
	readonly dialect: "v1" | "v2";
	readonly channel: number;
	/** Points that exist. */
	readonly points: readonly number[];
}

const SCRIPT = fileURLToPath(new URL("commands-device.py", import.meta.url));

export async function startDevice({ port, dialect, channel, points }: DeviceOptions): Promise<Device> {
	const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
	const args = [SCRIPT, String(port), dialect, String(channel), points.join(",")];
	const child: ChildProcess = spawn(...tied(python, args), { stdio: ["ignore", "pipe", "inherit"] });
	const executions: Execution[] = [];
	const values = new Map<string, number>();
	const exited = once(child, "exit");
	const ready = new Promise<void>((resolve, reject) => {
		child.once("error", reject);
		void exited.then(() => reject(new Error("the device ended")));
		createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on("line", (line) => {
			if (line === "ready") return resolve();
			const execution = JSON.parse(line) as Execution;
			executions.push(execution);
			values.set(`${execution.list}:${execution.point_id}`, execution.value);
		});
	});
	await ready;
	return {
		executions,
		values,
		async stop() {
			if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
			await exited;
		},
	};
}

#!/usr/bin/env node
// The entry point of the `framegate` command, and of every worker that it forks.
import { constants } from "node:os";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runCommandLine } from "./cli/program.ts";
import { runtimeProblem } from "./cli/runtime.ts";

const problem = runtimeProblem(process.versions);
if (problem !== undefined) {
	process.stderr.write(`framegate: ${problem}\n`);
	process.exit(1);
}

// One process is meant for one core, and gateways run beside each other: threads that help with each small collection would
// take their time from the neighbours.
setFlagsFromString("--no-parallel-scavenge");

// Process 1 of a container ignores signals that it does not listen to: without this, a stop that comes while modules are
// still loading would wait for its time to run out, and end in a kill.
if (process.pid === 1) {
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		process.on(signal, () => {
			if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
		});
	}
}

/** Why output was not written. Without a listener an error of these streams ends the process, in the middle of a command. */
const lost: Error[] = [];
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		// The reader of a pipe that has gone has what it wanted.
		if (error.code !== "EPIPE") lost.push(error);
	});
}

/** Resolves when all that was written has been taken, or cannot be: Node.js writes to a pipe in the background. */
function written(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise((resolve) => {
		// The error itself comes after this callback.
		stream.write("", (error) => (error ? setImmediate(resolve) : resolve()));
	});
}

const { exitCode, isServer } = await runCommandLine(process.argv);
await Promise.all([written(process.stdout), written(process.stderr)]);
// Lines that a server could not log are counted, and do not stop it.
const [error] = isServer ? [] : lost;
// What follows in a script would work with a part of it.
if (error !== undefined) process.stderr.write(`framegate: the output was not written: ${error.message}\n`);
process.exit(error === undefined ? exitCode : exitCode || 1);

#!/usr/bin/env node
// The entry point of the `framegate` command, and of every worker that it forks.
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runCommandLine } from "./cli/program.ts";

// One process has one core: threads that help with each small collection only cost it, and its neighbours, more than they
// save. Of what a gateway uses that sends telemetry once a second, they were a fifth.
setFlagsFromString("--no-parallel-scavenge");

process.exit(await runCommandLine(process.argv));

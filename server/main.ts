#!/usr/bin/env node
// The entry point of the `framegate` command, and of every worker that it forks.
import process from "node:process";
import { runCommandLine } from "./cli/program.ts";

process.exit(await runCommandLine(process.argv));

// The backends of docs/backend.md as programs, and what they publish as one user receives it: for tests, and for the whole proof of
// ten thousand messages.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Publication, pushes, ServerMessage } from "../../protocol/gen/schema.ts";
import { codeBlocks, page, section } from "../docs/markdown.ts";
import { findProgram } from "./programs.ts";
import { tied } from "./tied-process.ts";
import type { WireClient } from "./wire-client.ts";

export interface BackendProgram {
	readonly name: string;
	readonly command: readonly [string, ...string[]];
}

/** @returns the code of a heading of the page. */
export function backendCode(heading: string, language: string): string {
	const [code = ""] = codeBlocks(section(page("docs/backend.md"), heading), language);
	return code;
}

/** Those that need no compiler, written into a folder. */
export function scriptedBackends(folder: string): readonly BackendProgram[] {
	const file = (name: string, heading: string, language: string): string => {
		const path = join(folder, name);
		writeFileSync(path, backendCode(heading, language));
		return path;
	};
	findProgram("python3 requests");
	return [
		{ name: "node", command: [process.execPath, file("backend.mjs", "Node.js", "js")] },
		{ name: "python", command: [findProgram("python3"), file("backend.py", "Python", "python")] },
		{ name: "curl", command: ["bash", file("backend.sh", "curl", "bash")] },
	];
}

export interface BackendRun {
	readonly gateways: readonly string[];
	readonly apiKey: string;
	readonly channel: string;
	readonly lines: readonly string[];
}

/** Runs a backend to its end. @returns what it wrote on standard error. @throws Error with that when it failed. */
export async function runBackend({ name, command }: BackendProgram, run: BackendRun): Promise<string> {
	const [program, ...args] = command;
	const child = spawn(...tied(program, args), {
		stdio: ["pipe", "ignore", "pipe"],
		env: {
			PATH: process.env["PATH"] ?? "",
			GATEWAYS: run.gateways.join(" "),
			API_KEY: run.apiKey,
			CHANNEL: run.channel,
			RUN: name,
		},
	});
	let errors = "";
	child.stderr?.on("data", (chunk: Buffer) => {
		errors = (errors + chunk.toString()).slice(-65_536);
	});
	child.stdin?.end(run.lines.map((line) => `${line}\n`).join(""));
	const [code] = (await once(child, "close")) as [number | null];
	if (code !== 0) throw new Error(`${name} ended with ${code}: ${errors}`);
	return errors;
}

const messageTypes = new Map<number, typeof ServerMessage | typeof Publication>([
	[pushes.serverMessage.number, ServerMessage],
	[pushes.publication.number, Publication],
]);

/** The texts that backends publish in the inbox of a client, or in application channels that it has, until there are so many. */
export async function receivedTexts(client: WireClient, count: number, onText: (received: number) => void = () => {}) {
	const texts: string[] = [];
	while (texts.length < count) {
		const push = await client.push();
		const message = messageTypes.get(push.protocol ?? 0);
		if (message === undefined) continue;
		const { data } = message.decode(push.body ?? new Uint8Array());
		texts.push(Buffer.from(data ?? []).toString());
		onText(texts.length);
	}
	return texts;
}

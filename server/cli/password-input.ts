// Passwords come from the keyboard or from standard input, never from the command line, where every process of the
// machine can read them.
import { randomBytes } from "node:crypto";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CommandError, exitCodes } from "./failure.ts";

const MAX_INPUT_BYTES = 4096;
const GENERATED_BYTES = 18;

export interface PasswordFlags {
	readonly passwordStdin?: boolean;
	readonly generatePassword?: boolean;
}

/** The first line of standard input. */
async function readFirstLine(): Promise<string> {
	let text = "";
	for await (const chunk of process.stdin.setEncoding("utf8")) {
		text += chunk;
		if (text.length > MAX_INPUT_BYTES) throw new CommandError("the password on standard input is too long");
	}
	// Some shells put a byte order mark in front of what they pipe.
	const [line = ""] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
	if (line === "") throw new CommandError("there is no password on standard input");
	return line;
}

/** Asks on the terminal without showing what is typed. */
async function ask(question: string): Promise<string> {
	const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
	const terminal = createInterface({ input: process.stdin, output: mute, terminal: true });
	process.stderr.write(question);
	const cancelled = new Promise<never>((_, reject) => {
		terminal.once("SIGINT", () => reject(new CommandError("cancelled", 130)));
	});
	try {
		return await Promise.race([terminal.question(""), cancelled]);
	} finally {
		terminal.close();
		process.stderr.write("\n");
	}
}

/**
 * The password of an account that there is: from standard input, or typed once.
 *
 * @throws CommandError when there is neither.
 */
export async function knownPassword(isOnStdin: boolean): Promise<string> {
	if (isOnStdin) return await readFirstLine();
	if (!process.stdin.isTTY) throw new CommandError("no terminal to ask on: use --password-stdin", exitCodes.usage);
	return await ask("Password: ");
}

/**
 * A new password by the way that the options say.
 *
 * @throws CommandError when there is no way to get one, or the two that were typed differ.
 */
export async function newPassword({ passwordStdin, generatePassword }: PasswordFlags): Promise<string> {
	if (passwordStdin && generatePassword) {
		throw new CommandError("--password-stdin and --generate-password exclude each other", exitCodes.usage);
	}
	if (generatePassword) return randomBytes(GENERATED_BYTES).toString("base64url");
	if (passwordStdin) return await readFirstLine();
	if (!process.stdin.isTTY) {
		throw new CommandError("no terminal to ask on: use --password-stdin or --generate-password", exitCodes.usage);
	}
	const password = await ask("Password: ");
	if ((await ask("Again: ")) !== password) throw new CommandError("the two passwords differ");
	return password;
}

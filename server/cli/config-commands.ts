// Commands that need nothing but the configuration: show it, and make keys for it.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { describeConfig } from "../config/describe.ts";
import { loadConfig } from "../config/load.ts";
import { configurationPage } from "../config/reference.ts";
import { configWarnings } from "../config/rules.ts";
import { CommandError } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";

interface ConfigFlags extends CommonFlags {
	readonly check?: boolean;
	readonly reference?: boolean;
}

/** `framegate config` */
export async function printConfig({ config: file, check, reference }: ConfigFlags): Promise<void> {
	if (reference) {
		process.stdout.write(configurationPage());
		return;
	}
	const config = loadConfig({ file });
	for (const warning of configWarnings(config)) process.stderr.write(`warning: ${warning}\n`);
	process.stdout.write(check ? `configuration is valid, profile ${config.profile}\n` : describeConfig(config));
}

interface KeyFlags {
	readonly algorithm: "HS256" | "EdDSA";
	readonly out?: string;
}

const SECRET_BYTES = 48;

function newKey(algorithm: KeyFlags["algorithm"]): string {
	if (algorithm === "HS256") return `${randomBytes(SECRET_BYTES).toString("base64url")}\n`;
	const { privateKey } = generateKeyPairSync("ed25519");
	return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** `framegate keys generate`. @throws CommandError when the file exists already or cannot be written. */
export function generateKey({ algorithm, out }: KeyFlags): void {
	const key = newKey(algorithm);
	if (out === undefined) {
		process.stdout.write(key);
		return;
	}
	try {
		writeFileSync(out, key, { mode: 0o600, flag: "wx" });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw new CommandError(code === "EEXIST" ? `${out} exists already` : `cannot write ${out} (${code})`);
	}
	const name = algorithm === "HS256" ? "secretFile" : "privateKeyFile";
	process.stdout.write(`wrote ${out}; use it with\n\nauth:\n  algorithm: ${algorithm}\n`);
	process.stdout.write(`  keys:\n    - id: ${new Date().toISOString().slice(0, 10)}\n      ${name}: ${out}\n`);
}

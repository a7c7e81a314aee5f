// API keys of the configuration, with the content of their files.
import type { FixedKey } from "../../services/keys/key-credentials.ts";
import { readSecretFile, secretWeakness } from "./key-files.ts";
import { unseenCharacter, withoutLineEnd } from "./text-file.ts";

/** An entry of the schema. */
type DeclaredKey = Omit<FixedKey, "secret"> & {
	readonly secret?: string | undefined;
	readonly secretFile?: string | undefined;
};

/** 24 random characters of base64url have 144 bits. */
const MIN_SECRET_BYTES = 24;

/** @param report - gets what is wrong, in words for people; such a key is left out. */
export function resolveFixedKeys(
	cwd: string,
	declared: readonly DeclaredKey[],
	report: (message: string) => void,
): FixedKey[] {
	const keys: FixedKey[] = [];
	for (const { secret, secretFile, ...key } of declared) {
		try {
			const text = secretOf(cwd, key.name, secret, secretFile);
			if (keys.some(({ name }) => name === key.name)) throw new Error(`two API keys have the name "${key.name}"`);
			if (keys.some((other) => other.secret === text)) throw new Error(`two API keys have the secret of "${key.name}"`);
			keys.push({ ...key, secret: text });
		} catch (error) {
			report((error as Error).message);
		}
	}
	return keys;
}

/** Why a key of the configuration must not be used in production, or undefined. */
export function fixedKeyWeakness({ name, secret }: FixedKey): string | undefined {
	const weakness = secretWeakness(secret);
	return weakness === undefined ? undefined : `the secret of API key "${name}" ${weakness}`;
}

function secretOf(cwd: string, name: string, secret: string | undefined, file: string | undefined): string {
	if ((secret === undefined) === (file === undefined)) {
		throw new Error(`API key "${name}" needs exactly one of secret, secretFile`);
	}
	const text = withoutLineEnd(secret ?? readSecretFile(cwd, file as string));
	const problem = unseenCharacter(text);
	if (problem !== undefined) throw new Error(`the secret of API key "${name}" ${problem}`);
	if (Buffer.byteLength(text) < MIN_SECRET_BYTES) {
		throw new Error(`the secret of API key "${name}" is shorter than ${MIN_SECRET_BYTES} bytes`);
	}
	return text;
}

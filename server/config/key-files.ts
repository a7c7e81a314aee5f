// Signing keys as they are configured, made into their content: files are read here and nowhere else.
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { ConfigKey } from "./config.ts";
import { readTextFile, unseenCharacter, withoutLineEnd } from "./text-file.ts";

/** A key entry of the schema. */
export interface DeclaredKey {
	readonly id: string;
	readonly secret?: string | undefined;
	readonly secretFile?: string | undefined;
	readonly privateKeyFile?: string | undefined;
	readonly publicKeyFile?: string | undefined;
}

/** @throws Error with a message for people, when the file cannot be read, is no text or is empty. */
export function readSecretFile(cwd: string, path: string): string {
	// Editors and `echo` end files with a line feed that is no part of the secret.
	const content = withoutLineEnd(readTextFile(cwd, path));
	if (content === "") throw new Error(`${path} is empty`);
	return content;
}

/** @throws Error when what is seen of the secret is not all of it. */
function visible(id: string, text: string): string {
	const secret = withoutLineEnd(text);
	const problem = unseenCharacter(secret);
	if (problem !== undefined) throw new Error(`the secret of key "${id}" ${problem}`);
	return secret;
}

function ed25519(path: string, make: () => KeyObject): KeyObject {
	let key: KeyObject;
	try {
		key = make();
	} catch {
		throw new Error(`${path} holds no usable key in PEM`);
	}
	if (key.asymmetricKeyType !== "ed25519") throw new Error(`${path} holds a key that is not Ed25519`);
	return key;
}

/**
 * Reads the files of a key.
 *
 * @throws Error with a message for people, when the entry or its file is of no use.
 */
export function resolveKey(
	cwd: string,
	{ id, secret, secretFile, privateKeyFile, publicKeyFile }: DeclaredKey,
): ConfigKey {
	const given = [secret, secretFile, privateKeyFile, publicKeyFile].filter((source) => source !== undefined);
	if (given.length !== 1) {
		throw new Error(`key "${id}" needs exactly one of secret, secretFile, privateKeyFile, publicKeyFile`);
	}
	if (secret !== undefined) return { id, secret: visible(id, secret) };
	if (secretFile !== undefined) {
		return { id, secret: visible(id, readSecretFile(cwd, secretFile)), file: secretFile };
	}
	const file = (privateKeyFile ?? publicKeyFile) as string;
	const pem = readTextFile(cwd, file);
	const isPrivate = privateKeyFile !== undefined;
	const key = ed25519(file, () => (isPrivate ? createPrivateKey(pem) : createPublicKey(pem)));
	const publicKey = isPrivate ? createPublicKey(key) : key;
	return {
		id,
		...(isPrivate ? { privateKeyPem: key.export({ type: "pkcs8", format: "pem" }).toString() } : {}),
		publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
		file,
	};
}

/** RFC 7518, section 3.2: a key for HS256 is at least as long as the hash. */
const MIN_SECRET_BYTES = 32;
const MIN_DISTINCT_CHARACTERS = 8;
const PLACEHOLDERS = [
	"changeme",
	"changethis",
	"replaceme",
	"yoursecret",
	"yourjwtsecret",
	"secretkey",
	"jwtsecret",
	"supersecret",
	"mysecret",
	"devsecret",
	"defaultsecret",
	"placeholder",
	"password",
	"0123456789",
];

/** Whether a secret is too short for HS256, in any profile. */
export function isShortSecret(secret: string): boolean {
	return Buffer.byteLength(secret) < MIN_SECRET_BYTES;
}

/** Why a secret must not guard production, or undefined. */
export function secretWeakness(secret: string): string | undefined {
	if (isShortSecret(secret)) return `is shorter than ${MIN_SECRET_BYTES} bytes`;
	const plain = secret.toLowerCase().replace(/[^a-z0-9]/g, "");
	if (PLACEHOLDERS.some((word) => plain.includes(word))) return "is a well-known placeholder";
	if (new Set(secret).size < MIN_DISTINCT_CHARACTERS) return "repeats a few characters";
	return undefined;
}

/**
 * The secret of an issuer, from its file if it has one.
 *
 * @throws Error with a message for people, when it is of no use.
 */
export function resolveIssuerSecret(
	cwd: string,
	{ name, secret, secretFile }: { name: string; secret?: string | undefined; secretFile?: string | undefined },
): string | undefined {
	const text = secretFile === undefined ? secret : readSecretFile(cwd, secretFile);
	return text === undefined ? undefined : visible(name, text);
}

// The keys that sign and verify tokens. The first one signs; the others, which a rotation left behind, only verify until
// the last token they signed has run out. Each is imported once and is good for its one algorithm, whatever a token says.
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { type CryptoKey, exportJWK, importJWK, importPKCS8, importSPKI, type JWK } from "jose";

export type TokenAlgorithm = "HS256" | "EdDSA";

/** One key as configured. */
export interface TokenKeyOptions {
	/** The `kid` of tokens; names the key for good. */
	readonly kid: string;
	readonly algorithm: TokenAlgorithm;
	/** HS256: the secret, at least 32 bytes in UTF-8 (RFC 7518, section 3.2). */
	readonly secret?: string;
	/** EdDSA: an Ed25519 private key, PKCS #8 in PEM or a JWK as JSON. Needed for the first key. */
	readonly privateKey?: string;
	/** EdDSA: the public key, SPKI in PEM or a JWK as JSON; for keys that only verify. */
	readonly publicKey?: string;
}

export interface TokenKey {
	readonly kid: string;
	readonly algorithm: TokenAlgorithm;
	/** Undefined for keys that only verify. */
	readonly signKey: CryptoKey | undefined;
	readonly verifyKey: CryptoKey;
	/** The public half; undefined for secrets. */
	readonly publicJwk: JWK | undefined;
}

export interface KeyRing {
	readonly active: TokenKey & { readonly signKey: CryptoKey };
	readonly byKid: ReadonlyMap<string, TokenKey>;
}

const MIN_SECRET_BYTES = 32;

/**
 * Imports keys; the first one is to sign.
 *
 * @throws Error that names the key, never its content.
 */
export async function importKeyRing(keys: readonly TokenKeyOptions[]): Promise<KeyRing> {
	const byKid = new Map<string, TokenKey>();
	for (const options of keys) {
		if (options.kid === "" || byKid.has(options.kid)) throw new Error("every token key needs a kid of its own");
		byKid.set(options.kid, await importKey(options));
	}
	const active = byKid.values().next().value;
	if (active === undefined) throw new Error("at least one token key is needed");
	const { signKey } = active;
	if (signKey === undefined) throw new Error(`token key ${active.kid}: the first key must be able to sign`);
	return { active: { ...active, signKey }, byKid };
}

async function importKey(options: TokenKeyOptions): Promise<TokenKey> {
	const { kid, algorithm } = options;
	try {
		return algorithm === "HS256" ? await importSecret(options) : await importEd25519(options);
	} catch (error) {
		if (error instanceof KeyError) throw error;
		// The cause could quote what it could not read.
		throw new KeyError(kid, `is not a valid ${algorithm} key`);
	}
}

class KeyError extends Error {
	constructor(kid: string, problem: string) {
		super(`token key ${kid}: ${problem}`);
		this.name = "KeyError";
	}
}

async function importSecret({ kid, secret = "" }: TokenKeyOptions): Promise<TokenKey> {
	const bytes = Buffer.from(secret, "utf8");
	if (bytes.length < MIN_SECRET_BYTES) throw new KeyError(kid, `the secret needs at least ${MIN_SECRET_BYTES} bytes`);
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
	return { kid, algorithm: "HS256", signKey: key, verifyKey: key, publicJwk: undefined };
}

async function importEd25519({ kid, privateKey, publicKey }: TokenKeyOptions): Promise<TokenKey> {
	const signKey = privateKey === undefined ? undefined : await importPrivate(privateKey);
	const jwk = signKey ? await publicPart(privateKey as string) : await readPublic(kid, publicKey);
	if (jwk.crv !== "Ed25519") throw new KeyError(kid, "is not an Ed25519 key");
	const publicJwk: JWK = { kty: "OKP", crv: "Ed25519", x: jwk.x as string, kid, alg: "EdDSA", use: "sig" };
	const verifyKey = (await importJWK(publicJwk, "EdDSA")) as CryptoKey;
	return { kid, algorithm: "EdDSA", signKey, verifyKey, publicJwk };
}

async function importPrivate(text: string): Promise<CryptoKey> {
	if (isJson(text)) return (await importJWK(JSON.parse(text), "EdDSA", { extractable: false })) as CryptoKey;
	return await importPKCS8(text.trim(), "EdDSA");
}

async function publicPart(privateKey: string): Promise<JWK> {
	if (isJson(privateKey)) return JSON.parse(privateKey);
	return await exportJWK(await importPKCS8(privateKey.trim(), "EdDSA", { extractable: true }));
}

async function readPublic(kid: string, text: string | undefined): Promise<JWK> {
	if (text === undefined) throw new KeyError(kid, "needs a private or a public key");
	if (isJson(text)) return JSON.parse(text);
	return await exportJWK(await importSPKI(text.trim(), "EdDSA", { extractable: true }));
}

function isJson(text: string): boolean {
	return text.trimStart().startsWith("{");
}

/**
 * The development key of a data directory: made at random when there is none, so that tokens survive a restart without
 * any configuration. Processes that start at once agree on one. Not for production, where keys are configured.
 *
 * @returns one HS256 key.
 * @throws Error when the directory cannot be written or the file is not such a key.
 */
export async function loadOrCreateDevKeys(directory: string): Promise<readonly TokenKeyOptions[]> {
	const file = path.join(directory, "dev-token-key");
	await mkdir(directory, { recursive: true });
	const existing = await readIfThere(file);
	const secret = existing ?? (await createOnce(file, randomBytes(48).toString("base64url")));
	if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) throw new Error(`${file} is damaged: delete it to get a new key`);
	const kid = `dev-${createHash("sha256").update(secret).digest("hex").slice(0, 8)}`;
	return [{ kid, algorithm: "HS256", secret }];
}

/** Writes the file whole or not at all; when another process was first, its content counts. */
async function createOnce(file: string, content: string): Promise<string> {
	const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
	const handle = await open(draft, "wx", 0o600);
	try {
		await handle.writeFile(`${content}\n`);
		await handle.sync();
	} finally {
		await handle.close();
	}
	try {
		await link(draft, file);
		return content;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		return (await readFile(file, "utf8")).trim();
	} finally {
		await rm(draft, { force: true });
	}
}

async function readIfThere(file: string): Promise<string | undefined> {
	try {
		return (await readFile(file, "utf8")).trim();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

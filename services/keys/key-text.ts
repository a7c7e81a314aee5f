// The text of an API key: `fgk_<id>_<secret>`. The id finds the key and is no secret; the secret has 256 random bits, so that one
// SHA-256 of it is all that is stored: there is nothing to guess that a slow hash would protect.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What every key begins with, so that scanners of repositories and logs find one that leaked. */
export const KEY_PREFIX = "fgk_";
const KEY_TEXT = /^fgk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const ID_BYTES = 8;
const SECRET_BYTES = 32;

export interface KeyText {
	readonly id: string;
	readonly secret: string;
}

export function newKeyText(): KeyText {
	return { id: randomBytes(ID_BYTES).toString("hex"), secret: randomBytes(SECRET_BYTES).toString("base64url") };
}

export function formatKey({ id, secret }: KeyText): string {
	return `${KEY_PREFIX}${id}_${secret}`;
}

/** Undefined for what is no key by its form. */
export function parseKey(text: string): KeyText | undefined {
	const [, id, secret] = KEY_TEXT.exec(text) ?? [];
	return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** SHA-256, base64url. */
export function hashSecret(secret: string): string {
	return createHash("sha256").update(secret).digest("base64url");
}

/** In the same time whatever differs. */
export function isSameHash(one: string, other: string): boolean {
	const [a, b] = [Buffer.from(one), Buffer.from(other)];
	return a.length === b.length && timingSafeEqual(a, b);
}

// Codes for setting a new password: short enough to type, too many to try, stored only as hashes.
import { createHash, randomInt, timingSafeEqual } from "node:crypto";

/** Crockford's base 32: no letter that reads like a digit. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 50 bits: out of reach of guessing online, and of searching the hash within the code's lifetime. */
const LENGTH = 10;

/** A random code, grouped for reading: `7KX2M-9QPDR`. */
export function newResetCode(): string {
	const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
	return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
}

/** What is stored of a code; the user is part of it, so that equal codes of two users do not look alike. */
export function hashResetCode(userId: string, code: string): string {
	return createHash("sha256")
		.update(`${userId}:${asMeant(code)}`)
		.digest("base64url");
}

/** Whether a code as typed is the stored one. */
export function isResetCode(storedHash: string, userId: string, code: string): boolean {
	const given = Buffer.from(hashResetCode(userId, code));
	const stored = Buffer.from(storedHash);
	return given.length === stored.length && timingSafeEqual(given, stored);
}

/** People type small letters, leave out the hyphen, and read 0 as O and 1 as I or L. */
function asMeant(code: string): string {
	return code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}

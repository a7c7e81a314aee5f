// User names that nobody has chosen: of guests, and of users whose issuer names them in a way that cannot be used here.
import { randomInt } from "node:crypto";
import { usernameKey } from "./username.ts";

/** No two of them look alike. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
/** 31^10: of a hundred million names two are the same with a chance of 1 in 160. */
const LENGTH = 10;

/** @param prefix - what the user is, as in `guest-k3mzq7w2ab`. */
export function randomUsername(prefix: string): { readonly username: string; readonly usernameKey: string } {
	const letters = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]);
	const username = `${prefix}-${letters.join("")}`;
	return { username, usernameKey: usernameKey(username) };
}

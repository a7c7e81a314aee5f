// What a user name may be, and what makes two of them the same name.

import { problemOfScripts } from "../../common/scripts.ts";
import { problemOfLine } from "../../common/text.ts";
import { fieldError } from "../../protocol/error.ts";

/** As RegisterRequest in auth.proto, for names that come another way: the command line, and after normalisation. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{2,31}$/u;
/** Normalisation may lengthen a name, up to what the database holds. */
const KEY = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{2,63}$/u;
/** Belongs to letters by its category, and is drawn as nothing: fillers of Hangul, joiners, selectors of variants. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;

/**
 * The key of a name: compatibility-normalised (Unicode NFKC) and lower-case, so that no one can pose as someone else
 * by a full-width letter or a capital, and without space around it. May be no valid name itself.
 */
export function usernameKey(username: string): string {
	// Lower-casing can decompose, and composing can give letters that have a lower case.
	return username.normalize("NFKC").toLowerCase().normalize("NFKC").trim();
}

/**
 * The key of a name that is to be given to an account: letters with their marks, in one script or in scripts that are
 * written together (UAX #31; UTS #39, "highly restrictive").
 *
 * @throws GatewayError VALIDATION_FAILED, naming the field and what is wrong.
 */
export function newUsernameKey(username: string): string {
	const key = usernameKey(username);
	const description = problemOf(username.normalize("NFC"), key);
	if (description === undefined) return key;
	throw fieldError("username", description, { message: "the user name is not acceptable" });
}

function problemOf(username: string, key: string): string | undefined {
	for (const name of [username, key]) {
		if (UNSEEN.test(name)) return "holds characters that cannot be seen";
		const problem = problemOfLine(name);
		if (problem !== undefined) return problem;
	}
	if (!USERNAME.test(username) || !KEY.test(key)) {
		return "must be 3 to 32 letters, digits, dots, hyphens or underscores";
	}
	switch (problemOfScripts(key)) {
		case "mixed":
			return "mixes scripts that are not written together";
		case "unusual":
			return "is in a script that user names are not written in";
		default:
			return undefined;
	}
}

// What makes two user names the same name.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

/** As RegisterRequest in auth.proto, for names that come another way: the command line, and after normalisation. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{2,31}$/u;
/** Normalisation may lengthen a name, up to what the database holds. */
const KEY = /^[\p{L}\p{N}][\p{L}\p{N}._-]{2,63}$/u;

/**
 * The key of a name: compatibility-normalised (Unicode NFKC) and lower-case, so that no one can pose as someone else
 * by a full-width letter or a capital, and without space around it. May be no valid name itself.
 */
export function usernameKey(username: string): string {
	// Lower-casing can decompose, and composing can give letters that have a lower case.
	return username.normalize("NFKC").toLowerCase().normalize("NFKC").trim();
}

/**
 * The key of a name that is to be given to an account.
 *
 * @throws GatewayError VALIDATION_FAILED, naming the field.
 */
export function newUsernameKey(username: string): string {
	const key = usernameKey(username);
	if (!USERNAME.test(username) || !KEY.test(key)) {
		throw new GatewayError(ErrorCode.VALIDATION_FAILED, "the user name is not acceptable", {
			violations: [{ field: "username", description: "must be 3 to 32 letters, digits, dots, hyphens or underscores" }],
		});
	}
	return key;
}

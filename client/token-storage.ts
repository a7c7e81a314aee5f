// Where a program keeps the tokens of its session.
import type { TokenPairProperties } from "../protocol/gen/codec/auth.ts";

/**
 * Where tokens live between runs. Both functions may be asynchronous; a failure is reported to `onError`. Programs may share a
 * storage, as the tabs of a browser share its localStorage: they share one session then, and one of them renews its tokens for all.
 */
export interface TokenStorage {
	/** Called before the first connection, and before tokens are renewed or deleted: another program may have stored others. */
	load?(): TokenPairProperties | undefined | Promise<TokenPairProperties | undefined>;
	/** Called with every new pair, and with undefined when the session is over. */
	save?(tokens: TokenPairProperties | undefined): void | Promise<void>;
}

/** Gets a token of an identity provider; undefined while nobody is signed in there. */
export type TokenSource = () => string | undefined | Promise<string | undefined>;

// Subscription tokens: a company's backend signs that one user may subscribe to one channel until a time. JSON Web Tokens
// (RFC 7519) of a type of their own, with keys of their own: an access token is none, and none of them is an access token.
import { errors, importSPKI, type JWTHeaderParameters, type JWTPayload, jwtVerify } from "jose";
import { setLast } from "../../common/bounded-map.ts";
import type { Clock } from "../../common/clock.ts";
import { TOKEN_LEEWAY_MS } from "../../common/identity.ts";
import type { ChannelGrant } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import type { SubscriptionTokenOptions } from "./options.ts";

/** `typ` of the header. */
export const SUBSCRIPTION_TOKEN_TYPE = "subscription+jwt";

/** What a token says. */
export interface SubscriptionGrant extends ChannelGrant {
	/** It permits to publish as well. */
	readonly mayPublish: boolean;
}

interface VerifyKey {
	readonly algorithm: string;
	readonly key: CryptoKey | Uint8Array;
}

/** Verified tokens that are remembered, so that a publisher's is not verified each time; the one used longest ago goes. */
const MAX_REMEMBERED = 10_000;
/** Tokens being verified; beyond it they are refused. */
const MAX_IN_FLIGHT = 1000;

export class SubscriptionTokens {
	private readonly keys: ReadonlyMap<string, VerifyKey>;
	private readonly options: SubscriptionTokenOptions;
	private readonly clock: Clock;
	private readonly verified = new Map<string, SubscriptionGrant>();
	private inFlight = 0;

	private constructor(keys: ReadonlyMap<string, VerifyKey>, options: SubscriptionTokenOptions, clock: Clock) {
		this.keys = keys;
		this.options = options;
		this.clock = clock;
	}

	/** @throws Error that names a key which cannot be used. */
	static async create(options: SubscriptionTokenOptions, clock: Clock): Promise<SubscriptionTokens> {
		const keys = new Map<string, VerifyKey>();
		if (options.secret !== undefined) {
			// Without a `kid`.
			keys.set("", { algorithm: "HS256", key: Buffer.from(options.secret, "utf8") });
		}
		for (const { id, algorithm, publicKey } of options.publicKeys) {
			try {
				keys.set(id, { algorithm, key: await importSPKI(publicKey, algorithm) });
			} catch (error) {
				throw new Error(`applicationChannels.tokens.publicKeys: the key "${id}" is no public key for ${algorithm}`, {
					cause: error,
				});
			}
		}
		return new SubscriptionTokens(keys, options, clock);
	}

	/**
	 * What a token grants to a user in a channel.
	 *
	 * @throws GatewayError VALIDATION_FAILED when it has expired (TOKEN_EXPIRED is of access tokens), PERMISSION_DENIED for whatever is
	 *   no token of this user for this channel.
	 */
	async verify(token: string, userId: string, channel: string): Promise<SubscriptionGrant> {
		const nowMs = this.clock.now();
		const grant = this.verified.get(token) ?? (await this.read(token, nowMs));
		if (grant.expiresAtMs + TOKEN_LEEWAY_MS <= nowMs) throw expired();
		if (grant.userId !== userId || grant.channel !== channel) throw denied("the token is for another user or channel");
		setLast(this.verified, token, grant, MAX_REMEMBERED);
		return grant;
	}

	private async read(token: string, nowMs: number): Promise<SubscriptionGrant> {
		if (this.inFlight >= MAX_IN_FLIGHT) {
			throw new GatewayError(ErrorCode.UNAVAILABLE, "too many tokens at once", { retryAfterMs: 1000 });
		}
		this.inFlight++;
		try {
			const { payload } = await jwtVerify(token, (header) => this.keyFor(header), {
				typ: SUBSCRIPTION_TOKEN_TYPE,
				audience: this.options.audience,
				requiredClaims: ["sub", "channel", "iat", "exp"],
				clockTolerance: TOKEN_LEEWAY_MS / 1000,
				currentDate: new Date(nowMs),
			});
			return this.grantOf(payload, nowMs);
		} catch (error) {
			if (error instanceof errors.JWTExpired) throw expired();
			throw error instanceof GatewayError ? error : denied("the token is not valid", error);
		} finally {
			this.inFlight--;
		}
	}

	/** The key decides the algorithm; a token that claims another one is refused before its signature is looked at. */
	private keyFor({ kid = "", alg }: JWTHeaderParameters): CryptoKey | Uint8Array {
		const found = this.keys.get(kid);
		if (found === undefined || found.algorithm !== alg) throw denied("the token is not valid");
		return found.key;
	}

	private grantOf({ sub, channel, iat = 0, exp = 0, publish }: JWTPayload, nowMs: number): SubscriptionGrant {
		if (typeof sub !== "string" || sub === "" || typeof channel !== "string") throw denied("the token is not valid");
		const [issuedAtMs, expiresAtMs] = [iat * 1000, exp * 1000];
		// It would still count behind a removal of its user that is to come.
		if (issuedAtMs > nowMs + TOKEN_LEEWAY_MS) throw denied("the token is of the future");
		if (expiresAtMs - issuedAtMs > this.options.maxAgeMs) throw denied("the token is valid for too long");
		return { userId: sub, channel, issuedAtMs, expiresAtMs, mayPublish: publish === true };
	}
}

function expired(): GatewayError {
	return fieldError("token", "has expired");
}

function denied(message: string, cause?: unknown): GatewayError {
	return new GatewayError(ErrorCode.PERMISSION_DENIED, message, { cause });
}

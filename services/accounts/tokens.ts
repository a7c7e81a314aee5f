// Access and refresh tokens: signed JWTs (RFC 7519) that name a session. A signature proves that we made the token;
// whether its session still stands is for services/accounts/sessions.ts to ask.
import { randomBytes } from "node:crypto";
import { type CryptoKey, errors, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../common/clock.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { AuthOptions } from "./options.ts";
import { QuickHs256 } from "./quick-hs256.ts";
import { importKeyRing, type KeyRing, type TokenKey, type TokenKeyOptions } from "./token-keys.ts";

export interface TokenOptions extends Pick<AuthOptions, "issuer" | "audience"> {
	/** The first one signs, all verify. */
	readonly keys: readonly TokenKeyOptions[];
	/** How far the clocks of processes may be apart. */
	readonly clockToleranceMs: number;
}

export interface AccessClaims {
	readonly userId: string;
	readonly sessionId: string;
	readonly username: string;
	readonly deviceId: string;
	readonly roles: readonly string[];
	/** Unix milliseconds, a whole second. */
	readonly expiresAtMs: number;
}

export interface RefreshClaims {
	readonly userId: string;
	readonly sessionId: string;
	/** Which refresh token of the session this is. */
	readonly generation: number;
	/** Unix milliseconds, a whole second. */
	readonly expiresAtMs: number;
}

/** `typ` headers: an access token is of RFC 9068's type; neither passes for the other. */
const ACCESS_TYPE = "at+jwt";
const REFRESH_TYPE = "rt+jwt";
/** Random bytes of a token's id: two of 2^48 tokens share one with a chance of 1 in 2. */
const ID_BYTES = 12;

export class Tokens {
	private readonly ring: KeyRing;
	private readonly options: TokenOptions;
	private readonly clock: Clock;
	/** For access tokens, which come by the thousand when a node goes down; one per HS256 key. */
	private readonly quick: readonly QuickHs256[];

	private constructor(ring: KeyRing, options: TokenOptions, clock: Clock) {
		this.ring = ring;
		this.options = options;
		this.clock = clock;
		this.quick = options.keys
			.filter(({ secret }) => secret !== undefined)
			.map(({ kid, secret = "" }) => new QuickHs256(kid, Buffer.from(secret, "utf8"), ACCESS_TYPE, options));
	}

	/** @throws Error that names a key which cannot be used. */
	static async create(options: TokenOptions, clock: Clock): Promise<Tokens> {
		return new Tokens(await importKeyRing(options.keys), options, clock);
	}

	issueAccess(claims: AccessClaims): Promise<string> {
		const { userId, sessionId, username, deviceId, roles, expiresAtMs } = claims;
		const payload = { sid: sessionId, name: username, dev: deviceId, roles: [...roles] };
		return this.sign(ACCESS_TYPE, userId, payload, expiresAtMs);
	}

	issueRefresh(claims: RefreshClaims): Promise<string> {
		const { userId, sessionId, generation, expiresAtMs } = claims;
		return this.sign(REFRESH_TYPE, userId, { sid: sessionId, gen: generation }, expiresAtMs);
	}

	/** @throws GatewayError TOKEN_EXPIRED, or UNAUTHENTICATED for anything that is not an access token of ours. */
	async verifyAccess(token: string): Promise<AccessClaims> {
		const { sub, sid, name, dev, roles, exp } = this.quickly(token) ?? (await this.verify(token, ACCESS_TYPE));
		if (!isText(sub) || !isText(sid) || typeof name !== "string" || typeof dev !== "string") throw invalid();
		if (!Array.isArray(roles) || !roles.every((role) => typeof role === "string")) throw invalid();
		return { userId: sub, sessionId: sid, username: name, deviceId: dev, roles, expiresAtMs: (exp as number) * 1000 };
	}

	/**
	 * An expired refresh token counts as invalid: TOKEN_EXPIRED would make the client refresh.
	 *
	 * @throws GatewayError UNAUTHENTICATED for anything that is not a current refresh token of ours.
	 */
	async verifyRefresh(token: string): Promise<RefreshClaims> {
		const { sub, sid, gen, exp } = await this.verify(token, REFRESH_TYPE).catch((error: GatewayError) => {
			throw error.code === ErrorCode.TOKEN_EXPIRED ? invalid(error) : error;
		});
		if (!isText(sub) || !isText(sid) || !Number.isSafeInteger(gen)) throw invalid();
		return { userId: sub, sessionId: sid, generation: gen as number, expiresAtMs: (exp as number) * 1000 };
	}

	/** The public keys, for others to verify our tokens with (RFC 7517). Secrets are never in it. */
	jwks(): { readonly keys: readonly JWK[] } {
		return { keys: [...this.ring.byKid.values()].map((key) => key.publicJwk).filter((jwk) => jwk !== undefined) };
	}

	private sign(typ: string, subject: string, payload: JWTPayload, expiresAtMs: number): Promise<string> {
		const { active } = this.ring;
		return (
			new SignJWT(payload)
				.setProtectedHeader({ alg: active.algorithm, typ, kid: active.kid })
				.setSubject(subject)
				.setIssuer(this.options.issuer)
				.setAudience(this.options.audience)
				// RFC 7519 section 4.1.7, RFC 9068 section 2.2: times are whole seconds, and two tokens of one second differ by this.
				.setJti(randomBytes(ID_BYTES).toString("base64url"))
				.setIssuedAt(Math.floor(this.clock.now() / 1000))
				.setExpirationTime(Math.floor(expiresAtMs / 1000))
				.sign(active.signKey)
		);
	}

	private quickly(token: string): JWTPayload | undefined {
		const nowMs = this.clock.now();
		for (const quick of this.quick) {
			const payload = quick.verify(token, nowMs);
			if (payload !== undefined) return payload;
		}
		return undefined;
	}

	private async verify(token: string, typ: string): Promise<JWTPayload> {
		try {
			const { payload } = await jwtVerify(token, (header) => this.keyFor(header), {
				typ,
				issuer: this.options.issuer,
				audience: this.options.audience,
				requiredClaims: ["sub", "sid", "exp", "iat"],
				clockTolerance: this.options.clockToleranceMs / 1000,
				currentDate: new Date(this.clock.now()),
			});
			return payload;
		} catch (error) {
			if (error instanceof errors.JWTExpired) {
				throw new GatewayError(ErrorCode.TOKEN_EXPIRED, "the token has expired", { cause: error });
			}
			throw invalid(error);
		}
	}

	/** The key decides the algorithm; a token that claims another one is refused before its signature is looked at. */
	private keyFor(header: { kid?: string; alg?: string }): CryptoKey {
		const key: TokenKey | undefined = header.kid === undefined ? undefined : this.ring.byKid.get(header.kid);
		if (key === undefined || key.algorithm !== header.alg) throw invalid();
		return key.verifyKey;
	}
}

function invalid(cause?: unknown): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, "the token is not valid", { cause });
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

// One issuer from elsewhere: verifies its tokens (RFC 7519, RFC 8725) and says what they mean. jose checks signature and claims; what
// jose leaves to its caller is checked here.
import { createSecretKey, type KeyObject } from "node:crypto";
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Clock } from "../../../common/clock.ts";
import { TOKEN_LEEWAY_MS } from "../../../common/identity.ts";
import type { Logger } from "../../../common/logger.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { claimOf, type IssuerToken, idClaim, profileOf, rolesOf } from "./issuer-claims.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import type { KeySource } from "./key-source.ts";
import type { IssuerOptions } from "./options.ts";

export interface TokenIssuerServices {
	/** Without effect for an issuer with a secret. */
	readonly source: KeySource;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** How tokens were answered, since the start. */
export interface IssuerCounts {
	accepted: number;
	rejected: number;
	expired: number;
	/** The issuer's keys were not there. */
	unavailable: number;
}

/** `typ` of access and ID tokens (RFC 9068, section 2.1); a logout token or another statement of the issuer is no login. */
const TYPES = new Set(["jwt", "at+jwt", "application/jwt", "application/at+jwt"]);

export class TokenIssuer {
	readonly options: IssuerOptions;
	readonly counts: IssuerCounts = { accepted: 0, rejected: 0, expired: 0, unavailable: 0 };
	/** Undefined for an issuer with a secret. */
	readonly keys: IssuerKeys | undefined;
	private readonly secret: KeyObject | undefined;
	private readonly services: TokenIssuerServices;

	constructor(services: TokenIssuerServices, options: IssuerOptions) {
		this.services = services;
		this.options = options;
		const { secret } = options;
		this.secret = secret === undefined ? undefined : createSecretKey(Buffer.from(secret, "utf8"));
		this.keys = secret === undefined ? new IssuerKeys(services, options) : undefined;
	}

	/**
	 * Verifies a token.
	 *
	 * @throws GatewayError TOKEN_EXPIRED; UNAUTHENTICATED for anything that is no token of this issuer for us; UNAVAILABLE when its keys
	 *   cannot be had now, with the time to wait.
	 */
	async verify(token: string): Promise<IssuerToken> {
		const { counts } = this;
		try {
			const read = this.read(await this.verified(token));
			counts.accepted++;
			return read;
		} catch (cause) {
			if (cause instanceof errors.JWTExpired) {
				counts.expired++;
				throw new GatewayError(ErrorCode.TOKEN_EXPIRED, "the token has expired", { cause });
			}
			if (cause instanceof GatewayError && cause.code === ErrorCode.UNAVAILABLE) {
				counts.unavailable++;
				throw cause;
			}
			counts.rejected++;
			this.services.logger.debug({ err: cause, issuer: this.options.name }, "a token of an issuer was refused");
			throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the token is not valid", { cause });
		}
	}

	private async verified(token: string): Promise<JWTPayload> {
		const { issuer, audience, algorithms, clockSkewMs } = this.options;
		const key: JWTVerifyGetKey = (header) => this.secret ?? (this.keys as IssuerKeys).keyFor(header);
		const { payload, protectedHeader } = await jwtVerify(token, key, {
			issuer,
			audience: [...audience],
			algorithms: [...algorithms],
			requiredClaims: ["iat", "exp"],
			clockTolerance: clockSkewMs / 1000,
			currentDate: new Date(this.services.clock.now()),
		});
		const { typ } = protectedHeader;
		if (typ !== undefined && !TYPES.has(typ.toLowerCase())) throw new Error("the token is of another type");
		return payload;
	}

	private read(payload: JWTPayload): IssuerToken {
		const { name, issuer, clockSkewMs, maxTokenLifetimeMs, authorizedParties, claims, roles } = this.options;
		const [issuedAtMs, endsAtMs] = [Number(payload.iat) * 1000, Number(payload.exp) * 1000];
		if (issuedAtMs > this.services.clock.now() + clockSkewMs) throw new Error("the token is of the future");
		// What lives longer than revocations are kept could come back after one.
		if (endsAtMs - issuedAtMs > maxTokenLifetimeMs) throw new Error("the token lives too long");
		// OpenID Connect Core, section 2, and RFC 9068, section 2.2.
		const party = payload["azp"] ?? payload["client_id"];
		if (authorizedParties.length > 0 && !authorizedParties.includes(String(party))) {
			throw new Error("the token was given to another client");
		}
		const subject = idClaim(claimOf(payload, claims.userId));
		if (subject === undefined) throw new Error("the token has no subject");
		return {
			issuer: name,
			iss: issuer,
			subject,
			sessionId: idClaim(payload["sid"]),
			tokenId: idClaim(payload.jti),
			issuedAtMs,
			// Requests get TOKEN_LEEWAY_MS besides, as with tokens of our own.
			expiresAtMs: Math.floor(endsAtMs + Math.max(0, clockSkewMs - TOKEN_LEEWAY_MS)),
			roles: rolesOf(payload, roles),
			profile: profileOf(payload, claims),
		};
	}
}

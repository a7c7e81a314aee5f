// One issuer whose keys the test holds, so that it can sign whatever a real one would not.
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import type { KeySource } from "../../../../services/accounts/issuers/key-source.ts";
import { completeIssuer, type IssuerOptions, issuerSchema } from "../../../../services/accounts/issuers/options.ts";
import { TokenIssuer } from "../../../../services/accounts/issuers/token-issuer.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";

export const ISS = "https://id.example.org";
export const AUDIENCE = "https://game.example";

/** Options as the configuration gives them. */
export function issuerOptions(fields: object = {}): IssuerOptions {
	const declared = issuerSchema.parse({ name: "company", issuer: ISS, audience: [AUDIENCE], ...fields });
	return completeIssuer(declared, declared.secret);
}

export interface SigningKey {
	readonly kid: string;
	readonly algorithm: string;
	readonly privateKey: CryptoKey;
	readonly publicJwk: JWK;
}

export async function signingKey(kid: string, algorithm = "ES256"): Promise<SigningKey> {
	const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
	return { kid, algorithm, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid } };
}

/** Answers with the keys that it has now; counts how often it was asked. */
export class HeldKeys implements KeySource {
	keys: readonly JWK[];
	asked = 0;
	/** What the next answers wait for; they fail when it rejects. */
	gate: Promise<void> = Promise.resolve();

	constructor(...keys: readonly SigningKey[]) {
		this.keys = keys.map(({ publicJwk }) => publicJwk);
	}

	async fetch(signal: AbortSignal): Promise<readonly JWK[]> {
		this.asked++;
		signal.throwIfAborted();
		await Promise.race([
			this.gate,
			new Promise<never>((_resolve, reject) => {
				signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
			}),
		]);
		return this.keys;
	}
}

/** A token as an issuer would sign it; `undefined` leaves a claim out. */
export function signToken(
	key: Pick<SigningKey, "kid" | "algorithm"> & { readonly privateKey: CryptoKey | Uint8Array },
	nowMs: number,
	claims: Readonly<Record<string, unknown>> = {},
	header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
	const iat = Math.floor(nowMs / 1000);
	const payload = { iss: ISS, aud: AUDIENCE, sub: "u1", iat, exp: iat + 300, ...claims };
	const kept = Object.entries(payload).filter(([, value]) => value !== undefined);
	return new SignJWT(Object.fromEntries(kept) as JWTPayload)
		.setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: "at+jwt", ...header })
		.sign(key.privateKey);
}

/** An issuer with one key. */
export async function issuerFixture(fields: object = {}, algorithm = "ES256") {
	const clock = handClock();
	const key = await signingKey("k1", algorithm);
	const source = new HeldKeys(key);
	const issuer = new TokenIssuer({ source, clock, logger: quietLogger() }, issuerOptions(fields));
	const token = (claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>) =>
		signToken(key, clock.now(), claims, header);
	return { clock, key, source, issuer, token };
}

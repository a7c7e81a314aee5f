// One issuer of `auth.issuers`: whose tokens count beside our own, and what they are taken for.
import * as z from "zod";
import type { DeepReadonly } from "../../../common/options.ts";
import { isLoopbackHost } from "../../../common/private-addresses.ts";

const ASYMMETRIC = [
	...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
	...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
] as const;
const SYMMETRIC = ["HS256", "HS384", "HS512"] as const;
/** What providers sign with unless they were asked for something else. */
const DEFAULT_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;
const DAY_MS = 86_400_000;

/** What people can change, or have in common, names nobody: a user found by it could be taken over. */
const UNSTABLE_CLAIMS = new Set([
	"email",
	"name",
	"nickname",
	"preferred_username",
	"upn",
	"phone_number",
	"iss",
	"aud",
]);

const name = z
	.string()
	.regex(/^[A-Za-z0-9._-]{1,64}$/, "expected 1 to 64 letters, digits, dots, dashes or underscores");
const claim = z.string().min(1).max(256);
const role = z.string().min(1).max(64);

const url = z
	.string()
	.max(2048)
	.superRefine((value, context) => {
		const message = problemOfUrl(value);
		if (message !== undefined) context.addIssue({ code: "custom", message });
	});

/** Keys that came over a connection that nobody checked would be anybody's keys. */
function problemOfUrl(value: string): string | undefined {
	if (!URL.canParse(value)) return "expected a URL of the form https://…";
	const { protocol, hostname, username, password } = new URL(value);
	if (username !== "" || password !== "") return "must hold no credentials";
	if (protocol === "https:" || (protocol === "http:" && isLoopbackHost(hostname))) return undefined;
	return "expected a URL of the form https://…; http:// is for loopback only";
}

const milliseconds = (min: number, max: number, value: number) => z.int().min(min).max(max).default(value);

const claimsSchema = z
	.strictObject({
		userId: claim
			.refine((value) => !UNSTABLE_CLAIMS.has(value), "must be a claim that never changes and is nobody else's")
			.default("sub"),
		username: claim.default("preferred_username"),
		nickname: claim.default("name"),
		email: claim.default("email"),
	})
	.prefault({});

const rolesSchema = z
	.strictObject({
		claim: claim.default("roles"),
		map: z.record(z.string().min(1).max(256), role).default({}),
		allowed: z.array(role).max(100).default([]),
		default: z.array(role).max(100).default(["user"]),
	})
	.prefault({});

const shape = z.strictObject({
	name,
	issuer: z.string().min(1).max(2048),
	jwksUrl: url.optional(),
	audience: z.array(z.string().min(1).max(1024)).min(1).max(100),
	authorizedParties: z.array(z.string().min(1).max(1024)).max(1000).default([]),
	algorithms: z
		.array(z.enum([...ASYMMETRIC, ...SYMMETRIC]))
		.min(1)
		.optional(),
	secret: z.string().min(1).max(8192).optional(),
	secretFile: z.string().min(1).max(4096).optional(),
	clockSkewMs: milliseconds(0, 300_000, 5000),
	maxTokenLifetimeMs: milliseconds(60_000, 30 * DAY_MS, DAY_MS),
	createUsers: z.boolean().default(true),
	claims: claimsSchema,
	roles: rolesSchema,
	timeoutMs: milliseconds(100, 30_000, 3000),
	refreshMs: milliseconds(10_000, DAY_MS, 600_000),
	maxStaleMs: milliseconds(0, 30 * DAY_MS, DAY_MS),
});

/** An issuer as it is written in the configuration; `secret` and `algorithms` are filled in when that is loaded. */
export const issuerSchema = shape.superRefine((issuer, context) => {
	const report = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
	const hasSecret = issuer.secret !== undefined || issuer.secretFile !== undefined;
	if (issuer.secret !== undefined && issuer.secretFile !== undefined) {
		report("secretFile", "secret and secretFile exclude each other");
	}
	if (hasSecret && issuer.jwksUrl !== undefined) report("jwksUrl", "an issuer has a secret or keys, not both");
	// A public key that passed for a secret would let anybody sign.
	const wrong = issuer.algorithms?.find((algorithm) => algorithm.startsWith("HS") !== hasSecret);
	if (wrong !== undefined) {
		report("algorithms", hasSecret ? `${wrong} needs keys, not a secret` : `${wrong} needs a secret`);
	}
	if (hasSecret || issuer.jwksUrl !== undefined) return;
	const problem = problemOfUrl(issuer.issuer);
	if (problem !== undefined) report("issuer", `${problem}, or a jwksUrl beside it`);
});

type Declared = z.output<typeof issuerSchema>;

export type IssuerAlgorithm = NonNullable<Declared["algorithms"]>[number];

/** An issuer, complete. */
export type IssuerOptions = DeepReadonly<Omit<Declared, "algorithms" | "secretFile" | "secret">> & {
	readonly algorithms: readonly IssuerAlgorithm[];
	/** HS* only; the others have keys. */
	readonly secret: string | undefined;
};

/** @param secret - the content of `secret` or `secretFile`. */
export function completeIssuer(declared: Declared, secret: string | undefined): IssuerOptions {
	const { algorithms, secretFile: _file, secret: _secret, ...rest } = declared;
	return { ...rest, secret, algorithms: algorithms ?? (secret === undefined ? DEFAULT_ALGORITHMS : ["HS256"]) };
}

export const ISSUERS_DESCRIPTION =
	"Issuers whose tokens count beside our own: `{name, issuer, audience}` and, where needed, `jwksUrl` instead of OIDC discovery, " +
	"`secret` or `secretFile` for HS*, `algorithms` (RS256, PS256, ES256, EdDSA), `authorizedParties` (`azp`), `clockSkewMs` (5000), " +
	"`maxTokenLifetimeMs` (a day), `createUsers` (true), `claims: {userId, username, nickname, email}`, " +
	"`roles: {claim, map, allowed, default}` (none allowed, `user` by default), `timeoutMs` (3000), `refreshMs` (10 min), " +
	"`maxStaleMs` (a day). See docs/identity.md.";

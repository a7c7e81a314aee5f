// A real OpenID provider as a process: discovery, keys and tokens as oidc-provider makes them. Logging in is what it leaves to its
// operator, and here a grant of its own does it, which gives a token for any subject.
import http from "node:http";
import Provider, { type ProviderContext } from "oidc-provider";

/** What the process is started with, as JSON. */
export interface ProviderSettings {
	readonly port: number;
	readonly issuer: string;
	/** Private JWKs; the first one signs. */
	readonly keys: readonly object[];
	readonly algorithm: string;
}

const GRANT = "urn:framegate:test";
const settings = JSON.parse(process.argv[2] as string) as ProviderSettings;

/** As the caller asks for them: audience, life and claims. */
function resourceServer(audience: string, ttl = "300") {
	const jwt = { sign: { alg: settings.algorithm } };
	return { audience, scope: "play", accessTokenFormat: "jwt", accessTokenTTL: Number(ttl), jwt };
}

const provider = new Provider(settings.issuer, {
	jwks: { keys: settings.keys },
	clients: [
		{
			client_id: "app",
			client_secret: "the secret of the app, which is long enough",
			grant_types: [GRANT],
			redirect_uris: [],
			response_types: [],
			token_endpoint_auth_method: "client_secret_post",
		},
	],
	cookies: { keys: ["a key for cookies that nobody gets"] },
	extraTokenClaims: (ctx: ProviderContext) => JSON.parse(ctx.oidc.params["extra"] ?? "{}") as object,
	features: {
		devInteractions: { enabled: false },
		resourceIndicators: {
			enabled: true,
			getResourceServerInfo: (_ctx: ProviderContext, audience: string) => resourceServer(audience),
		},
	},
});

provider.registerGrantType(
	GRANT,
	async (ctx) => {
		const { sub: accountId, aud = "", ttl } = ctx.oidc.params;
		const token = new provider.AccessToken({ accountId, client: ctx.oidc.client, scope: "play", gty: "test" });
		token.resourceServer = new provider.ResourceServer(aud, resourceServer(aud, ttl));
		ctx.body = { access_token: await token.save(), token_type: "Bearer" };
	},
	["sub", "aud", "ttl", "extra"],
);

http.createServer(provider.callback()).listen(settings.port, "127.0.0.1");

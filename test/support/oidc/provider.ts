// Starts a real OpenID provider, and gets tokens of it. It can be stopped, started again with other keys, and made to hang.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { freePort, launch, type RealServer } from "../real-server.ts";
import type { ProviderSettings } from "./provider-main.ts";

const main = fileURLToPath(new URL("provider-main.ts", import.meta.url));

export interface TokenRequest {
	readonly sub: string;
	readonly aud?: string;
	/** Life in seconds. */
	readonly ttl?: number;
	/** Further claims: `sid`, `roles` … */
	readonly extra?: Readonly<Record<string, unknown>>;
}

export const AUDIENCE = "https://game.example";

/** A private key as its issuer holds it. */
export async function providerKey(kid: string, algorithm = "RS256"): Promise<JWK> {
	const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
	return { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: "sig" };
}

export class OidcProvider {
	readonly issuer: string;
	readonly port: number;
	private readonly algorithm: string;
	private server: RealServer | undefined;

	private constructor(port: number, algorithm: string) {
		this.port = port;
		this.issuer = `http://127.0.0.1:${port}`;
		this.algorithm = algorithm;
	}

	/** @param keys - private JWKs; the first one signs. */
	static async start(keys: readonly JWK[], algorithm = "RS256"): Promise<OidcProvider> {
		const provider = new OidcProvider(await freePort(), algorithm);
		await provider.run(keys);
		return provider;
	}

	/** Starts it again at the same address, as after a change of its configuration. */
	async run(keys: readonly JWK[]): Promise<void> {
		const { port, issuer, algorithm } = this;
		const settings: ProviderSettings = { port, issuer, keys, algorithm };
		this.server = await launch({
			name: "oidc-provider",
			command: process.execPath,
			args: ["--disable-warning=ExperimentalWarning", main, JSON.stringify(settings)],
			directory: mkdtempSync(join(tmpdir(), "framegate-oidc-")),
			port,
			url: issuer,
			ready: async () => {
				const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
				if (!answer.ok) throw new Error(`${answer.status}`);
			},
		});
	}

	async stop(): Promise<void> {
		await this.server?.stop();
		this.server = undefined;
	}

	/** It accepts connections from here on, and answers none: the kernel does the one, and the process the other. */
	hang(): void {
		this.server?.process.kill("SIGSTOP");
	}

	goOn(): void {
		this.server?.process.kill("SIGCONT");
	}

	/** @throws Error with the answer when it gives no token. */
	async token({ sub, aud = AUDIENCE, ttl, extra }: TokenRequest): Promise<string> {
		const body = new URLSearchParams({
			grant_type: "urn:framegate:test",
			client_id: "app",
			client_secret: "the secret of the app, which is long enough",
			sub,
			aud,
			...(ttl === undefined ? {} : { ttl: String(ttl) }),
			...(extra === undefined ? {} : { extra: JSON.stringify(extra) }),
		});
		const answer = await fetch(`${this.issuer}/token`, { method: "POST", body });
		const { access_token: token, ...rest } = (await answer.json()) as { access_token?: string };
		if (token === undefined) throw new Error(`no token: ${JSON.stringify(rest)}`);
		return token;
	}
}

// Keys of an issuer over HTTP: by OpenID Connect discovery, or from a JWKS address. The issuer is trusted with its own users and with
// nothing else: its answers are bounded, it redirects us nowhere, and its description leads to no address of our own network.
import http from "node:http";
import https from "node:https";
import type { JWK } from "jose";
import { isLoopbackHost } from "../../../common/private-addresses.ts";
import { isPrivateHost, publicLookup } from "../../../common/public-lookup.ts";
import type { KeySource } from "./key-source.ts";

/** Of one answer; beyond it the answer is refused. Real ones take 1 to 20 kB. */
const MAX_ANSWER_BYTES = 262_144;
const MAX_HEADER_BYTES = 16_384;
const PRIVATE = "the jwks_uri leads to a private network";

export interface HttpKeySourceOptions {
	readonly issuer: string;
	/** Instead of discovery. */
	readonly jwksUrl?: string | undefined;
}

export class HttpKeySource implements KeySource {
	private readonly options: HttpKeySourceOptions;

	constructor(options: HttpKeySourceOptions) {
		this.options = options;
	}

	async fetch(signal: AbortSignal): Promise<readonly JWK[]> {
		const { issuer, jwksUrl } = this.options;
		const answer =
			jwksUrl === undefined
				? await this.discovered(new URL(issuer), signal)
				: await getJson(new URL(jwksUrl), { signal });
		const keys = (answer as { keys?: unknown } | null)?.keys;
		if (!Array.isArray(keys)) throw new Error("the answer is no key set");
		return keys.filter((key): key is JWK => typeof key === "object" && key !== null);
	}

	/** OpenID Connect Discovery 1.0, section 4. */
	private async discovered(issuer: URL, signal: AbortSignal): Promise<unknown> {
		const path = issuer.pathname.endsWith("/") ? issuer.pathname : `${issuer.pathname}/`;
		const document = await getJson(new URL(`${path}.well-known/openid-configuration`, issuer), { signal });
		const { issuer: named, jwks_uri: keys } = (document ?? {}) as Readonly<Record<string, unknown>>;
		// Section 4.3: otherwise one issuer could describe itself as another.
		if (named !== this.options.issuer) throw new Error("the description is of another issuer");
		if (typeof keys !== "string" || !URL.canParse(keys)) throw new Error("the description names no jwks_uri");
		const url = new URL(keys);
		const isOwnHost = url.host === issuer.host;
		if (url.protocol !== "https:" && !(isOwnHost && url.protocol === issuer.protocol && isLoopbackHost(url.hostname))) {
			throw new Error("the jwks_uri is not https");
		}
		return await getJson(url, { signal, isPublicOnly: !isOwnHost });
	}
}

interface GetOptions {
	/** Ends it, wherever it is. */
	readonly signal: AbortSignal;
	/** The host must not be in a private network: somebody else has named it. */
	readonly isPublicOnly?: boolean;
}

/** @throws Error when the answer is not 200, is too large or no JSON. */
function getJson(url: URL, { signal, isPublicOnly = false }: GetOptions): Promise<unknown> {
	if (isPublicOnly && isPrivateHost(url.hostname)) return Promise.reject(new Error(PRIVATE));
	return new Promise((resolve, reject) => {
		const request = (url.protocol === "https:" ? https : http).get(url, {
			signal,
			// A connection of its own: one that is kept would be a broken one by the next time.
			agent: false,
			maxHeaderSize: MAX_HEADER_BYTES,
			headers: { accept: "application/json", "user-agent": "framegate" },
			...(isPublicOnly ? { lookup: publicLookup(PRIVATE) } : {}),
		});
		request.on("error", reject);
		request.on("response", (response) => {
			readBody(response).then(resolve, (error: unknown) => {
				request.destroy();
				reject(error);
			});
		});
	});
}

async function readBody(response: http.IncomingMessage): Promise<unknown> {
	const { statusCode = 0, headers } = response;
	// Redirects are refused like any other answer: where they lead to, nobody has configured.
	if (statusCode !== 200) throw new Error(`the answer is ${statusCode}`);
	if (headers["content-encoding"] !== undefined) throw new Error("the answer is compressed, unasked");
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
		chunks.push(chunk);
	}
	try {
		return JSON.parse(Buffer.concat(chunks).toString("utf8"));
	} catch {
		throw new Error("the answer is no JSON");
	}
}

// A bare client of HTTP calls for tests: one request, its reply, and an account to call with.
import { PASSWORD } from "./wire-client.ts";

export interface HttpAnswer {
	readonly status: number;
	readonly headers: Headers;
	/** The content as JSON, or its text where it is none. */
	// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
	readonly body: any;
}

/** Posts a JSON value. @param token - an access token; "" for none. */
export async function post(
	url: string,
	body: unknown,
	token = "",
	headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
	return answerOf(
		await fetch(url, {
			method: "POST",
			headers: { "content-type": "application/json", ...bearer(token), ...headers },
			body: typeof body === "string" ? body : JSON.stringify(body),
		}),
	);
}

export async function get(
	url: string,
	token = "",
	headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
	return answerOf(await fetch(url, { headers: { ...bearer(token), ...headers } }));
}

export function bearer(token: string): Record<string, string> {
	return token === "" ? {} : { authorization: `Bearer ${token}` };
}

export async function answerOf(response: Response): Promise<HttpAnswer> {
	const text = await response.text();
	const isJson = /json/.test(response.headers.get("content-type") ?? "");
	return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Registers an account unless it exists, and logs in by the Connect protocol. @returns its access token. */
export async function accessTokenOf(httpUrl: string, username: string): Promise<string> {
	const service = `${httpUrl}/framegate.v1.AuthService`;
	await post(`${service}/Register`, { username, password: PASSWORD });
	const { body } = await post(`${service}/Login`, { username, password: PASSWORD });
	return body.tokens.accessToken as string;
}

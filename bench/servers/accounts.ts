// Access tokens for as many clients as a scenario wants: users are registered and log in as clients do.
import { createClient } from "../../client/index.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";

/** Below the gateway's limit of sessions and of connections per user. */
const SESSIONS_PER_USER = 100;
const PASSWORD = "correct horse battery staple";

async function sessionsOfUser(url: string, user: number, count: number): Promise<string[]> {
	const client = createClient({ url, requestTimeoutMs: 60_000 });
	try {
		await client.connect();
		const username = `bench-${user}`;
		await client.auth.register({ username, password: PASSWORD });
		const logins = Array.from({ length: count }, (_, device) =>
			client.auth.login({ username, password: PASSWORD, deviceId: `device-${device}` }),
		);
		return (await Promise.all(logins)).map((reply) => reply.tokens?.accessToken ?? "");
	} finally {
		client.close();
	}
}

/** Access tokens of `count` sessions; `perUser` of them in a row are one user's. */
export async function accessTokens(port: number, count: number, perUser = SESSIONS_PER_USER): Promise<string[]> {
	const url = `ws://127.0.0.1:${port}/ws`;
	const users = Array.from({ length: Math.ceil(count / perUser) }, (_, user) => {
		return sessionsOfUser(url, user, Math.min(perUser, count - user * perUser));
	});
	return (await Promise.all(users)).flat();
}

/** The envelopes by which connections present their tokens. */
export function connectEnvelopes(tokens: readonly string[]): Uint8Array[] {
	const writer = new EnvelopeWriter();
	const { number, request } = authRoutes.connect;
	return tokens.map((accessToken) => new Uint8Array(writer.request(number, 1, request, { accessToken }, "")));
}

/** A heartbeat as a client sends it. */
export function heartbeatEnvelope(): Uint8Array {
	const { number, request } = authRoutes.heartbeat;
	return new Uint8Array(new EnvelopeWriter().request(number, 2, request, { clientTimeMs: Date.now() }, ""));
}

/** How long the gateway's reply to that heartbeat is: what the controls echo has the same length. */
export function heartbeatReplyBytes(): number {
	const { number, reply } = authRoutes.heartbeat;
	const now = Date.now();
	return new EnvelopeWriter().reply(number, 2, reply, { clientTimeMs: now, serverTimeMs: now }, "").length;
}

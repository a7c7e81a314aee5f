// What the replies of all logins have in common: session, tokens, the user's own record and channels.
import type { Clock } from "../common/clock.ts";
import type { Identity } from "../common/identity.ts";
import { eventsChannel, userChannel } from "../common/user-channels.ts";
import type { Call } from "../core/call.ts";
import type { ChannelPositionProperties, SessionInfoProperties, TokenPairProperties } from "../protocol/gen/schema.ts";
import { MAX_SENT_BYTES } from "../protocol/message-bounds.ts";
import type { IssuedTokens } from "../services/accounts/sessions.ts";

export interface AuthSettings {
	readonly nodeId: string;
	/** Reported to clients in SessionInfo. */
	readonly heartbeatIntervalMs: number;
	readonly maxMessageBytes: number;
}

/** What every connection of a user is subscribed to. */
export function ownChannels({ userId }: Identity): readonly [string, string] {
	return [userChannel(userId), eventsChannel(userId)];
}

/** Subscribes without a position, for a login; a client that reconnects presents its position with Connect instead. */
export async function subscribeToOwn(call: Call, identity: Identity): Promise<ChannelPositionProperties[]> {
	const own = call.peer.takesPushes ? ownChannels(identity) : [];
	return await Promise.all(
		own.map(async (channel) => {
			const { offset, epoch } = await call.peer.subscribeChannel(channel);
			return { channel, offset, epoch };
		}),
	);
}

export function sessionInfo(
	identity: Identity,
	{ settings, clock }: { readonly settings: AuthSettings; readonly clock: Clock },
): SessionInfoProperties {
	const { nodeId, heartbeatIntervalMs, maxMessageBytes } = settings;
	return {
		sessionId: identity.sessionId,
		nodeId,
		serverTimeMs: clock.now(),
		heartbeatIntervalMs,
		maxMessageBytes,
		maxSentMessageBytes: MAX_SENT_BYTES,
		permissions: [...identity.permissions],
		expiresAtMs: identity.expiresAtMs,
	};
}

export function tokenPair(tokens: IssuedTokens): TokenPairProperties {
	const { accessToken, accessExpiresAtMs, refreshToken, refreshExpiresAtMs } = tokens;
	return { accessToken, accessExpiresAtMs, refreshToken, refreshExpiresAtMs };
}

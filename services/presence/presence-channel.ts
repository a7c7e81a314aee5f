// The channel on which a user's presence is published.

/** What channel names of this kind begin with. */
export const PRESENCE_PREFIX = "presence:";

/** The recoverable channel of a user's presence. */
export function presenceChannel(userId: string): string {
	return PRESENCE_PREFIX + userId;
}

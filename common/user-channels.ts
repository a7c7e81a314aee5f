// The recoverable channels that every user has.

/**
 * The inbox of a user: a recoverable channel that each connection of the user subscribes to at its login. It has what others
 * write to the user, and the acknowledgements of the user's commands.
 */
export function userChannel(userId: string): string {
	return `user:${userId}`;
}

/**
 * A second channel of a user, subscribed to as the inbox is, for what happens to the user: events of rooms, notifications, read
 * receipts. It has a log of its own, so that a flood of these does not push private messages out of theirs.
 */
export function eventsChannel(userId: string): string {
	return `events:${userId}`;
}

/** Whose inbox a channel is; "" when it is none. */
export function userOfInbox(channel: string): string {
	const prefix = userChannel("");
	return channel.startsWith(prefix) ? channel.slice(prefix.length) : "";
}

// Names of application channels: `namespace:rest`.

/** The channel with the presence events of a channel. */
export const JOINS_PREFIX = "joins:";

/** Longest name, so that the names of channels beside it are not too long either. */
export const MAX_APPLICATION_CHANNEL_LENGTH = 190;

export interface ChannelNameParts {
	readonly namespace: string;
	readonly rest: string;
}

/** Both parts may be empty, or those of a name that no channel has. */
export function splitChannelName(channel: string): ChannelNameParts {
	const colon = channel.indexOf(":");
	return { namespace: channel.slice(0, Math.max(0, colon)), rest: channel.slice(colon + 1) };
}

export function joinsChannel(channel: string): string {
	return JOINS_PREFIX + channel;
}

// What a recoverable channel may be called. Names become parts of keys in stores and reach clients and logs as they are:
// printable ASCII without spaces, quotes, braces (which a Redis Cluster reads as a hash tag) and backslashes.
import { fieldError } from "./error.ts";

/** As in the rules of channel.proto and auth.proto. */
const MAX_CHANNEL_NAME_LENGTH = 200;

const allowed = /^[A-Za-z0-9!#$%&()*+,\-./:;<=>?@[\]^_|~]+$/;

/** @throws GatewayError VALIDATION_FAILED when it cannot be the name of a channel. */
export function checkChannelName(channel: string): void {
	if (channel.length <= MAX_CHANNEL_NAME_LENGTH && allowed.test(channel)) return;
	const description = `must be 1 to ${MAX_CHANNEL_NAME_LENGTH} printable ASCII characters without spaces, quotes and braces`;
	throw fieldError("channel", description, { message: `channel ${description}` });
}

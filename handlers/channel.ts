// Block 5xxx: application channels.

import type { Call, SubscribeOptions } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { fieldError } from "../protocol/error.ts";
import { applicationChannelRoutes, ChannelHistoryEntry, type ChannelHistoryRequest } from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import type { ApplicationChannels } from "../services/channels/application-channels.ts";
import type { ChannelHistoryQuery, KeptPublication } from "../services/channels/channel-history.ts";

/** Of a page, where the client leaves it to the gateway. */
const DEFAULT_LIMIT = 100;
const NO_DATA = new Uint8Array(0);

export interface ChannelServices {
	readonly channels: ApplicationChannels;
}

export const channelModule = defineModule<ChannelServices>("applicationChannel", (implement) => [
	implement(applicationChannelRoutes.subscribeChannel, async (request, call, { channels }) => {
		const { channel = "", offset = 0, epoch = "", token = "", delta = false, presenceEvents = false } = request;
		const terms = await channels.terms(call.identity(), channel, { token, delta, presenceEvents });
		const { grant, deltas, joins } = terms;
		const since = epoch === "" ? undefined : { offset: Number(offset), epoch };
		// Before the channel, so that the client's own coming is among the events.
		const positions = joins === undefined ? [] : [await subscribeJoins(call, joins, grant)];
		const { isRecovered, ...position } = await call.peer.subscribeChannel(channel, since, { grant, deltas });
		const expiresAtMs = grant?.expiresAtMs ?? 0;
		return { channel, ...position, recovered: isRecovered, delta: deltas, expiresAtMs, positions };
	}),

	implement(applicationChannelRoutes.unsubscribeChannel, (request, call, { channels }) => {
		for (const channel of channels.subscriptionsOf(request.channel ?? "")) call.peer.unsubscribeChannel(channel);
		return {};
	}),

	implement(applicationChannelRoutes.publishChannel, async (request, call, { channels }) => {
		const { channel = "", data = NO_DATA, publicationId = "", token = "" } = request;
		return await channels.publishAs(call.identity(), channel, { data, publicationId, token });
	}),

	implement(applicationChannelRoutes.channelHistory, async (request, call, { channels }) => {
		const { channel = "", token = "" } = request;
		await channels.checkMayRead(call.identity(), channel, token);
		const query = historyQueryOf(request);
		const { publications, top, isComplete } = await channels.history(channel, query);
		const page = new ReplyPage(call.peer.encoding, ChannelHistoryEntry, (kept: KeptPublication) => kept);
		// What has no room is what is farthest from where the client reads on.
		const isForward = query.after !== undefined;
		for (const kept of isForward ? publications : publications.toReversed()) if (!page.take(kept)) break;
		const taken = isForward ? page.items : page.items.toReversed();
		return { publications: taken, ...top, complete: isComplete };
	}),

	implement(applicationChannelRoutes.channelPresence, async (request, call, { channels }) => {
		const { channel = "", cursor = "", limit = 0, token = "" } = request;
		await channels.checkMayRead(call.identity(), channel, token);
		const { users, count, nextCursor } = await channels.presence(channel, cursor, limit || DEFAULT_LIMIT);
		return { users: [...users], count, nextCursor };
	}),

	implement(applicationChannelRoutes.listActiveChannels, async (request, call, { channels }) => {
		const { namespace = "", cursor = "", limit = 0 } = request;
		const page = await channels.list(call.identity(), namespace, cursor, limit || DEFAULT_LIMIT);
		const { channels: names, nextCursor } = page;
		return { channels: [...names], nextCursor };
	}),
]);

async function subscribeJoins(call: Call, channel: string, grant: SubscribeOptions["grant"]) {
	const { offset, epoch } = await call.peer.subscribeChannel(channel, undefined, { grant });
	return { channel, offset, epoch };
}

function historyQueryOf(request: ChannelHistoryRequest): ChannelHistoryQuery {
	const { limit = 0, afterOffset = 0, beforeOffset = 0, epoch = "" } = request;
	const at = { limit: limit || DEFAULT_LIMIT };
	if (epoch === "" && (afterOffset || beforeOffset)) {
		throw fieldError("epoch", "is required with an offset: offsets count within an epoch");
	}
	if (epoch === "") return at;
	if (beforeOffset) return { ...at, before: { offset: Number(beforeOffset), epoch } };
	return { ...at, after: { offset: Number(afterOffset), epoch } };
}

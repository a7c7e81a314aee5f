// Application channels on their stores.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { ChannelAuthorizer, Publisher } from "../../messaging/publisher.ts";
import { ApplicationChannels } from "../../services/channels/application-channels.ts";
import { ChannelRights } from "../../services/channels/channel-authorizers.ts";
import { ChannelPresence } from "../../services/channels/channel-presence.ts";
import type { ApplicationChannelFigures } from "../../services/channels/metrics.ts";
import { Namespaces } from "../../services/channels/namespaces.ts";
import type { ApplicationChannelsOptions } from "../../services/channels/options.ts";
import { PublicationDeltas } from "../../services/channels/publication-delta.ts";
import type { SubscriptionTokens } from "../../services/channels/subscription-tokens.ts";
import type { BackendChannels } from "../../services/server/application-channels.ts";
import type { Stores } from "./stores.ts";

export interface ChannelParts {
	readonly stores: Stores;
	/** Of which backends sign that a user may subscribe. */
	readonly subscriptionTokens: SubscriptionTokens;
	readonly publisher: Publisher;
	/** The role of users without an account. */
	readonly guestRole: string;
	/** How long the key of a backend's publication is known, in milliseconds. */
	readonly publishKeptMs: number;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface OpenChannels {
	readonly channels: ApplicationChannels;
	/** What backends do in them. */
	readonly backend: BackendChannels;
	readonly presence: ChannelPresence;
	readonly deltas: PublicationDeltas;
	/** None without namespaces. */
	readonly authorizers: readonly ChannelAuthorizer[];
	readonly figures: ApplicationChannelFigures;
	/** Begins what runs in the background. */
	start(): void;
	/** Finishes the work in flight; before the stores close. */
	close(): Promise<void>;
}

export function openChannels(parts: ChannelParts, options: ApplicationChannelsOptions): OpenChannels {
	const { stores, subscriptionTokens: tokens, publisher, guestRole, clock, logger } = parts;
	const { broker, channelGrants: grants, channelPresence } = stores;
	const namespaces = new Namespaces(options.namespaces, () => clock.monotonic());
	const rights = new ChannelRights({ namespaces, grants, guestRole, now: () => clock.now() });
	const presence = new ChannelPresence(
		{ store: channelPresence, namespaces, publisher, clock, logger },
		options.presence,
	);
	const channels = new ApplicationChannels(
		{ namespaces, rights, tokens, grants, presence, publisher, broker, clock },
		options,
	);
	const deltas = new PublicationDeltas();
	return {
		channels,
		backend: backendChannels(channels, parts.publishKeptMs),
		presence,
		deltas,
		authorizers: rights.authorizers(),
		figures: {
			published: channels.published,
			deltas: deltas.figures,
			get unrecorded() {
				return presence.unrecorded;
			},
		},
		start: () => {
			if (namespaces.size > 0) presence.start();
		},
		close: () => presence.close(),
	};
}

function backendChannels(channels: ApplicationChannels, keptMs: number): BackendChannels {
	return {
		publish: (channel, data, once) =>
			channels.publish(channel, { data, publisherId: "", once: once && { ...once, keptMs } }),
		// 0 is without an end.
		subscribeUser: (userId, channel, forMs) => channels.subscribeUser(userId, channel, forMs || undefined),
		unsubscribeUser: (userId, channel) => channels.unsubscribeUser(userId, channel),
	};
}

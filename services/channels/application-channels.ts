// Application channels: what clients may do in them by the rules of their namespaces, and what backends may do in any.
import type { Clock } from "../../common/clock.ts";
import type { Identity } from "../../common/identity.ts";
import { coversScope } from "../../common/key-scope.ts";
import { KeyedRate } from "../../common/keyed-rate.ts";
import type { Broker, ChannelPosition, Published, PublishKey } from "../../messaging/broker.ts";
import type { ChannelGrant, Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import type { ChannelRights } from "./channel-authorizers.ts";
import { type ChannelHistoryPage, type ChannelHistoryQuery, readHistory } from "./channel-history.ts";
import type { ChannelPresence } from "./channel-presence.ts";
import type { ChannelPresencePage } from "./channel-presence-store.ts";
import type { ChannelGrantStore } from "./grant-store.ts";
import { joinsChannel } from "./names.ts";
import type { Namespace, Namespaces } from "./namespaces.ts";
import type { ApplicationChannelsOptions } from "./options.ts";
import type { SubscriptionTokens } from "./subscription-tokens.ts";

export interface ApplicationChannelParts {
	readonly namespaces: Namespaces;
	readonly rights: ChannelRights;
	readonly tokens: SubscriptionTokens;
	readonly grants: ChannelGrantStore;
	readonly presence: ChannelPresence;
	readonly publisher: Publisher;
	readonly broker: Pick<Broker, "history" | "activeChannels">;
	readonly clock: Clock;
}

/** What is to be published. */
export interface PublicationDraft {
	readonly data: Uint8Array;
	/** The user who publishes; "" for a backend. */
	readonly publisherId: string;
	/**
	 * Makes a repeat harmless: what this publisher published on this channel under this id within five minutes is not published
	 * again. Undefined: each call publishes. `[A-Za-z0-9._~-]{1,64}`.
	 */
	readonly publicationId?: string | undefined;
	/** The same under a key of the caller's making, in place of the id. */
	readonly once?: PublishKey | undefined;
}

/** What a client has asked for beside a channel. */
export interface SubscriptionTerms {
	readonly grant: ChannelGrant | undefined;
	/** Deltas are wanted, and the namespace has them. */
	readonly deltas: boolean;
	/** Channel with presence events, if they are wanted and to be had. */
	readonly joins: string | undefined;
}

export interface ActiveChannelsPage {
	/** By name. */
	readonly channels: readonly string[];
	/** Empty: this was the last page. */
	readonly nextCursor: string;
}

/** How long a repeat of a publication is recognised. */
const ONCE_KEPT_MS = 300_000;
/** What is allowed for as long as nothing says otherwise. */
const FOR_EVER_MS = 366 * 86_400_000;

export class ApplicationChannels {
	/** Publications since the start: by clients, by backends. */
	readonly published = { clients: 0, backends: 0 };
	private readonly parts: ApplicationChannelParts;
	private readonly options: ApplicationChannelsOptions;
	private readonly subscribeRate: KeyedRate;

	constructor(parts: ApplicationChannelParts, options: ApplicationChannelsOptions) {
		this.parts = parts;
		this.options = options;
		this.subscribeRate = new KeyedRate(options.subscribeRate, "subscriptions", () => parts.clock.monotonic());
	}

	/**
	 * What a subscription of a user is to be made with. Whether the user may subscribe is for the authorizer to say.
	 *
	 * @param token - "" when there is none.
	 * @throws GatewayError NOT_FOUND (namespace), RATE_LIMITED, PERMISSION_DENIED or VALIDATION_FAILED (token).
	 */
	async terms(
		{ userId }: Identity,
		channel: string,
		wanted: { readonly token: string; readonly delta: boolean; readonly presenceEvents: boolean },
	): Promise<SubscriptionTerms> {
		const { options } = this.parts.namespaces.of(channel);
		this.subscribeRate.take(userId);
		const hasJoins = wanted.presenceEvents && options.presence && options.presenceEvents;
		return {
			grant: await this.grantOf(userId, channel, wanted.token),
			deltas: wanted.delta && options.delta,
			joins: hasJoins ? joinsChannel(channel) : undefined,
		};
	}

	/**
	 * All that a client subscribes to with a channel.
	 *
	 * @throws GatewayError NOT_FOUND, VALIDATION_FAILED: what is no application channel is not left by this way either.
	 */
	subscriptionsOf(channel: string): readonly string[] {
		this.parts.namespaces.of(channel);
		return [channel, joinsChannel(channel)];
	}

	/**
	 * Publishes for a user.
	 *
	 * @throws GatewayError NOT_FOUND (namespace), PERMISSION_DENIED, VALIDATION_FAILED (token), PAYLOAD_TOO_LARGE, RATE_LIMITED,
	 *   UNAVAILABLE: whether it was published is then unknown, and a repeat under the same id is harmless.
	 */
	async publishAs(
		identity: Identity,
		channel: string,
		{
			data,
			publicationId,
			token,
		}: { readonly data: Uint8Array; readonly publicationId: string; readonly token: string },
	): Promise<ChannelPosition> {
		const namespace = this.parts.namespaces.of(channel);
		await this.checkMayPublish(identity, channel, namespace, token);
		checkSize(data, namespace);
		namespace.userRate.take(identity.userId);
		namespace.channelRate.take(channel);
		const position = await this.send(namespace, channel, { data, publisherId: identity.userId, publicationId });
		this.published.clients++;
		return position;
	}

	/**
	 * Publishes for a backend, which may in any namespace and at any rate.
	 *
	 * @throws GatewayError NOT_FOUND (namespace), PAYLOAD_TOO_LARGE, UNAVAILABLE as `publishAs`.
	 */
	async publish(channel: string, draft: PublicationDraft): Promise<Published> {
		const namespace = this.parts.namespaces.of(channel);
		checkSize(draft.data, namespace);
		const position = await this.send(namespace, channel, draft);
		this.published.backends++;
		return position;
	}

	/** @throws GatewayError PERMISSION_DENIED when a user may not subscribe, and so may not read either. */
	async checkMayRead(identity: Identity, channel: string, token: string): Promise<void> {
		this.parts.namespaces.of(channel);
		const grant = await this.grantOf(identity.userId, channel, token);
		if (await this.parts.rights.canSubscribe(identity, channel, grant)) return;
		throw new GatewayError(ErrorCode.PERMISSION_DENIED, "not allowed to read this channel");
	}

	/** What is kept of a channel. @throws GatewayError NOT_FOUND, PRECONDITION_FAILED (nothing is kept), UNAVAILABLE. */
	async history(channel: string, query: ChannelHistoryQuery): Promise<ChannelHistoryPage> {
		const { name, options } = this.parts.namespaces.of(channel);
		if (options.historySize === 0) throw without(name, "history");
		return await readHistory(this.parts.broker, channel, query);
	}

	/**
	 * Who is subscribed to a channel, on all nodes.
	 *
	 * @param cursor - "" for the first page.
	 * @throws GatewayError NOT_FOUND, PRECONDITION_FAILED (no presence), UNAVAILABLE.
	 */
	async presence(channel: string, cursor: string, limit: number): Promise<ChannelPresencePage> {
		const { name, options } = this.parts.namespaces.of(channel);
		if (!options.presence) throw without(name, "presence");
		return await this.parts.presence.list(channel, cursor, limit);
	}

	/**
	 * Channels of a namespace to which somebody is subscribed, by name; for an API key, those of its own.
	 *
	 * @param after - the name before the page; "" for the first one.
	 * @throws GatewayError NOT_FOUND (namespace), UNAVAILABLE.
	 */
	async list({ key }: Identity, namespace: string, after: string, limit: number): Promise<ActiveChannelsPage> {
		const { name } = this.parts.namespaces.named(namespace);
		const all = new Set(await this.parts.broker.activeChannels(`${name}:`));
		const isSeen = (channel: string) => key === undefined || coversScope(key.channels, channel);
		const rest = [...all].filter((channel) => channel > after && isSeen(channel)).sort();
		const channels = rest.slice(0, limit);
		return { channels, nextCursor: rest.length > limit ? (channels.at(-1) ?? "") : "" };
	}

	/**
	 * Subscribes a user's connections, on all nodes, and lets the user subscribe again after a reconnect.
	 *
	 * @param forMs - how long the user may; until it is removed when undefined.
	 * @throws GatewayError NOT_FOUND, PRECONDITION_FAILED (the namespace has no rule `granted`), UNAVAILABLE.
	 */
	async subscribeUser(userId: string, channel: string, forMs: number = FOR_EVER_MS): Promise<void> {
		const { name, options } = this.parts.namespaces.of(channel);
		if (!options.subscribe.includes("granted")) {
			const message = `the namespace "${name}" has no rule "granted" in its subscribe`;
			throw new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
		}
		const standing = { isGranted: true, sinceMs: this.parts.clock.now() };
		await this.parts.grants.set(userId, channel, standing, forMs);
		await this.parts.publisher.joinUser(userId, channel);
	}

	/**
	 * Ends the subscriptions of a user's connections, on all nodes: each is sent SubscriptionRevoked behind what was published
	 * before. Grants and tokens issued until now count no more; who may subscribe by another rule may come back.
	 *
	 * @throws GatewayError NOT_FOUND, UNAVAILABLE.
	 */
	async unsubscribeUser(userId: string, channel: string): Promise<void> {
		const { options } = this.parts.namespaces.of(channel);
		const { grants, publisher, clock } = this.parts;
		const { subscribe } = options;
		if (subscribe.includes("token") || subscribe.includes("granted")) {
			const standing = { isGranted: false, sinceMs: clock.now() };
			await grants.set(userId, channel, standing, this.options.tokens.maxAgeMs);
		}
		if (options.presenceEvents) await publisher.removeUser(userId, joinsChannel(channel));
		await publisher.removeUser(userId, channel);
	}

	private async grantOf(userId: string, channel: string, token: string): Promise<ChannelGrant | undefined> {
		return token === "" ? undefined : await this.parts.tokens.verify(token, userId, channel);
	}

	private async checkMayPublish(
		identity: Identity,
		channel: string,
		{ options }: Namespace,
		token: string,
	): Promise<void> {
		const { publish: rules } = options;
		if (this.parts.rights.permitsPublisher(identity, channel, rules)) return;
		if (rules.includes("token") && token !== "") {
			const grant = await this.parts.tokens.verify(token, identity.userId, channel);
			// A user who was removed from the channel does not publish either.
			if (grant.mayPublish && (await this.parts.rights.isCurrent(grant))) return;
		}
		if (rules.includes("granted") && (await this.parts.rights.isGranted(identity.userId, channel))) return;
		throw new GatewayError(ErrorCode.PERMISSION_DENIED, "not allowed to publish in this channel");
	}

	private send(namespace: Namespace, channel: string, draft: PublicationDraft): Promise<Published> {
		const { data, publisherId, publicationId } = draft;
		const { publisher, clock } = this.parts;
		const publication = { data, publisherId, publicationId: publicationId ?? "", publishedAtMs: clock.now() };
		// The id is the publisher's own: nobody takes another's.
		const byId = publicationId ? { key: `${publisherId}:${publicationId}`, keptMs: ONCE_KEPT_MS } : undefined;
		const once = draft.once ?? byId;
		const options = once === undefined ? namespace.history : { ...namespace.history, once };
		return publisher.publish(channel, pushes.publication, publication, options);
	}
}

function checkSize({ length }: Uint8Array, { name, options }: Namespace): void {
	const { maxDataBytes } = options;
	if (length <= maxDataBytes) return;
	throw fieldError("data", `must have at most ${maxDataBytes} bytes in the namespace "${name}"`, {
		code: ErrorCode.PAYLOAD_TOO_LARGE,
	});
}

function without(namespace: string, what: string): GatewayError {
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, `the namespace "${namespace}" has no ${what}`);
}

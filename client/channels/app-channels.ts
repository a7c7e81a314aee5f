// Application channels of a client: subscriptions that outlive connections, and requests about channels.
import type { WirePush } from "../../protocol/codec/wire.ts";
import {
	type ChannelHistoryResponse,
	type PresentUser,
	type PublishChannelResponse,
	applicationChannelPushes as pushes,
	applicationChannelRoutes as routes,
	type SubscribeChannelRequestProperties,
	type SubscribeChannelResponse,
} from "../../protocol/gen/codec/application-channel.ts";
import type { Unsubscribe } from "../listeners.ts";
import type { ClientContext } from "../requests/client-context.ts";
import { paged } from "../requests/pages.ts";
import { RequestPacer } from "../requests/request-pacer.ts";
import type { RequestOptions } from "../requests/routes.ts";
import { uniqueId } from "../unique-id.ts";
import { AppChannel, type AppChannelHost, publicationOf } from "./app-channel.ts";
import type { AppPublication, AppSubscribeOptions, AppSubscription } from "./app-subscription.ts";
import type { ChannelPlace, Channels, Recovery } from "./channels.ts";
import type { PushInfo } from "./subscriptions.ts";

/** What the gateway calls the channel with the presence events of a channel. */
const JOINS_PREFIX = "joins:";
const encoder = new TextEncoder();
const NONE = new Uint8Array(0);

export interface PublishOptions extends RequestOptions {
	/** Makes a repeat harmless; made up unless given. Give it to publish again what failed, or what an earlier run published. */
	readonly publicationId?: string;
	/** A subscription token that permits to publish, where the namespace asks for one. */
	readonly token?: string;
}

export interface ChannelHistoryOptions extends RequestOptions {
	/** At most 1000; default 100. A page may have fewer. */
	readonly limit?: number;
	/** Those after this position, oldest first. */
	readonly after?: ChannelPlace;
	/** The last of those before this position. Default: the latest. */
	readonly before?: ChannelPlace;
	readonly token?: string;
}

export interface ChannelHistoryPage {
	/** Oldest first. */
	readonly publications: readonly AppPublication[];
	/** Where the channel stands now. */
	readonly position: ChannelPlace;
	/** false: something that was asked for is not kept any more. */
	readonly complete: boolean;
}

/** What application channels need of their client beside its context. */
export interface AppChannelsHost {
	readonly context: ClientContext;
	readonly channels: Channels;
	/** Listens to one kind of push on one channel. */
	on<Message, Properties>(
		contract: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
		channel: string,
	): Unsubscribe;
	onRecovery(channel: string, listener: (recovery: Recovery) => void): Unsubscribe;
	/** Called when there is no connection any more. */
	onInterrupted(listener: () => void): Unsubscribe;
}

export class AppChannels {
	private readonly host: AppChannelsHost;
	private readonly byName = new Map<string, AppChannel>();
	private readonly pacer = new RequestPacer();
	private readonly channelHost: AppChannelHost;
	private isListening = false;

	constructor(host: AppChannelsHost) {
		this.host = host;
		const { context, channels } = host;
		this.channelHost = {
			subscribe: (request, timeoutMs) => this.request(request, timeoutMs),
			listen: (channel) => this.listen(channel),
			rewind: (channel, place) => channels.rewind(channel, place),
			present: (channel, isPresented, delta) => {
				channels.setPresented(channel, isPresented, delta);
				channels.setPresented(JOINS_PREFIX + channel, isPresented, false);
			},
			forget: (channel) => this.forget(channel),
			onError: context.onError,
		};
	}

	/** @throws GatewayError the server's error, or TIMEOUT. */
	async subscribe(name: string, options: AppSubscribeOptions): Promise<AppSubscription> {
		this.listenOnce();
		const channel = this.byName.get(name) ?? new AppChannel(name, this.channelHost);
		this.byName.set(name, channel);
		// A copy, since one object may be given for several subscriptions.
		const member = { ...options };
		const recovered = await channel.add(member);
		return {
			channel: name,
			get position() {
				return channel.place;
			},
			recovered: options.since === undefined ? undefined : recovered,
			get isClosed() {
				return !channel.has(member);
			},
			close: async () => {
				if (channel.remove(member)) await this.host.context.request(routes.unsubscribeChannel, { channel: name });
			},
		};
	}

	publish(channel: string, data: Uint8Array | string, options: PublishOptions = {}): Promise<PublishChannelResponse> {
		const { publicationId = uniqueId(), token = "", ...rest } = options;
		const bytes = typeof data === "string" ? encoder.encode(data) : data;
		const request = { channel, data: bytes, publicationId, token };
		return this.host.context.request(routes.publishChannel, request, { retry: true, ...rest });
	}

	async history(channel: string, options: ChannelHistoryOptions = {}): Promise<ChannelHistoryPage> {
		const { limit = 0, after, before, token = "", ...rest } = options;
		const epoch = (after ?? before)?.epoch ?? "";
		const request = {
			channel,
			limit,
			epoch,
			afterOffset: after?.offset ?? 0,
			beforeOffset: before?.offset ?? 0,
			token,
		};
		return historyPageOf(channel, await this.host.context.request(routes.channelHistory, request, rest));
	}

	presence(channel: string, options: RequestOptions & { readonly token?: string } = {}): AsyncGenerator<PresentUser> {
		const { token = "", ...rest } = options;
		return paged(
			(cursor) => this.host.context.request(routes.channelPresence, { channel, cursor, token }, rest),
			({ users }) => users as PresentUser[],
		);
	}

	private listenOnce(): void {
		if (this.isListening) return;
		this.isListening = true;
		const { context, onInterrupted } = this.host;
		const each = (act: (channel: AppChannel) => void) => () => {
			for (const channel of [...this.byName.values()]) act(channel);
		};
		context.onReady(each((channel) => channel.onReady()));
		onInterrupted(each((channel) => channel.interrupt()));
		context.on(pushes.subscriptionRevoked, ({ channel, reason }) => {
			this.byName.get(channel ?? "")?.onRevoked(reason ?? 0);
		});
	}

	private listen(channel: AppChannel): Unsubscribe {
		const { name } = channel;
		const joins = JOINS_PREFIX + name;
		const onRecovery = (recovery: Recovery) => channel.onRecovery(recovery);
		const offs = [
			this.host.on(pushes.publication, (publication, info) => channel.onPublication(publication, info), name),
			this.host.on(pushes.presenceEvent, (event) => channel.onPresence(event), joins),
			this.host.onRecovery(name, onRecovery),
			this.host.onRecovery(joins, onRecovery),
		];
		return () => {
			for (const off of offs) off();
		};
	}

	private request(
		request: SubscribeChannelRequestProperties,
		timeoutMs: number | undefined,
	): Promise<SubscribeChannelResponse> {
		const { context } = this.host;
		const options = timeoutMs === undefined ? {} : { timeoutMs };
		const deadline = timeoutMs === undefined ? undefined : { deadlineMs: performance.now() + timeoutMs };
		return this.pacer.run(
			routes.subscribeChannel.name,
			() => context.request(routes.subscribeChannel, request, options),
			deadline,
		);
	}

	private forget(channel: string): void {
		this.byName.delete(channel);
		for (const name of [channel, JOINS_PREFIX + channel]) {
			this.host.channels.setPresented(name, true, false);
			this.host.channels.forget(name);
		}
	}
}

function historyPageOf(channel: string, reply: ChannelHistoryResponse): ChannelHistoryPage {
	const { offset = 0, epoch = "", complete = false } = reply;
	const publications = (reply.publications ?? []).map(({ offset: at = 0, publication }) => {
		const { data, publisherId = "", publishedAtMs = 0, publicationId = "" } = publication ?? {};
		const fields = { publisherId, publishedAtMs, publicationId };
		return publicationOf({ channel, data: data ?? NONE, offset: at, epoch, ...fields });
	});
	return { publications, position: { offset, epoch }, complete };
}

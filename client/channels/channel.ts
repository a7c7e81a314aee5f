// One recoverable channel as a program sees it. The client subscribes to an application channel by `subscribe`, and to another by
// joining the room or conversation that it belongs to; from then on it is subscribed to again after every reconnect.
import type { WirePush } from "../../protocol/codec/wire.ts";
import type { PresentUser, PublishChannelResponse } from "../../protocol/gen/codec/application-channel.ts";
import type { KeyedListeners } from "../keyed-listeners.ts";
import type { Unsubscribe } from "../listeners.ts";
import type { RequestOptions } from "../requests/routes.ts";
import type { AppChannels, ChannelHistoryOptions, ChannelHistoryPage, PublishOptions } from "./app-channels.ts";
import type { AppSubscribeOptions, AppSubscription } from "./app-subscription.ts";
import type { ChannelPlace, Channels, Recovery } from "./channels.ts";
import type { PushInfo, Subscriptions } from "./subscriptions.ts";

/**
 * `idle`: not subscribed. `live`: pushes come as they happen. `interrupted`: there is no connection right now; what is
 * missed meanwhile comes after the reconnect, or is reported as missing.
 */
export type ChannelState = "idle" | "live" | "interrupted";

/** What a channel needs to know of its client. */
export interface ChannelHost {
	readonly state: string;
	readonly channels: Channels;
	readonly subscriptions: Subscriptions;
	readonly channelListeners: KeyedListeners<[Recovery]>;
}

/** A view that holds nothing: make as many of one channel as you like. */
export class Channel {
	readonly name: string;
	private readonly host: ChannelHost;
	private readonly apps: AppChannels;

	constructor(name: string, host: ChannelHost, apps: AppChannels) {
		this.name = name;
		this.host = host;
		this.apps = apps;
	}

	get state(): ChannelState {
		if (this.position === undefined) return "idle";
		return this.host.state === "ready" ? "live" : "interrupted";
	}

	/** The last push that was delivered, or where the channel stood when it was joined; undefined when not subscribed. */
	get position(): ChannelPlace | undefined {
		return this.host.channels.placeOf(this.name);
	}

	/** Listens to one kind of push on this channel: `channel.on(pushes.gameEvent, (event) => …)`. */
	on<Message, Properties>(
		contract: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe {
		return this.host.subscriptions.add(contract, listener, this.name);
	}

	/** Listens to what became of this channel; see `Client.onRecovery`. */
	onRecovery(listener: (recovery: Recovery) => void): Unsubscribe {
		return this.host.channelListeners.add(this.name, listener);
	}

	/**
	 * Subscribes to an application channel, until it is closed or the gateway ends it; after a reconnect what was missed comes first.
	 *
	 * @throws GatewayError the server's error, or TIMEOUT.
	 */
	subscribe(options: AppSubscribeOptions = {}): Promise<AppSubscription> {
		return this.apps.subscribe(this.name, options);
	}

	/**
	 * Publishes on an application channel. Goes out again, under the same id, after a lost connection and after retryable errors,
	 * within the deadline; it is published once.
	 */
	publish(data: Uint8Array | string, options?: PublishOptions): Promise<PublishChannelResponse> {
		return this.apps.publish(this.name, data, options);
	}

	/** What the gateway keeps of an application channel. */
	history(options?: ChannelHistoryOptions): Promise<ChannelHistoryPage> {
		return this.apps.history(this.name, options);
	}

	/** The users who are subscribed to an application channel, fetched as they are asked for. */
	presence(options?: RequestOptions & { readonly token?: string }): AsyncGenerator<PresentUser> {
		return this.apps.presence(this.name, options);
	}
}

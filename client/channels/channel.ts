// One recoverable channel as a program sees it. The client subscribes to it by joining the room or conversation that it
// belongs to; from then on the client subscribes to it again after every reconnect.
import type { WirePush } from "../../protocol/codec/wire.ts";
import type { KeyedListeners } from "../keyed-listeners.ts";
import type { Unsubscribe } from "../listeners.ts";
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

	constructor(name: string, host: ChannelHost) {
		this.name = name;
		this.host = host;
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
}

// Receives what field services publish: one connection for all listeners, opened with the first one. Messages that are
// published while the box is unreachable are lost, and listeners are notified that they may have missed messages.
import type { RedisPubSub } from "../../../stores/redis/pub-sub.ts";
import type { BoxLink } from "./box-link.ts";

export interface BoxListener {
	onMessage(message: string, channel: string): void;
	/** The subscription begins, or begins again. */
	onSubscribed(): void;
}

/** Longer messages are ignored, in UTF-16 units. */
const MAX_MESSAGE_LENGTH = 64 * 1024;
/** A message with more bytes than this is certainly longer, and is not decoded. */
const MAX_MESSAGE_BYTES = 3 * MAX_MESSAGE_LENGTH;

export class BoxChannels {
	private readonly link: BoxLink;
	/** By channel or pattern; fixed once the box is put together. */
	private readonly listeners = new Map<string, BoxListener>();
	private pubSub: RedisPubSub | undefined;

	constructor(link: BoxLink) {
		this.link = link;
	}

	/** @param name - a channel, or with a `*` in it a pattern, and not one that is listened to already. */
	listen(name: string, listener: BoxListener): void {
		this.listeners.set(name, listener);
		this.pubSub ??= this.connect();
		this.pubSub.add([name], !name.includes("*"));
	}

	/** The connection itself ends with its link. */
	close(): void {
		this.listeners.clear();
	}

	private connect(): RedisPubSub {
		const listener = {
			message: (name: string, payload: Buffer, channel: string) => this.deliver(name, payload, channel),
			subscribed: (names: readonly string[]) => {
				for (const name of names) this.listeners.get(name)?.onSubscribed();
			},
		};
		// One channel per command, since the server may refuse some of them.
		return this.link.pubSub(listener, { what: "what field services publish", namesPerCommand: 1 });
	}

	private deliver(name: string, payload: Buffer, channel: string): void {
		if (payload.length > MAX_MESSAGE_BYTES) return;
		const message = payload.toString();
		if (message.length <= MAX_MESSAGE_LENGTH) this.listeners.get(name)?.onMessage(message, channel);
	}
}

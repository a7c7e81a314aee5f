// What the parts of the client that know a protocol block need of the client.
import type { WirePush } from "../../protocol/codec/wire.ts";
import type { Recovery } from "../channels/channels.ts";
import type { PushInfo } from "../channels/subscriptions.ts";
import { KeyedListeners } from "../keyed-listeners.ts";
import type { Unsubscribe } from "../listeners.ts";
import type { Requester } from "./routes.ts";

export interface ClientContext {
	readonly request: Requester;
	on<Message, Properties>(
		contract: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe;
	onRecovery(listener: (recovery: Recovery) => void): Unsubscribe;
	/** Called whenever the client has signed in, the first time and after every reconnect. */
	onReady(listener: () => void): Unsubscribe;
	/** Called when the client is closed, by itself or finally by the gateway: nothing comes until it connects again. */
	onClosed(listener: () => void): Unsubscribe;
	/** The client does not subscribe to the channel again after a reconnect. */
	unsubscribe(channel: string): void;
	readonly onError: (error: unknown) => void;
}

/** What knows one protocol block: `client.use(part)` makes it, once for a client. */
export type ClientPart<Part> = (context: ClientContext) => Part;

/** Distributes events to listeners by key. Listens, and has pushes decoded, only while a key has a listener. */
export class KeyedEmitter<Args extends unknown[]> {
	private readonly listeners: KeyedListeners<Args>;
	private readonly attach: (emit: (key: string, ...args: Args) => void) => Unsubscribe;
	private detach: Unsubscribe | undefined;

	/** @param attach - begins to listen; what it returns ends that. */
	constructor(report: (error: unknown) => void, attach: (emit: (key: string, ...args: Args) => void) => Unsubscribe) {
		this.listeners = new KeyedListeners(report);
		this.attach = attach;
	}

	add(key: string, listener: (...args: Args) => void): Unsubscribe {
		this.detach ??= this.attach((emittedKey, ...args) => this.listeners.emit(emittedKey, ...args));
		const off = this.listeners.add(key, listener);
		return () => {
			off();
			if (this.listeners.size > 0) return;
			this.detach?.();
			this.detach = undefined;
		};
	}
}

/** Names that are remembered; as many as channels. */
const MAX_NAMES = 1000;

/** Which channel belongs to which room or conversation, learnt from the replies to joins. */
export class ChannelNames {
	private readonly byId = new Map<string, string>();
	private readonly byChannel = new Map<string, string>();

	record(id: string | undefined, channel: string | undefined): void {
		if (!id || !channel) return;
		this.forget(id);
		this.byId.set(id, channel);
		this.byChannel.set(channel, id);
		const oldest = this.byId.keys().next();
		if (this.byId.size > MAX_NAMES && !oldest.done) this.forget(oldest.value);
	}

	channelOf(id: string): string | undefined {
		return this.byId.get(id);
	}

	idOf(channel: string): string | undefined {
		return this.byChannel.get(channel);
	}

	forget(id: string): void {
		const channel = this.byId.get(id);
		this.byId.delete(id);
		if (channel !== undefined) this.byChannel.delete(channel);
	}
}

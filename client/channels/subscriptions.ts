// The listeners of every kind of push, on all channels or on one.
import type { AnyWirePush, WirePush } from "../../protocol/codec/wire.ts";
import type { Envelope } from "../../protocol/gen/codec/envelope.ts";
import { KeyedListeners } from "../keyed-listeners.ts";
import { Listeners, type Unsubscribe } from "../listeners.ts";
import { Deduplicator } from "./deduplicator.ts";

/** Where a push stands in its recoverable channel; empty strings and 0 outside of one. */
export interface PushInfo {
	readonly channel: string;
	readonly offset: number;
	readonly epoch: string;
}

type Delivery = [message: unknown, info: PushInfo];

interface Subscription {
	readonly contract: AnyWirePush;
	readonly everywhere: Listeners<Delivery>;
	readonly byChannel: KeyedListeners<Delivery>;
}

const EMPTY = new Uint8Array(0);

export class Subscriptions {
	private readonly byNumber = new Map<number, Subscription>();
	private readonly deduplicator = new Deduplicator();
	private readonly report: (error: unknown) => void;

	constructor(report: (error: unknown) => void) {
		this.report = report;
	}

	/** @param channel - only pushes on this channel; all of them when undefined. */
	add<Message, Properties>(
		contract: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
		channel?: string,
	): Unsubscribe {
		const { everywhere, byChannel } = this.of(contract);
		const onDelivery = listener as (message: unknown, info: PushInfo) => void;
		return channel === undefined ? everywhere.add(onDelivery) : byChannel.add(channel, onDelivery);
	}

	/** Hands a push to its listeners, once. Pushes without a listener are not even decoded. */
	deliver(envelope: Envelope): void {
		const subscription = this.byNumber.get(envelope.protocol);
		if (subscription === undefined) return;
		const { contract, everywhere, byChannel } = subscription;
		const { channel = "", offset = 0, epoch = "" } = envelope;
		if (everywhere.size === 0 && !byChannel.has(channel)) return;
		try {
			const message: unknown = contract.message.decode(envelope.body ?? EMPTY);
			if (this.deduplicator.isDuplicate(contract.number, message, channel)) return;
			const info = { channel, offset, epoch };
			everywhere.emit(message, info);
			byChannel.emit(channel, message, info);
		} catch (error) {
			this.report(error);
		}
	}

	/** Another user listens from now on, who has received nothing yet. */
	forgetReceived(): void {
		this.deduplicator.clear();
	}

	private of(contract: AnyWirePush): Subscription {
		let subscription = this.byNumber.get(contract.number);
		if (subscription === undefined) {
			const everywhere = new Listeners<Delivery>(this.report);
			subscription = { contract, everywhere, byChannel: new KeyedListeners<Delivery>(this.report) };
			this.byNumber.set(contract.number, subscription);
		}
		return subscription;
	}
}

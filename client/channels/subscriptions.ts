// Who listens to which push, everywhere or on one channel.
import type { AnyPushContract, PushContract } from "../../protocol/contract.ts";
import type { Envelope } from "../../protocol/gen/schema.ts";
import { KeyedListeners } from "../keyed-listeners.ts";
import { Listeners, type Unsubscribe } from "../listeners.ts";
import { Repeats } from "./deduplicator.ts";

/** Where a push stands in its recoverable channel; empty strings and 0 outside of one. */
export interface PushInfo {
	readonly channel: string;
	readonly offset: number;
	readonly epoch: string;
}

type Heard = [message: unknown, info: PushInfo];

interface Subscription {
	readonly contract: AnyPushContract;
	readonly everywhere: Listeners<Heard>;
	readonly byChannel: KeyedListeners<Heard>;
}

const EMPTY = new Uint8Array(0);

export class Subscriptions {
	private readonly byNumber = new Map<number, Subscription>();
	private readonly repeats = new Repeats();
	private readonly report: (error: unknown) => void;

	constructor(report: (error: unknown) => void) {
		this.report = report;
	}

	/** @param channel - only pushes on this channel; all of them when undefined. */
	add<Message, Properties>(
		contract: PushContract<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
		channel?: string,
	): Unsubscribe {
		const { everywhere, byChannel } = this.of(contract);
		const heard = listener as (message: unknown, info: PushInfo) => void;
		return channel === undefined ? everywhere.add(heard) : byChannel.add(channel, heard);
	}

	/** Hands a push to its listeners, once. Pushes that nobody listens to are not even decoded. */
	deliver(envelope: Envelope): void {
		const subscription = this.byNumber.get(envelope.protocol);
		if (subscription === undefined) return;
		const { contract, everywhere, byChannel } = subscription;
		const { channel = "", offset = 0, epoch = "" } = envelope;
		if (everywhere.size === 0 && !byChannel.has(channel)) return;
		try {
			const message: unknown = contract.message.decode(envelope.body ?? EMPTY);
			if (this.repeats.isRepeat(contract.number, message, channel)) return;
			const info = { channel, offset, epoch };
			everywhere.emit(message, info);
			byChannel.emit(channel, message, info);
		} catch (error) {
			this.report(error);
		}
	}

	/** Whoever listens from now on is somebody else: nothing was heard yet. */
	forgetReceived(): void {
		this.repeats.clear();
	}

	private of(contract: AnyPushContract): Subscription {
		let subscription = this.byNumber.get(contract.number);
		if (subscription === undefined) {
			const everywhere = new Listeners<Heard>(this.report);
			subscription = { contract, everywhere, byChannel: new KeyedListeners<Heard>(this.report) };
			this.byNumber.set(contract.number, subscription);
		}
		return subscription;
	}
}

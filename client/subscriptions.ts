// Who listens to which push.
import type { AnyPushContract, PushContract } from "../protocol/contract.ts";
import type { Envelope } from "../protocol/gen/schema.ts";
import { Listeners, type Unsubscribe } from "./listeners.ts";

/** Where a push stands in its recoverable channel; empty strings and 0 outside of one. */
export interface PushInfo {
	readonly channel: string;
	readonly offset: number;
	readonly epoch: string;
}

interface Subscription {
	readonly contract: AnyPushContract;
	readonly listeners: Listeners<[message: unknown, info: PushInfo]>;
}

const EMPTY = new Uint8Array(0);

export class Subscriptions {
	private readonly byNumber = new Map<number, Subscription>();
	private readonly report: (error: unknown) => void;

	constructor(report: (error: unknown) => void) {
		this.report = report;
	}

	add<Message, Properties>(
		contract: PushContract<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe {
		let subscription = this.byNumber.get(contract.number);
		if (subscription === undefined) {
			subscription = { contract, listeners: new Listeners(this.report) };
			this.byNumber.set(contract.number, subscription);
		}
		return subscription.listeners.add(listener as (message: unknown, info: PushInfo) => void);
	}

	/** Hands a push to its listeners. Pushes that nobody listens to are not even decoded. */
	deliver(envelope: Envelope): void {
		const subscription = this.byNumber.get(envelope.protocol);
		if (subscription === undefined || subscription.listeners.size === 0) return;
		const { channel = "", offset = 0, epoch = "" } = envelope;
		try {
			const message: unknown = subscription.contract.message.decode(envelope.body ?? EMPTY);
			subscription.listeners.emit(message, { channel, offset, epoch });
		} catch (error) {
			this.report(error);
		}
	}
}

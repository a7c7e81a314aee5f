// The positions of this client in its recoverable channels. Every push is compared with its channel's position: a push
// that came already is dropped, the next one is delivered, and a gap is reported before anything after it is delivered.
import type { ChannelPositionProperties, ChannelRecoveryProperties } from "../../protocol/gen/codec/auth.ts";
import type { Envelope } from "../../protocol/gen/codec/envelope.ts";

/** What became of a channel. */
export interface Recovery {
	readonly channel: string;
	/** true: every missed push has been delivered, in order. false: there is a gap; fetch the state again. */
	readonly recovered: boolean;
	/** The pushes after this position come next. */
	readonly offset: number;
	/** Empty when the client is not subscribed to the channel any more. */
	readonly epoch: string;
}

/** A place in a channel. */
export interface ChannelPlace {
	readonly offset: number;
	/** The incarnation of the channel that the offset belongs to; empty while nothing was ever published. */
	readonly epoch: string;
}

export interface ChannelsListener {
	/** A push, in the order of its channel. */
	onPush(envelope: Envelope): void;
	onRecovery(recovery: Recovery): void;
}

/** Connect takes no more positions than this; a gateway's default limit of channels per connection is the same. */
const MAX_CHANNELS = 1000;
/** Pushes kept while Connect's reply is awaited. */
const MAX_HELD = 1000;

export class Channels {
	private readonly places = new Map<string, ChannelPlace>();
	private readonly listener: ChannelsListener;
	/** Channels whose positions are not presented: something else than a position is needed to subscribe to them. */
	private readonly unpresented = new Set<string>();
	/** Channels on which deltas are wanted. */
	private readonly deltas = new Set<string>();
	/** While Connect is in flight: pushes behind what may turn out to be a gap. */
	private held: Envelope[] | undefined;

	constructor(listener: ChannelsListener) {
		this.listener = listener;
	}

	placeOf(channel: string): ChannelPlace | undefined {
		return this.places.get(channel);
	}

	/** Takes a push from the connection. */
	receive(envelope: Envelope): void {
		const { channel, offset = 0, epoch = "" } = envelope;
		const known = channel ? this.places.get(channel) : undefined;
		if (channel && known) {
			if (epoch === known.epoch && offset <= known.offset) return;
			const isNext = (epoch === known.epoch || known.epoch === "") && offset === known.offset + 1;
			if (!isNext) {
				if (this.held !== undefined && this.held.length < MAX_HELD) {
					this.held.push(envelope);
					return;
				}
				// A gateway fills or reports its own gaps, so this one comes from a channel that was left and entered again.
				this.listener.onRecovery({ channel, recovered: false, offset: offset - 1, epoch });
			}
		}
		if (channel) this.set(channel, { offset, epoch });
		this.listener.onPush(envelope);
	}

	/** What Connect presents, and from now on waits for the reply to. */
	present(): ChannelPositionProperties[] {
		this.held ??= [];
		return this.presented().map((channel) => ({ channel, ...(this.places.get(channel) as ChannelPlace) }));
	}

	/** Of what Connect presents, the channels on which deltas are wanted. */
	presentDeltas(): string[] {
		return this.presented().filter((channel) => this.deltas.has(channel));
	}

	/** @param isPresented - the position of the channel, if there is one, is presented with Connect. */
	setPresented(channel: string, isPresented: boolean, delta: boolean): void {
		if (isPresented) this.unpresented.delete(channel);
		else this.unpresented.add(channel);
		if (delta) this.deltas.add(channel);
		else this.deltas.delete(channel);
	}

	/** What comes after the position is taken, although it may have come before. */
	rewind(channel: string, place: ChannelPlace): void {
		this.set(channel, place);
	}

	private presented(): string[] {
		return [...this.places.keys()].filter((channel) => !this.unpresented.has(channel));
	}

	/** Connect was answered: missed pushes came before. */
	resumed(recoveries: readonly ChannelRecoveryProperties[]): void {
		const held = this.held ?? [];
		this.held = undefined;
		const unanswered = new Set(this.presented());
		for (const { channel, recovered, offset, epoch } of recoveries) {
			if (!channel) continue;
			unanswered.delete(channel);
			this.take({ channel, recovered: recovered ?? false, offset: offset ?? 0, epoch: epoch ?? "" });
		}
		for (const channel of unanswered) this.take({ channel, recovered: false, offset: 0, epoch: "" });
		for (const envelope of held) this.receive(envelope);
	}

	/** Connect will not be answered. What was held comes again with the next one. */
	interrupted(): void {
		this.held = undefined;
	}

	/** The client is subscribed to a channel, as the reply to a join says. */
	subscribed(channel: string, place: ChannelPlace): void {
		const known = this.places.get(channel);
		// Live pushes may have overtaken the reply.
		if (known?.epoch === place.epoch && known.offset >= place.offset) return;
		this.set(channel, place);
	}

	/** The gateway reports a gap that it could not fill, or that it has subscribed this connection to a channel. */
	reset(channel: string, place: ChannelPlace): void {
		const known = this.places.get(channel);
		// A room that was just entered may be reported twice, by the reply and by this: nothing is missing.
		if (known?.epoch === place.epoch && place.offset <= known.offset) return;
		this.set(channel, place);
		this.listener.onRecovery({ channel, recovered: false, ...place });
	}

	forget(channel: string): void {
		this.places.delete(channel);
	}

	clear(): void {
		this.places.clear();
		this.held = undefined;
	}

	private take(recovery: Recovery): void {
		const { channel, recovered, offset, epoch } = recovery;
		const known = this.places.get(channel);
		if (!recovered) {
			// Refused twice, the second time without a position to reject: the user may not subscribe to it any more.
			if (epoch === "" && known?.epoch === "") this.forget(channel);
			else this.set(channel, { offset, epoch });
			this.listener.onRecovery(recovery);
			return;
		}
		const isBehind = known !== undefined && (known.epoch !== epoch || known.offset < offset) && offset > 0;
		if (known === undefined || known.epoch === "" || isBehind) this.set(channel, { offset, epoch });
		// Pushes that the gateway counts as delivered have not arrived: that is a gap, whatever the gateway reports.
		this.listener.onRecovery(isBehind ? { ...recovery, recovered: false } : recovery);
	}

	private set(channel: string, place: ChannelPlace): void {
		// Deleted first, so that the map's order is that of last use.
		this.places.delete(channel);
		this.places.set(channel, place);
		if (this.places.size <= MAX_CHANNELS) return;
		const oldest = this.places.keys().next();
		if (oldest.done) return;
		this.places.delete(oldest.value);
		this.listener.onRecovery({ channel: oldest.value, recovered: false, offset: 0, epoch: "" });
	}
}

/** The channels that a reply subscribes the client to; see the replies to joins, Login and ListConversations. */
export function* subscribedBy(reply: unknown): Generator<[channel: string, place: ChannelPlace]> {
	const { positions = [], conversations = [] } = reply as Subscribable;
	for (const part of [reply as Subscribable, ...positions, ...conversations]) {
		const { channel, offset = 0, epoch } = part;
		// Other messages may have a field named channel that is something else.
		if (channel && epoch !== undefined) yield [channel, { offset, epoch }];
	}
}

interface Subscribable extends ChannelPositionProperties {
	readonly positions?: readonly ChannelPositionProperties[];
	readonly conversations?: readonly ChannelPositionProperties[];
}

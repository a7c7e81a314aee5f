// Where this client stands in its recoverable channels. Every push is held against that: what came already is dropped,
// what follows is delivered, and a hole is told before anything after it is delivered.
import type { ChannelPositionProperties, ChannelRecoveryProperties, Envelope } from "../../protocol/gen/schema.ts";

/** What became of a channel. */
export interface Recovery {
	readonly channel: string;
	/** true: every missed push has been delivered, in order. false: there is a hole; fetch the state anew. */
	readonly recovered: boolean;
	/** Pushes after this position follow. */
	readonly offset: number;
	/** Empty when the channel is not followed any more. */
	readonly epoch: string;
}

/** A place in a channel. */
export interface ChannelPlace {
	readonly offset: number;
	/** Which life of the channel the offset belongs to; empty while nothing was ever published. */
	readonly epoch: string;
}

export interface ChannelsListener {
	/** A push in its turn. */
	onPush(envelope: Envelope): void;
	onRecovery(recovery: Recovery): void;
}

/** Connect takes no more positions than this, and a gateway lets a connection follow no more unless told otherwise. */
const MAX_CHANNELS = 1000;
/** Pushes kept while Connect's reply is awaited. */
const MAX_HELD = 1000;

export class Channels {
	private readonly places = new Map<string, ChannelPlace>();
	private readonly listener: ChannelsListener;
	/** While Connect is under way: pushes behind what may turn out to be a hole. */
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
			const follows = (epoch === known.epoch || known.epoch === "") && offset === known.offset + 1;
			if (!follows) {
				if (this.held !== undefined && this.held.length < MAX_HELD) {
					this.held.push(envelope);
					return;
				}
				// A gateway fills its holes itself or tells of them, so that this one is a channel left and entered again.
				this.listener.onRecovery({ channel, recovered: false, offset: offset - 1, epoch });
			}
		}
		if (channel) this.set(channel, { offset, epoch });
		this.listener.onPush(envelope);
	}

	/** What Connect presents, and from now on waits for the reply to. */
	present(): ChannelPositionProperties[] {
		this.held ??= [];
		return [...this.places].map(([channel, place]) => ({ channel, ...place }));
	}

	/** Connect was answered: missed pushes came before. */
	resumed(recoveries: readonly ChannelRecoveryProperties[]): void {
		const held = this.held ?? [];
		this.held = undefined;
		const unanswered = new Set(this.places.keys());
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

	/** Begins to follow a channel, as the reply to a join says. */
	follow(channel: string, place: ChannelPlace): void {
		const known = this.places.get(channel);
		// Live pushes may have overtaken the reply.
		if (known?.epoch === place.epoch && known.offset >= place.offset) return;
		this.set(channel, place);
	}

	/** The gateway tells of a hole that it could not fill, or that this connection was let into a channel. */
	reset(channel: string, place: ChannelPlace): void {
		const known = this.places.get(channel);
		// A room that was just entered may be told twice, by the reply and by this: nothing is missing.
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
			// Refused twice, the second time without a position to find fault with: it is not ours to follow any more.
			if (epoch === "" && known?.epoch === "") this.forget(channel);
			else this.set(channel, { offset, epoch });
			this.listener.onRecovery(recovery);
			return;
		}
		const isBehind = known !== undefined && (known.epoch !== epoch || known.offset < offset) && offset > 0;
		if (known === undefined || known.epoch === "" || isBehind) this.set(channel, { offset, epoch });
		// What was said to be here has not arrived, which is a hole whatever the gateway thinks.
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

/** The channels that a reply says are followed from here on; see the replies to joins, Login and ListConversations. */
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

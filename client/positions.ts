// Where this client stands in its recoverable channels: noted from every push, presented when it reconnects.
import type { ChannelPositionProperties, ChannelRecovery, Envelope } from "../protocol/gen/schema.ts";

/** Connect takes no more positions than this; the channels not heard of for longest go first. */
const MAX_CHANNELS = 1000;

export class Positions {
	private readonly byChannel = new Map<string, ChannelPositionProperties>();

	note(envelope: Envelope): void {
		const { channel, offset, epoch } = envelope;
		if (!channel) return;
		this.set(channel, offset ?? 0, epoch ?? "");
	}

	/** Takes over where the server says a channel stands, so that the next resumption starts there. */
	recovered(recovery: ChannelRecovery): void {
		// A recovered channel's missed pushes are still to come and count for themselves.
		if (!recovery.recovered && recovery.channel) this.set(recovery.channel, recovery.offset ?? 0, recovery.epoch ?? "");
	}

	list(): ChannelPositionProperties[] {
		return [...this.byChannel.values()];
	}

	clear(): void {
		this.byChannel.clear();
	}

	private set(channel: string, offset: number, epoch: string): void {
		// Deleted first, so that the map's order is that of last use.
		this.byChannel.delete(channel);
		this.byChannel.set(channel, { channel, offset, epoch });
		if (this.byChannel.size <= MAX_CHANNELS) return;
		const oldest = this.byChannel.keys().next();
		if (!oldest.done) this.byChannel.delete(oldest.value);
	}
}

// The messages that one client received of its room, kept as the protocol prescribes: every push is compared with the
// position before it, gaps are those that the gateway reported, and duplicates are dropped by their sequence. What the
// gateway should have reported and did not is counted, not repaired.
import { ChannelReset, type Envelope, MessagePosted, pushes } from "../../protocol/gen/schema.ts";
import type { LoggedMessage } from "./ledger.ts";

export interface Position {
	readonly offset: number;
	readonly epoch: string;
}

const EMPTY = new Uint8Array();

export class ClientLog {
	/** What the client would have delivered to an application, in that order. */
	readonly messages: LoggedMessage[] = [];
	/** Gaps that the gateway reported: `recovered` false, or a reset. */
	gaps = 0;
	/** Of those, reported in the reply to Connect. */
	failedRecoveries = 0;
	/** Connects whose reply said that nothing is missing. */
	recoveries = 0;
	/** Pushes received again under an offset that was received before. */
	duplicates = 0;
	/** Offsets or epochs that jumped without a report. */
	unreportedGaps = 0;
	/** Messages published again under an offset of their own, dropped by their sequence. */
	repeats = 0;
	/** Messages that came by the history first, after a gap, and by the channel as well. */
	overlaps = 0;
	/** Messages that came by the history. */
	fetched = 0;
	/** Messages missed and brought by a recovery. */
	recovered = 0;
	/** There is a gap whose messages have not been fetched. */
	isBehind = false;
	channel = "";
	position: Position | undefined;
	/** Between a Connect and its reply. */
	private isConnecting = false;
	/** While connecting: a reset was received, which is newer than the reply to come. */
	private isReset = false;
	/** While connecting: pushes behind what must turn out to be a gap. */
	private early: Envelope[] = [];
	/** How far the history was fetched, which may be ahead of the channel. */
	private fetchedTo = 0;
	/** While behind: the messages after the gap. */
	private later: LoggedMessage[] = [];
	private readonly onDelivered: (id: string) => void;

	/** @param onDelivered - called with the id of every message that is delivered to the application. */
	constructor(onDelivered: (id: string) => void = () => {}) {
		this.onDelivered = onDelivered;
	}

	/** The sequence of the last message that was delivered. */
	get last(): number {
		return this.messages.at(-1)?.sequence ?? 0;
	}

	/** The reply to the request by which the client entered the room. */
	entered(channel: string, position: Position): void {
		this.channel = channel;
		this.position = position;
		const early = this.early;
		this.early = [];
		for (const envelope of early) if (!this.isKnown(envelope)) this.receive(envelope);
	}

	/** Connect is sent with the position. */
	connecting(): void {
		this.isConnecting = true;
		this.isReset = false;
		this.early = [];
	}

	/** Connect was answered. */
	resumed(recovery: (Position & { recovered: boolean }) | undefined): void {
		this.isConnecting = false;
		const early = this.early;
		this.early = [];
		if (recovery?.recovered) {
			this.recoveries++;
			const here = this.position;
			// All up to there has arrived, if the reply is true.
			if (!this.isReset && (recovery.epoch !== here?.epoch || recovery.offset > here.offset)) {
				this.unreportedGaps++;
				this.position = { offset: recovery.offset, epoch: recovery.epoch };
			}
		} else {
			this.failedRecoveries++;
			if (!this.isReset) this.recordGap({ offset: recovery?.offset ?? 0, epoch: recovery?.epoch ?? "" });
		}
		for (const envelope of early) this.receive(envelope);
	}

	/** Takes a push from the connection. */
	receive(envelope: Envelope): void {
		if (envelope.protocol === pushes.channelReset.number) {
			this.reset(ChannelReset.decode(envelope.body ?? EMPTY));
			return;
		}
		const { channel = "", offset = 0, epoch = "" } = envelope;
		if (this.position === undefined) {
			this.early.push(envelope);
			return;
		}
		if (channel !== this.channel) return;
		if (this.isKnown(envelope)) {
			this.duplicates++;
			return;
		}
		const { position } = this;
		const isNext = offset === position.offset + 1 && (epoch === position.epoch || position.epoch === "");
		if (!isNext || this.early.length > 0) {
			if (this.isConnecting) {
				this.early.push(envelope);
				return;
			}
			this.unreportedGaps++;
		}
		this.position = { offset, epoch };
		if (this.isConnecting) this.recovered++;
		if (envelope.protocol !== pushes.messagePosted.number) return;
		const { message } = MessagePosted.decode(envelope.body ?? EMPTY);
		const logged = { id: idOf(message?.content?.text ?? ""), sequence: message?.sequence ?? 0 };
		if (this.isBehind) this.later.push(logged);
		else this.take(logged);
	}

	/** Takes messages of the history, behind `last`. */
	fetch(messages: readonly LoggedMessage[]): void {
		for (const message of messages) {
			if (message.sequence <= this.last) continue;
			this.deliver(message);
			this.fetchedTo = message.sequence;
			this.fetched++;
		}
	}

	/** The history has been fetched to its end: the messages received meanwhile are delivered. */
	caughtUp(): void {
		this.isBehind = false;
		const later = this.later;
		this.later = [];
		for (const message of later) this.take(message);
	}

	private take(message: LoggedMessage): void {
		if (message.sequence > this.last) this.deliver(message);
		else if (message.sequence <= this.fetchedTo) this.overlaps++;
		else this.repeats++;
	}

	private deliver(message: LoggedMessage): void {
		this.messages.push(message);
		this.onDelivered(message.id);
	}

	private isKnown({ offset = 0, epoch = "" }: Envelope): boolean {
		return epoch === this.position?.epoch && offset <= this.position.offset;
	}

	private reset({ channel, offset = 0, epoch = "" }: ChannelReset): void {
		if (channel !== this.channel) return;
		// A reset to this client's own position is for another client that was just subscribed.
		if (offset === this.position?.offset && epoch === this.position.epoch) return;
		this.isReset = true;
		this.recordGap({ offset, epoch });
	}

	private recordGap(position: Position): void {
		this.gaps++;
		this.isBehind = true;
		this.position = position;
	}
}

/** What the text of a message begins with, up to the first blank. */
export function idOf(text: string): string {
	const end = text.indexOf(" ");
	return end < 0 ? text : text.slice(0, end);
}

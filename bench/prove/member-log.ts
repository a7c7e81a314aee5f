// What one member got of its room, kept as the protocol tells clients to: every push is held against the position before
// it, holes are those that the gateway told of, and what was had already is dropped by its sequence. Whatever the gateway
// did not tell of and should have is counted, not mended.
import { ChannelReset, type Envelope, MessagePosted, pushes } from "../../protocol/gen/schema.ts";
import type { LoggedMessage } from "./ledger.ts";

export interface Position {
	readonly offset: number;
	readonly epoch: string;
}

const EMPTY = new Uint8Array();

export class MemberLog {
	/** What an application behind this client would have been given, in that order. */
	readonly messages: LoggedMessage[] = [];
	/** Holes that the gateway told of: `recovered` false, or a reset. */
	holes = 0;
	/** Of those, told in the reply to Connect. */
	refusedRecoveries = 0;
	/** Connects that were told that nothing is missing. */
	recoveries = 0;
	/** Pushes that came again under an offset that was had already. */
	duplicates = 0;
	/** Offsets or epochs that jumped without a word. */
	silentHoles = 0;
	/** Messages published again under an offset of their own, dropped by their sequence. */
	repeats = 0;
	/** Messages that came by the history first, after a hole, and by the channel as well. */
	overlaps = 0;
	/** Messages that came by the history. */
	fetched = 0;
	/** Messages missed and brought by a recovery. */
	recovered = 0;
	/** A hole is there, and its messages have not been fetched. */
	isBehind = false;
	channel = "";
	position: Position | undefined;
	/** Between a Connect and its reply. */
	private isConnecting = false;
	/** While connecting: a reset came, which is newer than what the reply will say. */
	private isReset = false;
	/** While connecting: pushes behind what must turn out to be a hole. */
	private early: Envelope[] = [];
	/** How far the history was fetched, which may be ahead of the channel. */
	private fetchedTo = 0;
	/** While behind: what comes after the hole. */
	private later: LoggedMessage[] = [];
	private readonly given: (id: string) => void;

	/** @param given - told of every message that the application is given. */
	constructor(given: (id: string) => void = () => {}) {
		this.given = given;
	}

	/** The sequence of the last message that was given. */
	get last(): number {
		return this.messages.at(-1)?.sequence ?? 0;
	}

	/** The reply to the request by which the member entered the room. */
	entered(channel: string, position: Position): void {
		this.channel = channel;
		this.position = position;
		const early = this.early;
		this.early = [];
		for (const envelope of early) if (!this.isKnown(envelope)) this.receive(envelope);
	}

	/** Connect goes out with the position. */
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
				this.silentHoles++;
				this.position = { offset: recovery.offset, epoch: recovery.epoch };
			}
		} else {
			this.refusedRecoveries++;
			if (!this.isReset) this.hole({ offset: recovery?.offset ?? 0, epoch: recovery?.epoch ?? "" });
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
		const follows = offset === position.offset + 1 && (epoch === position.epoch || position.epoch === "");
		if (!follows || this.early.length > 0) {
			if (this.isConnecting) {
				this.early.push(envelope);
				return;
			}
			this.silentHoles++;
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
			this.give(message);
			this.fetchedTo = message.sequence;
			this.fetched++;
		}
	}

	/** The history has been fetched to its end: what came meanwhile follows. */
	caughtUp(): void {
		this.isBehind = false;
		const later = this.later;
		this.later = [];
		for (const message of later) this.take(message);
	}

	private take(message: LoggedMessage): void {
		if (message.sequence > this.last) this.give(message);
		else if (message.sequence <= this.fetchedTo) this.overlaps++;
		else this.repeats++;
	}

	private give(message: LoggedMessage): void {
		this.messages.push(message);
		this.given(message.id);
	}

	private isKnown({ offset = 0, epoch = "" }: Envelope): boolean {
		return epoch === this.position?.epoch && offset <= this.position.offset;
	}

	private reset({ channel, offset = 0, epoch = "" }: ChannelReset): void {
		if (channel !== this.channel) return;
		// One that says where this member stands anyway greets somebody who was just let in.
		if (offset === this.position?.offset && epoch === this.position.epoch) return;
		this.isReset = true;
		this.hole({ offset, epoch });
	}

	private hole(position: Position): void {
		this.holes++;
		this.isBehind = true;
		this.position = position;
	}
}

/** What the text of a message begins with, up to the first blank. */
export function idOf(text: string): string {
	const end = text.indexOf(" ");
	return end < 0 ? text : text.slice(0, end);
}

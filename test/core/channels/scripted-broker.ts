// A broker that the test controls: what it holds, when reads return, what arrives live, what gets lost.
import type {
	Broker,
	BrokerListener,
	ChannelHistory,
	ChannelPosition,
	HistoryUsage,
	KeyedFrame,
	Publication,
	PublishOptions,
} from "../../../messaging/broker.ts";
import { Envelope } from "../../../protocol/gen/schema.ts";

interface Log {
	epoch: string;
	publications: Publication[];
	top: number;
}

export class ScriptedBroker implements Broker {
	/** Reads that were begun, by channel. */
	reads: string[] = [];
	subscribed = new Set<string>();
	/** Bytes of frames that reads returned. */
	bytesRead = 0;
	/** While true, reads wait for `release`. */
	holdsReads = false;
	/** While true, what is published is logged, but not delivered. */
	isDeaf = false;
	/** While true, every operation fails. */
	isDown = false;
	private readonly logs = new Map<string, Log>();
	private held: (() => void)[] = [];
	private listener: BrokerListener | undefined;

	listen(listener: BrokerListener): void {
		this.listener = listener;
	}

	async publish(channel: string, frame: Uint8Array, _options: PublishOptions): Promise<ChannelPosition> {
		const { offset, epoch } = this.post(channel, Envelope.decode(frame).body ?? new Uint8Array());
		return { offset, epoch };
	}

	async publishTogether(channel: string, frames: readonly KeyedFrame[], options: PublishOptions) {
		return await Promise.all(frames.map(({ frame }) => this.publish(channel, frame, options)));
	}

	/** It keeps no keys. */
	async published(): Promise<undefined> {}

	/** Publishes at once. */
	post(channel: string, body: Uint8Array = new Uint8Array()): Publication {
		const log = this.log(channel);
		log.top++;
		const position = { offset: log.top, epoch: log.epoch };
		const publication = {
			...position,
			frame: Envelope.encode({ protocol: 1502, body, channel, ...position }).finish(),
		};
		log.publications.push(publication);
		if (!this.isDeaf && this.subscribed.has(channel)) this.listener?.onPublication(channel, publication);
		return publication;
	}

	/** Delivers a publication again, or late. */
	deliver(channel: string, publication: Publication): void {
		this.listener?.onPublication(channel, publication);
	}

	/** Drops what is older than an offset. */
	trim(channel: string, beforeOffset: number): void {
		const log = this.log(channel);
		log.publications = log.publications.filter(({ offset }) => offset >= beforeOffset);
	}

	/** Forgets the channel and begins a new epoch of it. */
	renew(channel: string, epoch: string): void {
		this.logs.set(channel, { epoch, publications: [], top: 0 });
	}

	interrupt(): void {
		this.listener?.onInterrupted();
	}

	/** Lets the reads that wait answer, with what the log held when they were begun. */
	release(): void {
		for (const answer of this.held.splice(0)) answer();
	}

	async subscribe(channel: string): Promise<void> {
		this.throwIfDown();
		this.subscribed.add(channel);
	}

	async unsubscribe(channel: string): Promise<void> {
		this.subscribed.delete(channel);
	}

	async history(
		channel: string,
		since: ChannelPosition | undefined,
		limit: number,
		maxBytes = Number.POSITIVE_INFINITY,
	): Promise<ChannelHistory> {
		this.throwIfDown();
		this.reads.push(channel);
		const { epoch, publications, top } = this.log(channel);
		const position = { offset: top, epoch };
		let bytes = 0;
		const held = since === undefined ? [] : publications.filter(({ offset }) => offset > since.offset).slice(0, limit);
		const after = held.filter(({ frame }, index) => {
			bytes += frame.length;
			return index === 0 || bytes <= maxBytes;
		});
		for (const { frame } of after) this.bytesRead += frame.length;
		const from = since?.offset ?? top;
		const isComplete = since === undefined || (since.epoch === epoch && after.length === top - from);
		const answer: ChannelHistory = { publications: after, top: position, isComplete };
		if (this.holdsReads) await new Promise<void>((resolve) => this.held.push(resolve));
		return answer;
	}

	async positions(channels: readonly string[]): Promise<readonly (ChannelPosition | undefined)[]> {
		this.throwIfDown();
		return channels.map((channel) => {
			const { epoch, top } = this.log(channel);
			return { offset: top, epoch };
		});
	}

	async activeChannels(prefix: string): Promise<readonly string[]> {
		return [...this.subscribed].filter((name) => name.startsWith(prefix));
	}

	limitHistory(): void {}

	historyUsage(): HistoryUsage {
		return { bytesByKind: new Map(), budgetBytes: 0, shortened: 0, unkept: 0, isSuspended: false };
	}

	async close(): Promise<void> {}

	private throwIfDown(): void {
		if (this.isDown) throw new Error("the broker is down");
	}

	private log(channel: string): Log {
		let log = this.logs.get(channel);
		if (log === undefined) {
			log = { epoch: "e1", publications: [], top: 0 };
			this.logs.set(channel, log);
		}
		return log;
	}
}

// Channels in this process, for a single process without Redis. They end with it.
import { randomBytes } from "node:crypto";
import type {
	Broker,
	BrokerListener,
	ChannelHistory,
	ChannelPosition,
	Publication,
	PublishOptions,
} from "../../ports/broker.ts";
import { checkChannelName } from "../../protocol/channel-name.ts";

export interface MemoryBrokerOptions {
	/** Channels remembered at most; beyond it those go that nobody subscribes to and that were silent longest. */
	readonly maxChannels?: number;
	/** How much longer than its log a channel's position is remembered, in milliseconds. */
	readonly positionKeptMs?: number;
}

interface Channel {
	readonly epoch: string;
	offset: number;
	/** Oldest first; offsets without a gap, the last is `offset`. The last `kept` count, what is before them is on its way out. */
	log: Publication[];
	kept: number;
	logExpiresAtMs: number;
	expiresAtMs: number;
}

const DAY_MS = 86_400_000;
/** A life that begins with a read has no log yet whose life could be added. */
const MIN_KEPT_MS = 60_000;
const SWEEP_INTERVAL_MS = 10_000;

/** Tags of the envelope's fields 8 (offset, varint) and 9 (epoch, bytes). */
const OFFSET_TAG = 0x40;
const EPOCH_TAG = 0x4a;
const MAX_VARINT_BYTES = 10;

export class MemoryBroker implements Broker {
	private readonly now: () => number;
	private readonly maxChannels: number;
	private readonly positionKeptMs: number;
	/** Those published to last come last. */
	private readonly channels = new Map<string, Channel>();
	private readonly subscribed = new Set<string>();
	private readonly epochPrefix = randomBytes(9).toString("base64url");
	private epochs = 0;
	private sweptAtMs: number;
	private listener: BrokerListener | undefined;

	/** @param now - monotonic milliseconds. */
	constructor(now: () => number, options: MemoryBrokerOptions = {}) {
		this.now = now;
		this.maxChannels = options.maxChannels ?? 100_000;
		this.positionKeptMs = options.positionKeptMs ?? DAY_MS;
		this.sweptAtMs = now();
	}

	/** Channels remembered. */
	get size(): number {
		return this.channels.size;
	}

	listen(listener: BrokerListener): void {
		this.listener = listener;
	}

	/** Subscribers get it in a microtask, in the order of publishing, before or after this resolves. */
	async publish(name: string, frame: Uint8Array, options: PublishOptions): Promise<ChannelPosition> {
		checkChannelName(name);
		const nowMs = this.now();
		if (nowMs - this.sweptAtMs >= SWEEP_INTERVAL_MS) this.sweep(nowMs);
		const channel = this.enter(name, this.live(name) ?? this.begin());
		channel.offset++;
		channel.logExpiresAtMs = nowMs + options.historyTtlMs;
		channel.expiresAtMs = channel.logExpiresAtMs + this.positionKeptMs;
		const position = { offset: channel.offset, epoch: channel.epoch };
		const publication = { ...position, frame: withPosition(frame, position) };
		channel.log.push(publication);
		// Moved in bulk now and then rather than by one place each time.
		if (channel.log.length >= 2 * options.historySize) channel.log = lastOf(channel.log, options.historySize);
		channel.kept = options.historySize;
		queueMicrotask(() => {
			if (this.subscribed.has(name)) this.listener?.publication(name, publication);
		});
		return position;
	}

	async subscribe(name: string): Promise<void> {
		checkChannelName(name);
		this.subscribed.add(name);
	}

	async unsubscribe(name: string): Promise<void> {
		this.subscribed.delete(name);
	}

	async history(name: string, since: ChannelPosition | undefined, limit: number): Promise<ChannelHistory> {
		checkChannelName(name);
		const channel = this.live(name) ?? this.enter(name, this.begin());
		const top = { offset: channel.offset, epoch: channel.epoch };
		if (since === undefined) return { publications: [], top, isComplete: true };
		if (channel.epoch !== since.epoch) return { publications: [], top, isComplete: false };
		const held = lastOf(channel.log, channel.kept);
		const publications = held.filter(({ offset }) => offset > since.offset).slice(0, Math.max(0, limit));
		const first = publications[0]?.offset ?? top.offset + 1;
		const last = publications.at(-1)?.offset ?? since.offset;
		return { publications, top, isComplete: first === since.offset + 1 && last === top.offset };
	}

	async positions(names: readonly string[]): Promise<readonly (ChannelPosition | undefined)[]> {
		return names.map((name) => {
			checkChannelName(name);
			const channel = this.live(name);
			return channel && { offset: channel.offset, epoch: channel.epoch };
		});
	}

	async close(): Promise<void> {
		this.listener = undefined;
		this.channels.clear();
		this.subscribed.clear();
	}

	private begin(): Channel {
		const epoch = `${this.epochPrefix}${(this.epochs++).toString(36)}`;
		return {
			epoch,
			offset: 0,
			log: [],
			kept: 0,
			logExpiresAtMs: 0,
			expiresAtMs: this.now() + Math.max(this.positionKeptMs, MIN_KEPT_MS),
		};
	}

	/** Makes a channel the one used last, and room for it if need be. */
	private enter(name: string, channel: Channel): Channel {
		this.channels.delete(name);
		this.channels.set(name, channel);
		if (this.channels.size > this.maxChannels) this.makeRoom(name);
		return channel;
	}

	/** A channel as far as it has not expired. */
	private live(name: string): Channel | undefined {
		const channel = this.channels.get(name);
		if (channel === undefined) return undefined;
		const nowMs = this.now();
		if (nowMs >= channel.expiresAtMs) {
			this.channels.delete(name);
			return undefined;
		}
		if (nowMs >= channel.logExpiresAtMs) channel.log = [];
		return channel;
	}

	private sweep(nowMs: number): void {
		this.sweptAtMs = nowMs;
		for (const name of this.channels.keys()) this.live(name);
	}

	/** Forgets one channel that nobody subscribes to; subscribed ones are bounded by the connections there are. */
	private makeRoom(except: string): void {
		for (const name of this.channels.keys()) {
			if (name === except || this.subscribed.has(name)) continue;
			this.channels.delete(name);
			return;
		}
	}
}

function lastOf<T>(list: readonly T[], count: number): T[] {
	return list.slice(Math.max(0, list.length - count));
}

/** Protocol Buffers takes fields in any order: appending to the encoded envelope adds them. */
function withPosition(frame: Uint8Array, { offset, epoch }: ChannelPosition): Uint8Array {
	const bytes = Buffer.allocUnsafeSlow(frame.length + 3 + MAX_VARINT_BYTES + epoch.length);
	bytes.set(frame);
	let at = frame.length;
	bytes[at++] = OFFSET_TAG;
	let rest = offset;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
	bytes[at++] = rest;
	bytes[at++] = EPOCH_TAG;
	bytes[at++] = epoch.length;
	at += bytes.write(epoch, at, "latin1");
	return bytes.subarray(0, at);
}

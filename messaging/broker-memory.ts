// Channels in this process, for a single process without Redis. They end with it.
import { randomBytes } from "node:crypto";
import { checkChannelName } from "../protocol/channel-name.ts";
import type {
	Broker,
	BrokerListener,
	ChannelHistory,
	ChannelPosition,
	HistoryLimits,
	HistoryUsage,
	KeyedFrame,
	Publication,
	Published,
	PublishKey,
	PublishOptions,
} from "./broker.ts";
import { PublishKeys } from "./broker-memory-keys.ts";
import { ChannelLog } from "./broker-memory-log.ts";
import { historyExcess, historyKindOf, historyKinds, shortenedSizes } from "./history-budget.ts";

export interface MemoryBrokerOptions {
	/** Channels kept at most; beyond it, those without subscribers whose last publication is oldest are removed. */
	readonly maxChannels?: number;
	/** How much longer than its log a channel's position is kept, in milliseconds. */
	readonly positionKeptMs?: number;
	/** Bytes that all logs together may take, whatever `limitHistory` allows. */
	readonly maxTotalBytes?: number;
	/** Called when logs were shortened to keep within that. */
	readonly onShortened?: (count: number) => void;
}

interface Channel {
	readonly epoch: string;
	readonly kind: number;
	offset: number;
	/** What is kept, oldest first: offsets without a gap, the last is `offset`. */
	readonly log: ChannelLog;
	logExpiresAtMs: number;
	expiresAtMs: number;
}

const DAY_MS = 86_400_000;
/** A life that begins with a read has no log yet whose life could be added. */
const MIN_KEPT_MS = 60_000;
const SWEEP_INTERVAL_MS = 10_000;
/** A log that would be shorter is dropped whole. */
const MIN_LOG_BYTES = 1024;

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
	private readonly keys = new PublishKeys();
	private readonly epochPrefix = randomBytes(9).toString("base64url");
	private epochs = 0;
	private sweptAtMs: number;
	private listener: BrokerListener | undefined;
	private readonly maxTotalBytes: number;
	private historyTotalBytes: number;
	private readonly onShortened: (count: number) => void;
	private readonly bytesByKind = historyKinds.map(() => 0);
	private totalBytes = 0;
	private shortened = 0;

	/** @param now - monotonic milliseconds. */
	constructor(now: () => number, options: MemoryBrokerOptions = {}) {
		this.now = now;
		this.maxChannels = options.maxChannels ?? 100_000;
		this.positionKeptMs = options.positionKeptMs ?? DAY_MS;
		this.maxTotalBytes = options.maxTotalBytes ?? Number.POSITIVE_INFINITY;
		this.historyTotalBytes = this.maxTotalBytes;
		this.onShortened = options.onShortened ?? (() => {});
		this.sweptAtMs = now();
	}

	/** Channels kept. */
	get size(): number {
		return this.channels.size;
	}

	listen(listener: BrokerListener): void {
		this.listener = listener;
	}

	/** Subscribers get it in a microtask, in the order of publishing, before or after this resolves. */
	async publish(name: string, frame: Uint8Array, options: PublishOptions): Promise<Published> {
		checkChannelName(name);
		const nowMs = this.now();
		const { once } = options;
		const first = once && this.keys.find(name, once, nowMs);
		if (first !== undefined) return first;
		if (nowMs - this.sweptAtMs >= SWEEP_INTERVAL_MS) this.sweep(nowMs);
		const channel = this.enter(name, this.live(name) ?? this.begin(name));
		channel.offset++;
		channel.logExpiresAtMs = nowMs + options.historyTtlMs;
		channel.expiresAtMs = channel.logExpiresAtMs + this.positionKeptMs;
		const position = { offset: channel.offset, epoch: channel.epoch };
		if (once !== undefined) this.keys.record(name, once, position, nowMs);
		const publication = { ...position, frame: withPosition(frame, position) };
		this.keep(channel, publication, options);
		queueMicrotask(() => {
			if (this.subscribed.has(name)) this.listener?.onPublication(name, publication);
		});
		return position;
	}

	async publishTogether(
		name: string,
		frames: readonly KeyedFrame[],
		options: PublishOptions,
	): Promise<readonly Published[]> {
		// Each takes effect as it is called.
		return await Promise.all(frames.map(({ frame, once }) => this.publish(name, frame, { ...options, once })));
	}

	async published(name: string, once: PublishKey): Promise<Published | undefined> {
		checkChannelName(name);
		return this.keys.find(name, once, this.now());
	}

	async subscribe(name: string): Promise<void> {
		checkChannelName(name);
		this.subscribed.add(name);
	}

	async unsubscribe(name: string): Promise<void> {
		this.subscribed.delete(name);
	}

	async history(
		name: string,
		since: ChannelPosition | undefined,
		limit: number,
		maxBytes = Number.POSITIVE_INFINITY,
	): Promise<ChannelHistory> {
		checkChannelName(name);
		const channel = this.live(name) ?? this.enter(name, this.begin(name));
		const top = { offset: channel.offset, epoch: channel.epoch };
		if (since === undefined) return { publications: [], top, isComplete: true };
		if (channel.epoch !== since.epoch) return { publications: [], top, isComplete: false };
		const publications = channel.log.after(since.offset, limit, maxBytes);
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

	async activeChannels(prefix: string): Promise<readonly string[]> {
		return [...this.subscribed].filter((name) => name.startsWith(prefix));
	}

	limitHistory({ historyTotalBytes }: HistoryLimits): void {
		this.historyTotalBytes = Math.min(historyTotalBytes, this.maxTotalBytes);
	}

	historyUsage(): HistoryUsage {
		const bytesByKind = new Map(historyKinds.map((kind, index) => [kind, this.bytesByKind[index] ?? 0]));
		const { shortened, historyTotalBytes: budgetBytes } = this;
		return { bytesByKind, budgetBytes, shortened, unkept: 0, isSuspended: false };
	}

	async close(): Promise<void> {
		this.listener = undefined;
		this.bytesByKind.fill(0);
		this.totalBytes = 0;
		this.channels.clear();
		this.keys.clear();
		this.subscribed.clear();
	}

	private keep(channel: Channel, publication: Publication, options: PublishOptions): void {
		const { log, kind } = channel;
		const before = log.takenBytes;
		log.push(publication);
		log.shorten(options.historySize, options.historyBytes);
		this.account(kind, log.takenBytes - before);
		if (this.totalBytes > this.historyTotalBytes) this.keepWithinBudget();
	}

	private account(kind: number, bytes: number): void {
		this.bytesByKind[kind] = (this.bytesByKind[kind] ?? 0) + bytes;
		this.totalBytes += bytes;
	}

	/** What is given back is an eighth of the budget, so that looking at all logs is a matter of many publications. */
	private keepWithinBudget(): void {
		const excess = historyExcess(this.bytesByKind, this.historyTotalBytes);
		const before = this.shortened;
		for (const [kind, bytes] of excess.entries()) if (bytes > 0) this.shortenKind(kind, bytes);
		if (this.shortened > before) this.onShortened(this.shortened - before);
	}

	private shortenKind(kind: number, excessBytes: number): void {
		const logs: ChannelLog[] = [];
		for (const channel of this.channels.values()) {
			if (channel.kind === kind && channel.log.takenBytes > 0) logs.push(channel.log);
		}
		logs.sort((a, b) => b.takenBytes - a.takenBytes);
		const sizes = logs.map((log) => log.takenBytes);
		const targets = shortenedSizes(sizes, excessBytes, MIN_LOG_BYTES);
		for (const [index, target] of targets.entries()) this.shortenLog(kind, logs[index] as ChannelLog, target);
	}

	private shortenLog(kind: number, log: ChannelLog, takenBytes: number): void {
		const before = log.takenBytes;
		log.shortenTo(takenBytes);
		this.account(kind, log.takenBytes - before);
		this.shortened++;
	}

	/** Of a log that expired, or whose channel is forgotten. */
	private clear({ log, kind }: Channel): void {
		this.account(kind, -log.takenBytes);
		log.shortenTo(0);
	}

	private forget(name: string, channel: Channel): void {
		this.clear(channel);
		this.channels.delete(name);
	}

	private begin(name: string): Channel {
		const epoch = `${this.epochPrefix}${(this.epochs++).toString(36)}`;
		return {
			epoch,
			kind: historyKindOf(name),
			offset: 0,
			log: new ChannelLog(),
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
			this.forget(name, channel);
			return undefined;
		}
		if (nowMs >= channel.logExpiresAtMs) this.clear(channel);
		return channel;
	}

	private sweep(nowMs: number): void {
		this.sweptAtMs = nowMs;
		for (const name of this.channels.keys()) this.live(name);
	}

	/** Removes one channel without subscribers; the number of others is bounded by the connections. */
	private makeRoom(except: string): void {
		for (const [name, channel] of this.channels) {
			if (name === except || this.subscribed.has(name)) continue;
			this.forget(name, channel);
			return;
		}
	}
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

// Moves publications between processes and keeps the recent ones. A channel is an ordered log of frames: each publish
// appends and fans out in one atomic step. Implementations: stores/memory, stores/redis; one contract suite.

import { fieldError, type GatewayError } from "../protocol/error.ts";

/** Where something stands in a channel. Offsets count from 1 without a gap within an epoch. */
export interface ChannelPosition {
	readonly offset: number;
	/** Which life of the channel the offset belongs to. A store that lost data, or may have, starts a new one. */
	readonly epoch: string;
}

/** One publication. */
export interface Publication extends ChannelPosition {
	/** A complete envelope, offset and epoch included: the very bytes that go to clients. */
	readonly frame: Uint8Array;
}

/** What is held of a channel. */
export interface ChannelHistory {
	/** Everything after the requested position, oldest first. */
	readonly publications: readonly Publication[];
	/** Where the channel stands now. */
	readonly top: ChannelPosition;
	/** false: something after the requested position is no longer held, or the position is of another epoch. */
	readonly isComplete: boolean;
}

export interface PublishOptions {
	/** Publications kept for recovery; 0 keeps none. */
	readonly historySize: number;
	/** Bytes of frames kept for recovery. The oldest go; a frame that is larger by itself is not kept, nor what was before it. */
	readonly historyBytes: number;
	/**
	 * How long they are kept, in milliseconds since the last publish. The position is kept longer, so that a channel without
	 * publications for a long time continues at its position.
	 */
	readonly historyTtlMs: number;
	/** Makes a repeat harmless: what was published on the channel under this key is not published again while it is known. */
	readonly once?: PublishKey;
	/** The result says how many processes it was sent to. */
	readonly countsNodes?: boolean;
}

/** One of several publications that go together. */
export interface KeyedFrame {
	/** As `publish` takes it; stays as it is until the call is settled. */
	readonly frame: Uint8Array;
	readonly once: PublishKey;
}

/** Names one publication of a channel. */
export interface PublishKey {
	/** Unique for what is published on the channel. Printable ASCII without braces, as it becomes part of a store's key. */
	readonly key: string;
	/** How long it is known, in milliseconds. A store that lost what was published may have lost the key as well. */
	readonly keptMs: number;
	/** Digest of what is published, in printable ASCII without spaces: a repeat with another one is an error, not a repeat. */
	readonly print?: string;
}

/** What a store takes for a key beside the name of its channel. */
const KEY_BYTES = 320;

/** Bytes that a store takes to know a key of a channel. */
export function publishKeyBytes(channel: string): number {
	return KEY_BYTES + channel.length;
}

/** Where a publication stands. */
export interface Published extends ChannelPosition {
	/** It was published before, under the same key, and not again. */
	readonly isRepeat?: boolean;
	/** How many processes it was sent to, where that was asked for and the store knows. */
	readonly nodes?: number;
}

/** A key of a caller that stands for something else already. */
export function otherContent(): GatewayError {
	return fieldError("idempotency_key", "belongs to a call with other content");
}

/** What the logs of all channels together may take. */
export interface HistoryLimits {
	/**
	 * Bytes of all logs, over all processes that share them, with what each log costs beside its frames. Beyond it the longest
	 * logs of the kinds of channel that exceed their share are shortened.
	 */
	readonly historyTotalBytes: number;
	/** Part of the store's memory, 0 to 1, above which logs are no longer written: publications are sent and not kept. */
	readonly historyMemoryShare: number;
}

/** Memory of logs, as far as this process knows it, and how they were shortened since its start. */
export interface HistoryUsage {
	/** Bytes by kind of channel, over all processes that share the store. */
	readonly bytesByKind: ReadonlyMap<string, number>;
	/** What all of them may take. */
	readonly budgetBytes: number;
	/** Logs that were shortened to keep within it. */
	readonly shortened: number;
	/** Publications that were sent and not kept, since the store had no memory for them. */
	readonly unkept: number;
	/** No log is written now, in all of the store or in a part of it. */
	readonly isSuspended: boolean;
}

/** Gets what is published on channels that this process subscribes to, in order per channel. */
export interface BrokerListener {
	onPublication(channel: string, onPublication: Publication): void;
	/** The link to the store broke or may have lost publications: positions of all channels are to be checked. */
	onInterrupted(): void;
}

/** Methods that take a channel throw VALIDATION_FAILED when it is no name for one (protocol/channel-name.ts). */
export interface Broker {
	/** Set once, before the first subscribe. */
	listen(listener: BrokerListener): void;
	/**
	 * Appends a push to the channel and sends it to every process with a subscriber, this one included. Those of one
	 * process on one channel take effect in the order of the calls, awaited or not, as long as none fails.
	 *
	 * @param frame - an envelope without offset and epoch; the broker appends these two fields as encoded bytes, which
	 *   Protocol Buffers allows anywhere in a message. Copied before this returns.
	 * @returns its position; of a repeat under `options.once`, the position of the first.
	 * @throws GatewayError VALIDATION_FAILED when `options.once` was used for something else; UNAVAILABLE: whether it was published is then
	 *   unknown, and a repeat without `options.once` may double it.
	 */
	publish(channel: string, frame: Uint8Array, options: PublishOptions): Promise<Published>;
	/**
	 * Publishes on one channel in the order of the list, in one round trip and one step: none other comes between.
	 *
	 * @param options - without `once` and `countsNodes`.
	 * @returns for each its position; of a repeat, that of the first.
	 * @throws GatewayError as `publish`, when any of them fails. Those before it may have been published: call it again with the same keys.
	 */
	publishTogether(
		channel: string,
		frames: readonly KeyedFrame[],
		options: PublishOptions,
	): Promise<readonly Published[]>;
	/**
	 * Where what was published under a key stands; undefined when the key is not known.
	 *
	 * @throws GatewayError VALIDATION_FAILED when the key was used for something else, UNAVAILABLE.
	 */
	published(channel: string, once: PublishKey): Promise<Published | undefined>;
	/** From now on this process gets the channel's publications. @throws GatewayError UNAVAILABLE. */
	subscribe(channel: string): Promise<void>;
	/** Resolves even when the store is unavailable: no publication is delivered after the call. */
	unsubscribe(channel: string): Promise<void>;
	/**
	 * Reads what came after a position. A channel that nothing is known of begins its life with the read, at offset 0.
	 *
	 * @param since - undefined: only `top` is wanted.
	 * @param limit - publications; beyond it the history counts as incomplete.
	 * @param maxBytes - of their frames; the same. At least one is read, whatever its size.
	 * @throws GatewayError UNAVAILABLE.
	 */
	history(
		channel: string,
		since: ChannelPosition | undefined,
		limit: number,
		maxBytes?: number,
	): Promise<ChannelHistory>;
	/** Positions of channels, in the order requested; undefined for an unknown channel. One round trip per batch. */
	positions(channels: readonly string[]): Promise<readonly (ChannelPosition | undefined)[]>;
	/**
	 * Channels to which any process subscribes, of those whose names begin with a prefix; unordered. One reply of each server,
	 * however many there are: for operators, not for what happens often.
	 *
	 * @throws GatewayError UNAVAILABLE.
	 */
	activeChannels(prefix: string): Promise<readonly string[]>;
	/** Takes effect from the next publish on. */
	limitHistory(limits: HistoryLimits): void;
	historyUsage(): HistoryUsage;
	close(): Promise<void>;
}

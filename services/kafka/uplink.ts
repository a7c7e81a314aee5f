// The topics that the gateway writes to: a queue for each.
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import { unavailable } from "../../protocol/error.ts";
import type { UplinkOptions } from "./options.ts";
import { ProduceQueue } from "./produce-queue.ts";
import type { OutgoingRecord, TopicWriter, WriteFailure } from "./topic-writer.ts";

export interface UplinkParts {
	/** @param onRetry - to be called when the writer's library repeats an attempt by itself. */
	readonly openWriter: (topic: string, onRetry: (failure: WriteFailure) => void) => TopicWriter;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly options: UplinkOptions;
}

/** Topics that are written to; names of the configuration, so that only a mistake reaches it. */
export const MAX_TOPICS = 64;

export class Uplink {
	/** Of the topics that /ready is about: those of the configuration. */
	readonly probe: Probe = { name: "kafka-uplink", check: () => this.check() };
	private readonly parts: UplinkParts;
	private readonly queues = new Map<string, ProduceQueue>();
	private isClosed = false;

	constructor(parts: UplinkParts) {
		this.parts = parts;
	}

	/** By topic. */
	get topics(): ReadonlyMap<string, ProduceQueue> {
		return this.queues;
	}

	/** Makes the queue of a topic, before anything is written to it. @throws Error when there are too many. */
	open(topic: string): ProduceQueue {
		const present = this.queues.get(topic);
		if (present !== undefined) return present;
		if (this.queues.size >= MAX_TOPICS) throw new Error(`more than ${MAX_TOPICS} topics of Kafka are written to`);
		const { openWriter, ...parts } = this.parts;
		const writer = openWriter(topic, (failure) => queue.onRetry(failure));
		const queue = new ProduceQueue({ ...parts, writer });
		this.queues.set(topic, queue);
		return queue;
	}

	/**
	 * Appends records to a topic in their order. Resolves when Kafka has them.
	 *
	 * @throws GatewayError as `ProduceQueue.append`.
	 */
	append(topic: string, records: readonly OutgoingRecord[], timeoutMs?: number): Promise<void> {
		if (this.isClosed) return Promise.reject(unavailable("Kafka", 1000));
		return this.open(topic).append(records, timeoutMs);
	}

	/** Appends a record that nobody waits for. @returns whether there was room for it. */
	offer(topic: string, record: OutgoingRecord): boolean {
		return !this.isClosed && this.open(topic).offer(record);
	}

	/** Writes what waits, for a bounded time. */
	async close(): Promise<void> {
		this.isClosed = true;
		await Promise.all([...this.queues.values()].map((queue) => queue.close(this.parts.options.flushTimeoutMs)));
	}

	private async check(): Promise<void> {
		await Promise.all([...this.queues.values()].map((queue) => queue.check()));
	}
}

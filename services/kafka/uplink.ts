// The topics that the gateway writes to: a queue for each.
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import { problemOf, type Tracer } from "../../common/tracing.ts";
import { unavailable } from "../../protocol/error.ts";
import type { UplinkOptions } from "./options.ts";
import { ProduceQueue } from "./produce-queue.ts";
import { recordWrites } from "./record-spans.ts";
import type { OutgoingRecord, TopicWriter, WriteFailure } from "./topic-writer.ts";

export interface UplinkParts {
	/** @param onRetry - to be called when the writer's library repeats an attempt by itself. */
	readonly openWriter: (topic: string, onRetry: (failure: WriteFailure) => void) => TopicWriter;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Records what recorded calls write. */
	readonly tracer?: Tracer | undefined;
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
		const { openWriter, tracer: _tracer, ...parts } = this.parts;
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
		const { tracer } = this.parts;
		if (tracer === undefined) return this.open(topic).append(records, timeoutMs);
		const recorded = recordWrites(tracer, topic, records);
		const written = this.open(topic).append(recorded.records, timeoutMs);
		written.then(
			() => recorded.end(),
			(error: unknown) => recorded.end(problemOf(error)),
		);
		return written;
	}

	/** Appends a record that nobody waits for. @returns whether there was room for it. */
	offer(topic: string, record: OutgoingRecord): boolean {
		if (this.isClosed) return false;
		const { tracer } = this.parts;
		if (tracer === undefined) return this.open(topic).offer(record);
		const recorded = recordWrites(tracer, topic, [record]);
		const hasRoom = this.open(topic).offer(recorded.records[0] ?? record);
		// Nobody waits for it: what is recorded is that it was handed over.
		recorded.end(hasRoom ? undefined : "dropped");
		return hasRoom;
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

// Metrics of chat.
import { counter, gauge, histogram, type MetricDefinition } from "../../common/metrics.ts";

/** Upper bounds of the buckets that batches are counted in by their size; one more holds the larger ones. */
export const BATCH_BOUNDS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** What the queue of messages to commit has done since the start, and how full it is. */
export interface AppendCounters {
	/** Messages that wait now. */
	readonly waiting: number;
	/** Messages that are new in the database; neither repeats nor refused ones. */
	readonly committed: number;
	/** Messages of batches that failed, and those turned away. */
	readonly failed: number;
	/** Transactions that succeeded, by size: see `BATCH_BOUNDS`. */
	readonly buckets: readonly number[];
	readonly batches: number;
	/** In these batches, whatever became of them. */
	readonly messages: number;
}

export interface ChatFigures {
	readonly counters: AppendCounters;
}

export function chatMetrics(chat: ChatFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_chat_messages_waiting", "Chat messages that wait to be committed.", () => chat.counters.waiting),
		counter("framegate_chat_messages_committed_total", "Chat messages committed.", () => chat.counters.committed),
		counter(
			"framegate_chat_messages_failed_total",
			"Chat messages that could not be committed, or were refused because too many waited.",
			() => chat.counters.failed,
		),
		histogram("framegate_chat_commit_messages", "Chat messages in one transaction.", () => {
			const { buckets, messages: sum, batches: count } = chat.counters;
			return [{ labels: {}, bounds: BATCH_BOUNDS, buckets, sum, count }];
		}),
	];
}

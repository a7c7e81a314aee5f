// Metrics of Kafka. Without it, none has a series.
import { labelledCounter, labelledGauge, type MetricDefinition, type Sample } from "../../common/metrics.ts";
import type { Downlink } from "./downlink.ts";
import type { Uplink } from "./uplink.ts";

export interface KafkaFigures {
	readonly uplink: Uplink | undefined;
	readonly downlinks: readonly Downlink[];
}

export function kafkaMetrics({ uplink, downlinks }: KafkaFigures): readonly MetricDefinition[] {
	return [...uplinkMetrics(uplink), upMetric(uplink, downlinks), ...downlinkMetrics(downlinks)];
}

function uplinkMetrics(uplink: Uplink | undefined): readonly MetricDefinition[] {
	const topics = () => [...(uplink?.topics ?? [])];
	return [
		labelledCounter("framegate_kafka_written_total", "Records that Kafka has confirmed.", ["topic"], () =>
			topics().map(([topic, { counts }]) => [{ topic }, counts.written]),
		),
		labelledCounter(
			"framegate_kafka_write_failures_total",
			"Requests to write records that failed, by reason.",
			["topic", "reason"],
			() =>
				topics().flatMap(([topic, { failures }]) =>
					Object.entries(failures).map(([reason, count]) => [{ topic, reason }, count] as const),
				),
		),
		labelledCounter(
			"framegate_kafka_unwritten_total",
			"Records that were not written: dropped, since there was no room or the topic refused them, or without their content.",
			["topic", "outcome"],
			() =>
				topics().flatMap(([topic, { counts }]) => [
					[{ topic, outcome: "dropped" }, counts.dropped] as const,
					[{ topic, outcome: "without_content" }, counts.substituted] as const,
				]),
		),
		labelledGauge("framegate_kafka_buffered_bytes", "Bytes of records that wait for Kafka.", ["topic"], () =>
			topics().map(([topic, queue]) => [{ topic }, queue.bufferedBytes]),
		),
	];
}

function upMetric(uplink: Uplink | undefined, downlinks: readonly Downlink[]): MetricDefinition {
	return labelledGauge(
		"framegate_kafka_up",
		"1 while records of the topic can be written, or read; 0 while they cannot.",
		["topic", "direction"],
		() => [
			...[...(uplink?.topics ?? [])].map(([topic, { outage }]) => {
				return [{ topic, direction: "uplink" }, Number(outage === undefined)] as const;
			}),
			...downlinks.map(({ source }) => {
				return [{ topic: topicOf(source), direction: "downlink" }, Number(source.problem === undefined)] as const;
			}),
		],
	);
}

function downlinkMetrics(downlinks: readonly Downlink[]): readonly MetricDefinition[] {
	const read = (value: (downlink: Downlink) => number) => (): Sample[] =>
		downlinks.map((downlink) => [{ topic: topicOf(downlink.source) }, value(downlink)]);
	const count = (name: string, help: string, value: (downlink: Downlink) => number) =>
		labelledCounter(name, help, ["topic"], read(value));
	return [
		count("framegate_kafka_read_total", "Records read.", ({ counts }) => counts.read),
		count(
			"framegate_kafka_published_total",
			"Inboxes and channels that records were published to.",
			({ counts }) => counts.published,
		),
		count(
			"framegate_kafka_repeats_total",
			"Inboxes and channels that had a record already, by its id.",
			({ counts }) => counts.repeated,
		),
		count("framegate_kafka_retries_total", "Attempts to publish a record that failed.", ({ counts }) => counts.retried),
		labelledCounter(
			"framegate_kafka_dead_letters_total",
			"Records that could not be published, by what became of them.",
			["topic", "outcome"],
			() =>
				downlinks.flatMap(({ source, deadLetters: { counts } }) => [
					[{ topic: topicOf(source), outcome: "dead_letter" }, counts.written] as const,
					[{ topic: topicOf(source), outcome: "dropped" }, counts.dropped] as const,
				]),
		),
		labelledGauge(
			"framegate_kafka_in_flight_bytes",
			"Bytes of records that were read and are not published.",
			["topic"],
			read(({ inFlightBytes }) => inFlightBytes),
		),
		labelledGauge(
			"framegate_kafka_lag_records",
			"Records of this process's partitions that are not committed.",
			["topic"],
			read(({ source }) => [...source.lag.values()].reduce((sum, lag) => sum + lag, 0)),
		),
		count(
			"framegate_kafka_rebalances_total",
			"Times partitions moved between nodes.",
			({ source }) => source.rebalances,
		),
	];
}

function topicOf({ topics }: Downlink["source"]): string {
	return topics.join(",");
}

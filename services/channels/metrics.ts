// Metrics of application channels.
import { counter, type MetricDefinition } from "../../common/metrics.ts";

export interface ApplicationChannelFigures {
	/** Since the start. */
	readonly published: { readonly clients: number; readonly backends: number };
	readonly deltas: {
		readonly deltas: number;
		readonly whole: number;
		readonly deltaBytes: number;
		readonly wholeBytes: number;
	};
	/** Users who were not recorded as present, since their channel had too many. */
	readonly unrecorded: number;
}

export function applicationChannelMetrics(figures: ApplicationChannelFigures): readonly MetricDefinition[] {
	const { published, deltas } = figures;
	return [
		counter(
			"framegate_channel_client_publications_total",
			"Publications in application channels by clients.",
			() => published.clients,
		),
		counter(
			"framegate_channel_backend_publications_total",
			"Publications in application channels by backends.",
			() => published.backends,
		),
		counter(
			"framegate_channel_deltas_total",
			"Publications that were sent as deltas to those who take them.",
			() => deltas.deltas,
		),
		counter(
			"framegate_channel_whole_publications_total",
			"Publications that were sent whole to those who take deltas, since a delta would have been no smaller.",
			() => deltas.whole,
		),
		counter(
			"framegate_channel_delta_saved_bytes_total",
			"Bytes that deltas were shorter than their publications, once for each publication, in bytes.",
			() => deltas.wholeBytes - deltas.deltaBytes,
		),
		counter(
			"framegate_channel_presence_unrecorded_total",
			"Users who were not recorded as present in a channel, since it had too many.",
			() => figures.unrecorded,
		),
	];
}

// Block 4xxx: live values of field boxes.

import { defineModule } from "../core/route.ts";
import { edgeTelemetryRoutes, SubscribeResponse, SubscriptionInfo, SubscriptionMode } from "../protocol/gen/schema.ts";
import { ReplyPage, ReplyRoom } from "../protocol/reply-page.ts";
import { MemberState } from "../services/edge/telemetry/member-state.ts";
import type { TelemetryReads } from "../services/edge/telemetry/reads.ts";
import type { Telemetry } from "../services/edge/telemetry/telemetry.ts";
import type { Member } from "../services/edge/telemetry/view.ts";
import type { FailedChannel, ViewSpec } from "../services/edge/telemetry/view-spec.ts";

export interface EdgeTelemetryServices {
	readonly telemetry: Telemetry;
	readonly reads: TelemetryReads;
}

export const edgeTelemetryModule = defineModule<EdgeTelemetryServices>("edgeTelemetry", (implement) => [
	// Synchronous, so that the reply goes out before the first data.
	implement(edgeTelemetryRoutes.subscribe, (request, call, { telemetry }) => {
		const { spec, failed } = telemetry.subscribe(call.peer, request);
		return granted(spec, failed);
	}),

	implement(edgeTelemetryRoutes.unsubscribe, (request, call, { telemetry }) => {
		const { ended, remaining } = telemetry.unsubscribe(call.peer, request.subId ?? "", request.channels ?? []);
		const page = new ReplyPage(call.peer.encoding, SubscribeResponse, (spec: ViewSpec) => granted(spec, []));
		return { ended, remaining: page.items, isTruncated: !remaining.every((spec) => page.take(spec)) };
	}),

	implement(edgeTelemetryRoutes.listSubscriptions, (request, call, { telemetry }) => {
		const page = new ReplyPage(call.peer.encoding, SubscriptionInfo, wireSubscription);
		const nextCursor = telemetry.page(call.peer, request.cursor ?? "", request.limit ?? 0, page);
		return { subscriptions: page.items, nextCursor };
	}),

	implement(edgeTelemetryRoutes.readNow, (request, call, { reads }) =>
		reads.readNow(call.identity().userId, request, new ReplyRoom(call.peer.encoding)),
	),

	implement(edgeTelemetryRoutes.listChannels, (request, call, { reads }) =>
		reads.channels(call.identity().userId, request.source ?? "", request.cursor ?? "", request.limit ?? 0),
	),

	implement(edgeTelemetryRoutes.resync, async (request, call, { telemetry }) => ({
		subIds: [...(await telemetry.resync(call.peer, request.subId ?? ""))],
	})),
]);

function granted(spec: ViewSpec, failed: readonly FailedChannel[]) {
	return {
		subId: spec.id,
		subscribed: [...spec.channels],
		failed: [...failed],
		revisedIntervalMs: spec.intervalMs,
		revisedKeepaliveMs: spec.keepaliveMs,
		...(spec.mode === SubscriptionMode.BOTH ? { revisedSampleMs: spec.sampleMs } : {}),
	};
}

function wireSubscription({ view, state, dropped }: Member) {
	const { id, source, channels, types, points, intervalMs, mode, deadband, keepaliveMs } = view.spec;
	return {
		subId: id,
		source: source.name,
		channels: [...channels],
		dataTypes: [...types],
		intervalMs,
		mode,
		pointIds: [...(points ?? [])],
		deadband,
		keepaliveMs,
		isLagging: state === MemberState.LAGGING,
		dropped,
	};
}

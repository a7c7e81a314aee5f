// Field boxes: `framegate-client/edge`.
export type * from "../../protocol/gen/codec/edge-alarm.ts";
export { edgeAlarmPushes, edgeAlarmRoutes } from "../../protocol/gen/codec/edge-alarm.ts";
export type * from "../../protocol/gen/codec/edge-control.ts";
export { edgeControlPushes, edgeControlRoutes } from "../../protocol/gen/codec/edge-control.ts";
export type * from "../../protocol/gen/codec/edge-model.ts";
export { edgeModelPushes, edgeModelRoutes } from "../../protocol/gen/codec/edge-model.ts";
export type * from "../../protocol/gen/codec/edge-telemetry.ts";
export { edgeTelemetryPushes, edgeTelemetryRoutes } from "../../protocol/gen/codec/edge-telemetry.ts";
export {
	Alarm_Change,
	AlarmLevel,
	AlarmStatus,
	CommandStage,
	DataBatch_Kind,
	DataType,
	Quality,
	SourceState,
	SubscriptionMode,
} from "../../protocol/gen/enums.ts";
export { type Edge, edgePart } from "./edge.ts";
export type { Command, WriteOptions } from "./edge-commands.ts";
export type { EdgeSubscription, Grant } from "./edge-subscription.ts";

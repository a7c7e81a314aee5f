// The public face of the client library.

export { CloseCode, ErrorCode } from "../protocol/codes.ts";
export { GatewayError } from "../protocol/error.ts";
export {
	Alarm_Change,
	AlarmLevel,
	AlarmStatus,
	authRoutes,
	ChatRole,
	ChatRoomEvent_Kind,
	CommandStage,
	chatRoutes,
	DataBatch_Kind,
	DataType,
	DeliveryStage,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeModelRoutes,
	edgeTelemetryRoutes,
	GameResult,
	GomokuMove,
	GomokuState,
	gameRoutes,
	MemberAction,
	MemberState,
	MessageKind,
	pushes,
	Quality,
	RoomAction,
	RoomEvent_Kind,
	RoomStatus,
	SourceState,
	SubscriptionMode,
} from "../protocol/gen/schema.ts";
export type { Channel, ChannelState } from "./channel.ts";
export type { ChannelPlace, Recovery } from "./channels.ts";
export type { Chat, HistoryOptions, SendOptions } from "./chat.ts";
export { Client, createClient } from "./client.ts";
export type { Edge } from "./edge.ts";
export type { Command, WriteOptions } from "./edge-commands.ts";
export type { EdgeSubscription, Grant } from "./edge-subscription.ts";
export type { ClientState, StateDetail } from "./engine.ts";
export type { CloseInfo, WebSocketConstructor, WebSocketLike } from "./link.ts";
export type { ClientOptions, TokenStorage } from "./options.ts";
export type { Rooms } from "./rooms.ts";
export type { PushOf, ReplyOf, RequestOf, RequestOptions, RouteMethods } from "./routes.ts";
export type { PushInfo } from "./subscriptions.ts";

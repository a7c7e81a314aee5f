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
	notificationRoutes,
	pushes,
	Quality,
	RoomAction,
	RoomEvent_Kind,
	RoomStatus,
	SourceState,
	SubscriptionMode,
} from "../protocol/gen/codec/index.ts";
export type { Channel, ChannelState } from "./channels/channel.ts";
export type { ChannelPlace, Recovery } from "./channels/channels.ts";
export type { PushInfo } from "./channels/subscriptions.ts";
export type { Chat, HistoryOptions, SendOptions } from "./chat/chat.ts";
export { Client, createClient } from "./client.ts";
export type { ClientState, StateDetail } from "./connection/connection-manager.ts";
export type { CloseInfo, WebSocketConstructor, WebSocketLike } from "./connection/link.ts";
export type { Edge } from "./edge/edge.ts";
export type { Command, WriteOptions } from "./edge/edge-commands.ts";
export type { EdgeSubscription, Grant } from "./edge/edge-subscription.ts";
export type { Rooms } from "./games/rooms.ts";
export type { ClientOptions, TokenStorage } from "./options.ts";
export type { PushOf, ReplyOf, RequestOf, RequestOptions, RouteMethods } from "./requests/routes.ts";

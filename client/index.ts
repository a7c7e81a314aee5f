// The public face of the client library.

export { CloseCode, ErrorCode } from "../protocol/codes.ts";
export { GatewayError } from "../protocol/error.ts";
export {
	authRoutes,
	ChatRole,
	ChatRoomEvent_Kind,
	chatRoutes,
	DeliveryStage,
	GameResult,
	GomokuMove,
	GomokuState,
	gameRoutes,
	MemberAction,
	MemberState,
	MessageKind,
	pushes,
	RoomAction,
	RoomEvent_Kind,
	RoomStatus,
} from "../protocol/gen/schema.ts";
export type { Channel, ChannelState } from "./channel.ts";
export type { ChannelPlace, Recovery } from "./channels.ts";
export type { Chat, HistoryOptions, SendOptions } from "./chat.ts";
export { Client, createClient } from "./client.ts";
export type { ClientState, StateDetail } from "./engine.ts";
export type { CloseInfo, WebSocketConstructor, WebSocketLike } from "./link.ts";
export type { ClientOptions, TokenStorage } from "./options.ts";
export type { Rooms } from "./rooms.ts";
export type { PushOf, ReplyOf, RequestOf, RequestOptions, RouteMethods } from "./routes.ts";
export type { PushInfo } from "./subscriptions.ts";

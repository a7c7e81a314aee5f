// What every program needs: `framegate-client`. Connection, session, accounts, notifications, channels, calls over HTTP.

export type { AnyWirePush, AnyWireRoute, Encoded, WireMessage, WirePush, WireRoute } from "../protocol/codec/wire.ts";
export { CloseCode, ErrorCode } from "../protocol/codes.ts";
export { GatewayError, type Violation } from "../protocol/error.ts";
export type * from "../protocol/gen/codec/application-channel.ts";
export { applicationChannelPushes, applicationChannelRoutes } from "../protocol/gen/codec/application-channel.ts";
export type * from "../protocol/gen/codec/auth.ts";
export { authPushes, authRoutes } from "../protocol/gen/codec/auth.ts";
export type * from "../protocol/gen/codec/channel.ts";
export { channelPushes } from "../protocol/gen/codec/channel.ts";
export type * from "../protocol/gen/codec/identity.ts";
export { identityRoutes } from "../protocol/gen/codec/identity.ts";
export type * from "../protocol/gen/codec/notification.ts";
export { notificationRoutes } from "../protocol/gen/codec/notification.ts";
export type * from "../protocol/gen/codec/upstream.ts";
export { upstreamPushes, upstreamRoutes } from "../protocol/gen/codec/upstream.ts";
export type * from "../protocol/gen/codec/user.ts";
export { userPushes, userRoutes } from "../protocol/gen/codec/user.ts";
export {
	PresenceEvent_Kind,
	SessionRevoked_Reason,
	SubscriptionRevoked_Reason,
	UserIdentity_Kind,
	UserStatus,
} from "../protocol/gen/enums.ts";
export type { ChannelHistoryOptions, ChannelHistoryPage, PublishOptions } from "./channels/app-channels.ts";
export type {
	AppPublication,
	AppSubscribeOptions,
	AppSubscription,
	SubscriptionEnd,
} from "./channels/app-subscription.ts";
export type { Channel, ChannelState } from "./channels/channel.ts";
export type { ChannelPlace, Recovery } from "./channels/channels.ts";
export type { PushInfo } from "./channels/subscriptions.ts";
export { Client, createClient } from "./client.ts";
export type { BackoffOptions } from "./connection/backoff.ts";
export type { ClientState, StateDetail } from "./connection/connection-manager.ts";
export type { CloseInfo, WebSocketConstructor, WebSocketLike } from "./connection/link.ts";
export type { HttpRequestOptions } from "./http/http-caller.ts";
export { createHttpClient, type HttpClient } from "./http/http-client.ts";
export type { Fetch, FetchInit, FetchResponse, HttpClientOptions } from "./http/http-settings.ts";
export type { Unsubscribe } from "./listeners.ts";
export type { ClientOptions } from "./options.ts";
export type { ClientContext, ClientPart } from "./requests/client-context.ts";
export type { PushOf, ReplyOf, RequestOf, RequestOptions, RouteMethods } from "./requests/routes.ts";
export type { TokenSource, TokenStorage } from "./token-storage.ts";

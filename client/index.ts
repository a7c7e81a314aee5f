// The public face of the client library.

export { CloseCode, ErrorCode } from "../protocol/codes.ts";
export { GatewayError } from "../protocol/error.ts";
export { authRoutes, pushes } from "../protocol/gen/schema.ts";
export { Client, type ClientState, createClient, type StateDetail } from "./client.ts";
export type { CloseInfo, WebSocketConstructor, WebSocketLike } from "./link.ts";
export type { ClientOptions, TokenStorage } from "./options.ts";
export type { PushOf, ReplyOf, RequestOf, RequestOptions, RouteMethods } from "./routes.ts";
export type { PushInfo } from "./subscriptions.ts";

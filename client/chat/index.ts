// Conversations: `framegate-client/chat`.
export type * from "../../protocol/gen/codec/chat.ts";
export { chatPushes, chatRoutes } from "../../protocol/gen/codec/chat.ts";
export type * from "../../protocol/gen/codec/kafka.ts";
export { kafkaPushes } from "../../protocol/gen/codec/kafka.ts";
export {
	ChatRole,
	ChatRoomEvent_Kind,
	DeliveryStage,
	HistoryDirection,
	MemberAction,
	MemberState,
	MessageKind,
} from "../../protocol/gen/enums.ts";
export { type Chat, chatPart, type HistoryOptions, type SendOptions } from "./chat.ts";

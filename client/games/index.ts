// Game rooms: `framegate-client/rooms`.
export type * from "../../protocol/gen/codec/game.ts";
export { GomokuMove, GomokuState, gamePushes, gameRoutes } from "../../protocol/gen/codec/game.ts";
export { GameResult, RoomAction, RoomEvent_Kind, RoomStatus } from "../../protocol/gen/enums.ts";
export type { GameView } from "./game-states.ts";
export { type Rooms, roomsPart } from "./rooms.ts";

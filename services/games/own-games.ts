// The games that the gateway has itself.
import type { GameModule } from "./game-module.ts";
import { gomoku } from "./module-gomoku.ts";
import { relay } from "./module-relay.ts";

export const ownGames: readonly GameModule[] = [relay, gomoku];

// What commands to a room go by.
import type { GameModule } from "./game-module.ts";
import type { GamesOptions } from "./options.ts";
import type { RoomBudget } from "./room-budget.ts";

export interface Rules {
	readonly module: GameModule;
	readonly options: GamesOptions;
	/** Shared by all rooms of this process. */
	readonly budget: RoomBudget;
}

// A game in real time as rooms know games: its beginning is a snapshot, and all that follows is the run's.
import type { RealtimeCode } from "../../../common/game-code.ts";
import type { GameModule } from "../game-module.ts";
import { notNow } from "../room-errors.ts";
import { GameRun } from "./game-run.ts";

const NOTHING = new Uint8Array(0);

export function realtimeGame(code: RealtimeCode, maxSnapshotBytes: number): GameModule {
	return {
		name: code.name,
		minPlayers: code.minPlayers,
		maxPlayers: code.maxPlayers,
		realtime: code,
		start(userIds, round, setup) {
			const players = userIds.map((id) => ({ id, name: setup.names.get(id) ?? "" }));
			try {
				return GameRun.start(code, players, round, setup).snapshot(maxSnapshotBytes);
			} catch (error) {
				throw code.errorOf(error);
			}
		},
		/** While the game runs, its run takes what players do. */
		act() {
			throw notNow("the game is over");
		},
		/** The run is given who left. */
		leave: (state) => ({ state, events: [] }),
		view: () => NOTHING,
	};
}

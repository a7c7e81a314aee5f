// Game rooms on their stores.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { Pauses } from "../../common/pause-monitor.ts";
import type { Hub } from "../../core/hub.ts";
import type { PushSender } from "../../core/push-sender.ts";
import { HubUserFrames } from "../../core/user-frames.ts";
import type { EventSink } from "../../messaging/event-sink.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import type { Passwords } from "../../services/accounts/passwords.ts";
import { Games } from "../../services/games/games.ts";
import type { GamesOptions } from "../../services/games/options.ts";
import { SqlGameRecordStore } from "../../services/games/store/game-record-store-sql.ts";
import { withRoomHook } from "./room-hook.ts";
import type { Stores } from "./stores.ts";

export interface GameParts {
	readonly stores: Stores;
	readonly publisher: Publisher;
	readonly hub: Hub;
	readonly pushes: PushSender;
	readonly hooks: Hooks;
	readonly passwords: Passwords;
	readonly events: EventSink | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly pauses: Pauses;
}

/** Guesses at room passwords that one user has. */
const PASSWORD_ATTEMPTS = { points: 10, windowMs: 60_000 };

export type OpenGames = ReturnType<typeof openGames>;

export function openGames(parts: GameParts, options: GamesOptions) {
	const { stores, publisher, hub, pushes, hooks, passwords, events, clock, logger, pauses } = parts;
	const { roomStore, roomDirectory, database } = stores;
	// Not the configured id: a process that comes back under it must not be taken for the one that owned the rooms.
	const rpc = stores.nodeRpc(randomUUID());
	const games = new Games(
		{
			store: roomStore,
			directory: roomDirectory,
			rpc,
			records: new SqlGameRecordStore(database),
			existingUsers: (ids) => stores.directory.existing(ids),
			publisher: withRoomHook(publisher, hooks),
			frames: new HubUserFrames(hub, pushes),
			passwords,
			quota: stores.quota,
			events,
			passwordAttempts: stores.limiter("room-password", PASSWORD_ATTEMPTS),
			clock,
			logger,
			pauses,
		},
		options,
	);
	return {
		games,
		/** Before the stores close. */
		close: async () => {
			await games.close();
			await rpc.close();
		},
	};
}

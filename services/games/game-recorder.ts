// Brings finished games into the history: once each, however often it is tried.

import type { Logger } from "../../common/logger.ts";
import type { GameRecordStore } from "./game-record-store.ts";
import type { HeldRoom } from "./held-room.ts";
import { decodeLog } from "./room-codec.ts";
import type { LogEntry, Participant } from "./room-state.ts";
import type { RoomStore } from "./room-store.ts";

const PAGE = 500;

type ExistingUsers = (userIds: readonly string[]) => Promise<ReadonlySet<string>>;

export class GameRecorder {
	private readonly store: RoomStore;
	private readonly records: GameRecordStore;
	private readonly logger: Logger;
	private readonly existingUsers: ExistingUsers | undefined;
	private readonly pending = new Set<string>();

	/** @param existingUsers - whose names are recorded; everybody's unless given. */
	constructor(store: RoomStore, records: GameRecordStore, logger: Logger, existingUsers?: ExistingUsers) {
		this.store = store;
		this.existingUsers = existingUsers;
		this.records = records;
		this.logger = logger;
	}

	/** Starts, unless there is nothing to record or it is running; after a failure the room's next tick tries again. */
	recordSoon(room: HeldRoom): void {
		if (!room.state.info.isUnrecorded || this.pending.has(room.id)) return;
		this.pending.add(room.id);
		this.record(room)
			.catch((error: unknown) => {
				this.logger.warn({ err: error, roomId: room.id }, "recording a game failed; it will be tried again");
			})
			.finally(() => this.pending.delete(room.id));
	}

	private async record(room: HeldRoom): Promise<void> {
		const { info, progress, id: roomId } = room.state;
		const actions = await this.actions(roomId, progress.recordedActions);
		const players = await this.players(info.participants);
		await this.records.record(
			{
				id: info.gameId,
				roomId,
				game: info.game,
				startedAtMs: info.startedAtMs,
				finishedAtMs: info.finishedAtMs,
				isPublic: info.isPublic,
				isOpen: info.isPublic && info.allowsSpectators && info.passwordHash === "",
				// A store that lost its data has lost the log too.
				isTruncated: actions.length < progress.actionNumber,
				players,
			},
			actions,
		);
		await room.run({ type: "recorded", gameId: info.gameId });
	}

	/** The names of those whose accounts were deleted since the game began are in the room, and stay there. */
	private async players(participants: readonly Participant[]): Promise<readonly Participant[]> {
		const existing = await this.existingUsers?.(participants.map(({ userId }) => userId));
		if (existing === undefined) return participants;
		return participants.map((one) => (existing.has(one.userId) ? one : { ...one, username: "" }));
	}

	private async actions(roomId: string, count: number): Promise<LogEntry[]> {
		const found: LogEntry[] = [];
		while (found.length < count) {
			const page = await this.store.readLog(roomId, found.length, Math.min(PAGE, count - found.length));
			if (page.length === 0) break;
			for (const entry of page) found.push(decodeLog(entry));
		}
		return found;
	}
}

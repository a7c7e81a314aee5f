// Reports to rooms which of their members have a connection on this process. The life cycle of connections does not
// wait for it: only the latest state of a user counts, and it is sent again until every room of the user has received
// it.
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { RoomDirectory } from "./room-directory.ts";
import type { RoomRouter } from "./room-router.ts";

const USERS_AT_ONCE = 100;
const PAUSE_MS = 1000;

export class PresenceRelay {
	private readonly node: string;
	private readonly router: RoomRouter;
	private readonly directory: RoomDirectory;
	private readonly logger: Logger;
	/** Users with a connection here. */
	private readonly present = new Set<string>();
	/** Users whose state is to be sent. Bounded by the users who had a connection since the store became unavailable. */
	private readonly pending = new Set<string>();
	private isRunning = false;
	private isClosed = false;
	private timer: NodeJS.Timeout | undefined;

	constructor(node: string, router: RoomRouter, directory: RoomDirectory, logger: Logger) {
		this.node = node;
		this.router = router;
		this.directory = directory;
		this.logger = logger;
	}

	/** Whether the user has a connection here. */
	has(userId: string): boolean {
		return this.present.has(userId);
	}

	set(userId: string, isConnected: boolean): void {
		if (isConnected) this.present.add(userId);
		else this.present.delete(userId);
		this.pending.add(userId);
		this.start();
	}

	/** Sends every state again: other processes may have counted this one as dead. */
	repeat(): void {
		for (const userId of this.present) this.pending.add(userId);
		this.start();
	}

	close(): void {
		this.isClosed = true;
		clearTimeout(this.timer);
	}

	private start(): void {
		if (this.isRunning || this.isClosed || this.timer !== undefined || this.pending.size === 0) return;
		this.isRunning = true;
		// In the next event-loop turn, so that users who connect at the same time are looked up together.
		setImmediate(() => void this.run());
	}

	private async run(): Promise<void> {
		let failed = false;
		while (this.pending.size > 0 && !failed && !this.isClosed) {
			const batch = [...this.pending].slice(0, USERS_AT_ONCE);
			for (const userId of batch) this.pending.delete(userId);
			const unsent = await this.publishUsers(batch);
			for (const userId of unsent) this.pending.add(userId);
			failed = unsent.length > 0;
		}
		this.isRunning = false;
		if (failed && !this.isClosed) {
			this.timer = setTimeout(() => {
				this.timer = undefined;
				this.start();
			}, PAUSE_MS);
			this.timer.unref();
		}
	}

	/** @returns the users whose state did not reach all of their rooms. */
	private async publishUsers(userIds: readonly string[]): Promise<string[]> {
		try {
			const rooms = await this.directory.roomsOf(userIds);
			const sent = await Promise.all(userIds.map((userId, index) => this.publishRooms(userId, rooms[index] ?? [])));
			return userIds.filter((_userId, index) => sent[index] === false);
		} catch (error) {
			this.logger.debug({ err: error }, "reporting connected users to rooms failed; will retry");
			return [...userIds];
		}
	}

	private async publishRooms(userId: string, roomIds: readonly string[]): Promise<boolean> {
		const isConnected = this.present.has(userId);
		const sent = await Promise.all(
			roomIds.map(async (roomId) => {
				try {
					await this.router.send(roomId, { type: "presence", userId, node: this.node, isConnected });
					return true;
				} catch (error) {
					const code = GatewayError.from(error).code;
					const isNoMember = code === ErrorCode.NOT_FOUND || code === ErrorCode.PERMISSION_DENIED;
					if (isNoMember) return true;
					return false;
				}
			}),
		);
		return !sent.includes(false);
	}
}

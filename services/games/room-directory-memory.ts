// Indexes over the rooms of this process, or of several in a test that share it.
import type { OwnerStates, RoomDirectory } from "./room-directory.ts";

/** More ids of gone rooms than a list can have is a sign of its bound, not of its use. */
const MAX_LISTED = 1_000_000;

export class MemoryRoomDirectory implements RoomDirectory {
	private readonly now: () => number;
	private readonly leases = new Map<string, number>();
	private readonly roomsByOwner = new Map<string, Set<string>>();
	private readonly roomsByUser = new Map<string, Set<string>>();
	private readonly games = new Map<string, string>();
	/** Oldest first. */
	private readonly listedIds: string[] = [];

	/** @param now - milliseconds that leases are measured in. */
	constructor(now: () => number) {
		this.now = now;
	}

	async renew(owner: string, leaseMs: number): Promise<boolean> {
		const stood = await this.isLive(owner);
		this.leases.set(owner, this.now() + leaseMs);
		return stood;
	}

	async release(owner: string): Promise<void> {
		this.leases.set(owner, Number.NEGATIVE_INFINITY);
	}

	async owners(): Promise<OwnerStates> {
		const nowMs = this.now();
		const live = new Set<string>();
		const dead: string[] = [];
		for (const [owner, untilMs] of this.leases) {
			if (untilMs > nowMs) live.add(owner);
			else dead.push(owner);
		}
		return { live, dead };
	}

	async isLive(owner: string): Promise<boolean> {
		return (this.leases.get(owner) ?? Number.NEGATIVE_INFINITY) > this.now();
	}

	async own(owner: string, roomId: string): Promise<void> {
		add(this.roomsByOwner, owner, roomId);
	}

	async disown(owner: string, roomIds: readonly string[]): Promise<void> {
		remove(this.roomsByOwner, owner, roomIds);
	}

	async ownedBy(owner: string, limit: number): Promise<readonly string[]> {
		return [...(this.roomsByOwner.get(owner) ?? [])].slice(0, limit);
	}

	async forget(owner: string): Promise<void> {
		if (!(await this.isLive(owner)) && !this.roomsByOwner.has(owner)) this.leases.delete(owner);
	}

	async list(roomId: string, game: string): Promise<void> {
		if (this.games.has(roomId) || this.games.size >= MAX_LISTED) return;
		this.games.set(roomId, game);
		this.listedIds.splice(this.placeOf(roomId), 0, roomId);
	}

	async unlist(roomId: string): Promise<void> {
		if (!this.games.delete(roomId)) return;
		this.listedIds.splice(this.placeOf(roomId), 1);
	}

	async listed(game: string, before: string, limit: number): Promise<readonly string[]> {
		const found: string[] = [];
		const end = before === "" ? this.listedIds.length : this.placeOf(before);
		for (let index = end - 1; index >= 0 && found.length < limit; index--) {
			const id = this.listedIds[index] as string;
			if (game === "" || this.games.get(id) === game) found.push(id);
		}
		return found;
	}

	async enter(userId: string, roomId: string, max: number): Promise<boolean> {
		const rooms = this.roomsByUser.get(userId);
		if (rooms !== undefined && !rooms.has(roomId) && rooms.size >= max) return false;
		add(this.roomsByUser, userId, roomId);
		return true;
	}

	async leave(userId: string, roomIds: readonly string[]): Promise<void> {
		remove(this.roomsByUser, userId, roomIds);
	}

	async roomsOf(userIds: readonly string[]): Promise<readonly (readonly string[])[]> {
		return userIds.map((userId) => [...(this.roomsByUser.get(userId) ?? [])]);
	}

	/** Where an id is, or would be. */
	private placeOf(roomId: string): number {
		let low = 0;
		let high = this.listedIds.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.listedIds[middle] as string) < roomId) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

function add(index: Map<string, Set<string>>, key: string, roomId: string): void {
	const rooms = index.get(key);
	if (rooms === undefined) index.set(key, new Set([roomId]));
	else rooms.add(roomId);
}

function remove(index: Map<string, Set<string>>, key: string, roomIds: readonly string[]): void {
	const rooms = index.get(key);
	for (const roomId of roomIds) rooms?.delete(roomId);
	if (rooms?.size === 0) index.delete(key);
}

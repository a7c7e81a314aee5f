// Rooms in this process, for a product that is one process, and for tests of several that share it. They end with it.

import { unavailable } from "../../protocol/error.ts";
import type { ClaimedRoom, RoomClaim, RoomPlace, RoomStore, RoomWrite, SaveResult } from "./room-store.ts";

export interface MemoryRoomStoreOptions {
	/** Rooms held at most; beyond it new ones are refused. */
	readonly maxRooms?: number;
	readonly sweepIntervalMs?: number;
}

interface Entry {
	claim: RoomClaim;
	isClosed: boolean;
	expiresAtMs: number;
	fields: Map<string, string>;
	log: string[];
}

const RETRY_AFTER_MS = 60_000;

export class MemoryRoomStore implements RoomStore {
	private readonly now: () => number;
	private readonly maxRooms: number;
	private readonly rooms = new Map<string, Entry>();
	private readonly sweeper: NodeJS.Timeout;

	/** @param now - milliseconds that never go back. */
	constructor(now: () => number, options: MemoryRoomStoreOptions = {}) {
		this.now = now;
		this.maxRooms = options.maxRooms ?? 100_000;
		this.sweeper = setInterval(() => this.sweep(), options.sweepIntervalMs ?? 60_000);
		this.sweeper.unref();
	}

	async restore(roomId: string, claim: RoomClaim, write: RoomWrite): Promise<SaveResult> {
		const held = this.live(roomId);
		if (held !== undefined && isFenced(held, claim)) return "fenced";
		if (held === undefined && this.rooms.size >= this.maxRooms) {
			this.sweep();
			if (this.rooms.size >= this.maxRooms) throw unavailable("room store", RETRY_AFTER_MS);
		}
		const entry: Entry = { claim, isClosed: false, expiresAtMs: 0, fields: new Map(), log: held?.log ?? [] };
		this.apply(entry, write);
		this.rooms.set(roomId, entry);
		return "saved";
	}

	async locate(roomId: string): Promise<RoomPlace | undefined> {
		const held = this.live(roomId);
		return held && { ...held.claim, isClosed: held.isClosed };
	}

	async claim(roomId: string, owner: string, seenToken: number, ttlMs: number): Promise<ClaimedRoom | undefined> {
		const held = this.live(roomId);
		if (held === undefined || held.isClosed || held.claim.token !== seenToken) return undefined;
		held.claim = { owner, token: seenToken + 1 };
		held.expiresAtMs = this.now() + ttlMs;
		return { claim: held.claim, fields: new Map(held.fields) };
	}

	async save(roomId: string, claim: RoomClaim, write: RoomWrite): Promise<SaveResult> {
		const held = this.live(roomId);
		if (held === undefined) return "missing";
		if (isFenced(held, claim)) return "fenced";
		held.claim = claim;
		this.apply(held, write);
		return "saved";
	}

	async close(roomId: string, claim: RoomClaim, rememberMs: number): Promise<SaveResult> {
		const held = this.live(roomId);
		if (held === undefined) return "missing";
		if (isFenced(held, claim)) return "fenced";
		const expiresAtMs = this.now() + rememberMs;
		this.rooms.set(roomId, { claim, isClosed: true, expiresAtMs, fields: new Map(), log: [] });
		return "saved";
	}

	async peek(roomIds: readonly string[], field: string): Promise<readonly (string | undefined)[]> {
		return roomIds.map((roomId) => this.live(roomId)?.fields.get(field));
	}

	async readLog(roomId: string, start: number, count: number): Promise<readonly string[]> {
		return this.live(roomId)?.log.slice(start, start + count) ?? [];
	}

	async dispose(): Promise<void> {
		clearInterval(this.sweeper);
	}

	private apply(entry: Entry, { set, remove, clearsLog, log, ttlMs }: RoomWrite): void {
		for (const [field, value] of set) entry.fields.set(field, value);
		for (const field of remove) entry.fields.delete(field);
		if (clearsLog) entry.log = [];
		entry.log.push(...log);
		entry.expiresAtMs = this.now() + ttlMs;
	}

	private live(roomId: string): Entry | undefined {
		const held = this.rooms.get(roomId);
		if (held === undefined || held.expiresAtMs > this.now()) return held;
		this.rooms.delete(roomId);
		return undefined;
	}

	private sweep(): void {
		for (const roomId of this.rooms.keys()) this.live(roomId);
	}
}

function isFenced({ claim: held, isClosed }: Entry, claim: RoomClaim): boolean {
	return isClosed || held.token > claim.token || (held.token === claim.token && held.owner !== claim.owner);
}

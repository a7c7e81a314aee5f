// Sessions in this process, for a single process without Redis. They end with it.

import { setLast } from "../../common/bounded-map.ts";
import { unavailable } from "../../protocol/error.ts";
import {
	byAge,
	ENDED_KEPT_MS,
	type RotateResult,
	type Rotation,
	type SessionProfile,
	type SessionRecord,
	type SessionStore,
	type TouchedSessions,
} from "./session-store.ts";

export interface MemorySessionOptions {
	/** Sessions held at most; beyond it new ones are refused. */
	readonly maxSessions?: number;
	/** How often expired sessions are removed. */
	readonly sweepIntervalMs?: number;
}

const RETRY_AFTER_MS = 60_000;
/** Looking through all sessions takes a while: a full store does it no more often than this, however many ask. */
const SWEEP_PAUSE_MS = 1000;

export class MemorySessionStore implements SessionStore {
	private readonly now: () => number;
	private readonly maxSessions: number;
	private readonly sessions = new Map<string, SessionRecord>();
	private readonly idsByUser = new Map<string, Set<string>>();
	/** When ended sessions were ended, oldest first. */
	private readonly endedAtMs = new Map<string, number>();
	private readonly sweeper: NodeJS.Timeout;
	private sweptAtMs = Number.NEGATIVE_INFINITY;

	/** @param now - Unix milliseconds. */
	constructor(now: () => number, options: MemorySessionOptions = {}) {
		this.now = now;
		this.maxSessions = options.maxSessions ?? 1_000_000;
		this.sweeper = setInterval(() => this.sweep(), options.sweepIntervalMs ?? 60_000);
		this.sweeper.unref();
	}

	async create(session: SessionRecord): Promise<void> {
		if (this.sessions.size >= this.maxSessions) {
			// A wall clock that was set back is no reason to wait.
			if (Math.abs(this.now() - this.sweptAtMs) >= SWEEP_PAUSE_MS) this.sweep();
			if (this.sessions.size >= this.maxSessions) throw unavailable("session store", RETRY_AFTER_MS);
		}
		this.sessions.set(session.id, session);
		const ids = this.idsByUser.get(session.userId);
		if (ids) ids.add(session.id);
		else this.idsByUser.set(session.userId, new Set([session.id]));
	}

	async get(id: string): Promise<SessionRecord | undefined> {
		return this.live(id);
	}

	async listByUser(userId: string): Promise<readonly SessionRecord[]> {
		const ids = [...(this.idsByUser.get(userId) ?? [])];
		const found = ids.map((id) => this.live(id)).filter((session) => session !== undefined);
		return found.sort(byAge);
	}

	async rotate(rotation: Rotation): Promise<RotateResult> {
		const session = this.live(rotation.id);
		if (session === undefined) return "missing";
		const { expectedGeneration, expiresAtMs, leewayMs } = rotation;
		const rotatedAtMs = this.now();
		if (session.generation !== expectedGeneration) {
			const isRecent = leewayMs > 0 && rotatedAtMs - session.rotatedAtMs <= leewayMs;
			return session.generation === expectedGeneration + 1 && isRecent ? "repeated" : "reused";
		}
		const generation = session.generation + 1;
		const profile = laterOf(session.profile, rotation.profile);
		this.sessions.set(session.id, { ...session, generation, expiresAtMs, rotatedAtMs, profile });
		return "rotated";
	}

	async setProfile(ids: readonly string[], profile: SessionProfile): Promise<void> {
		for (const id of ids) {
			const session = this.live(id);
			if (session) this.sessions.set(id, { ...session, profile: laterOf(session.profile, profile) });
		}
	}

	async touch(ids: readonly string[], lastSeenAtMs: number): Promise<TouchedSessions> {
		const versions = new Map<string, number>();
		for (const id of ids) {
			const session = this.live(id);
			if (session === undefined) continue;
			this.sessions.set(id, { ...session, lastSeenAtMs });
			versions.set(id, session.profile.version);
		}
		return { ended: ids.filter((id) => this.endedAtMs.has(id)), versions };
	}

	async delete(userId: string, ids: readonly string[]): Promise<readonly string[]> {
		const deleted = ids.filter((id) => this.live(id)?.userId === userId && this.remove(id));
		for (const id of deleted) this.remember(id);
		return deleted;
	}

	async close(): Promise<void> {
		clearInterval(this.sweeper);
	}

	private live(id: string): SessionRecord | undefined {
		const session = this.sessions.get(id);
		if (session === undefined || session.expiresAtMs > this.now()) return session;
		this.remove(id);
		return undefined;
	}

	private remove(id: string): boolean {
		const session = this.sessions.get(id);
		if (session === undefined) return false;
		this.sessions.delete(id);
		const ids = this.idsByUser.get(session.userId);
		ids?.delete(id);
		if (ids?.size === 0) this.idsByUser.delete(session.userId);
		return true;
	}

	/** Beyond as many as there may be sessions, the one that ended first is forgotten. */
	private remember(endedId: string): void {
		setLast(this.endedAtMs, endedId, this.now(), this.maxSessions);
	}

	private sweep(): void {
		const nowMs = this.now();
		this.sweptAtMs = nowMs;
		for (const session of this.sessions.values()) {
			if (session.expiresAtMs <= nowMs) this.remove(session.id);
		}
		for (const [id, endedAtMs] of this.endedAtMs) {
			if (endedAtMs + ENDED_KEPT_MS > nowMs) break;
			this.endedAtMs.delete(id);
		}
	}
}

function laterOf(present: SessionProfile, next: SessionProfile): SessionProfile {
	// What a session was opened by stays.
	return present.version > next.version ? present : { ...present, ...next };
}

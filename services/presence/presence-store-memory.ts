// Who is connected, in this process only.
import { setLast } from "../../common/bounded-map.ts";
import type { PresenceRecord, PresenceStore } from "./presence-store.ts";

export interface MemoryPresenceOptions {
	/** How many offline users are remembered; of the others it is only known that they are offline. */
	readonly maxRemembered?: number;
}

interface Entry {
	readonly nodes: Set<string>;
	seenMs: number;
}

export class MemoryPresenceStore implements PresenceStore {
	private readonly maxRemembered: number;
	/** Node → when it counts as dead. */
	private readonly nodes = new Map<string, number>();
	private readonly users = new Map<string, Entry>();
	/** Offline, in the order in which they went. */
	private readonly lastSeenMs = new Map<string, number>();

	constructor(options: MemoryPresenceOptions = {}) {
		this.maxRemembered = options.maxRemembered ?? 100_000;
	}

	async heartbeat(node: string, _nowMs: number, untilMs: number): Promise<boolean> {
		const isKnown = this.nodes.has(node);
		this.nodes.set(node, untilMs);
		return isKnown;
	}

	async setOnline(node: string, userId: string, nowMs: number): Promise<boolean> {
		const entry = this.users.get(userId) ?? { nodes: new Set(), seenMs: nowMs };
		const wasOnline = this.isOnline(entry, nowMs);
		entry.nodes.add(node);
		if (!wasOnline) entry.seenMs = nowMs;
		this.users.set(userId, entry);
		this.lastSeenMs.delete(userId);
		return !wasOnline;
	}

	async setOffline(node: string, userId: string, nowMs: number): Promise<boolean> {
		const entry = this.users.get(userId);
		if (entry === undefined || !entry.nodes.delete(node)) return false;
		if (this.isOnline(entry, nowMs)) return false;
		// A dead node stays until `expire` has returned its users.
		if (entry.nodes.size === 0) this.users.delete(userId);
		this.remember(userId, nowMs);
		return true;
	}

	async forget(userId: string): Promise<void> {
		this.users.delete(userId);
		this.lastSeenMs.delete(userId);
	}

	async get(userIds: readonly string[], nowMs: number): Promise<readonly PresenceRecord[]> {
		return userIds.map((userId) => {
			const entry = this.users.get(userId);
			const isOnline = entry !== undefined && this.isOnline(entry, nowMs);
			const lastSeenMs = (isOnline ? entry.seenMs : (this.lastSeenMs.get(userId) ?? entry?.seenMs)) ?? 0;
			return { userId, isOnline, lastSeenMs };
		});
	}

	async *online(nowMs: number): AsyncIterable<readonly string[]> {
		yield [...this.users].filter(([, entry]) => this.isOnline(entry, nowMs)).map(([userId]) => userId);
	}

	async expire(nowMs: number, limit: number): Promise<readonly string[]> {
		const dead = [...this.nodes].filter(([, untilMs]) => untilMs <= nowMs);
		const gone: string[] = [];
		for (const [node, untilMs] of dead) {
			let left = 0;
			for (const [userId, entry] of this.users) {
				if (!entry.nodes.has(node)) continue;
				if (gone.length >= limit) {
					left++;
					continue;
				}
				entry.nodes.delete(node);
				if (entry.nodes.size > 0) continue;
				this.users.delete(userId);
				this.remember(userId, untilMs);
				gone.push(userId);
			}
			if (left === 0) this.nodes.delete(node);
		}
		return gone;
	}

	async close(): Promise<void> {}

	private isOnline(entry: Entry, nowMs: number): boolean {
		return [...entry.nodes].some((node) => (this.nodes.get(node) ?? 0) > nowMs);
	}

	private remember(userId: string, seenMs: number): void {
		setLast(this.lastSeenMs, userId, seenMs, this.maxRemembered);
	}
}

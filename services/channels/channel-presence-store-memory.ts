// Which users are in which channels, for a single process without Redis.
import type {
	ChannelPresencePage,
	ChannelPresenceStore,
	ChannelPresenceStoreOptions,
	JoinResult,
	PresentUser,
} from "./channel-presence-store.ts";

interface Present {
	sinceMs: number;
	readonly nodes: Set<string>;
}

interface Channel {
	readonly users: Map<string, Present>;
	/** When the lease of each process ends. */
	readonly leases: Map<string, number>;
}

export class MemoryChannelPresenceStore implements ChannelPresenceStore {
	private readonly options: ChannelPresenceStoreOptions;
	private readonly now: () => number;
	/** Those with users. */
	private readonly channels = new Map<string, Channel>();

	/** @param now - Unix milliseconds. */
	constructor(options: ChannelPresenceStoreOptions, now: () => number) {
		this.options = options;
		this.now = now;
	}

	async join(
		name: string,
		userId: string,
		node: string,
	): Promise<{ readonly result: JoinResult; readonly isKnown: boolean }> {
		const channel = this.channels.get(name) ?? { users: new Map<string, Present>(), leases: new Map<string, number>() };
		const isKnown = channel.leases.has(node);
		const present = channel.users.get(userId);
		if (present === undefined && channel.users.size >= this.options.maxUsers) return { result: "full", isKnown };
		const nowMs = this.now();
		const isThere = present !== undefined && this.isLive(channel, present, nowMs);
		this.channels.set(name, channel);
		channel.leases.set(node, nowMs + this.options.leaseMs);
		const entry = present ?? { sinceMs: nowMs, nodes: new Set<string>() };
		if (!isThere) entry.sinceMs = nowMs;
		entry.nodes.add(node);
		channel.users.set(userId, entry);
		return { result: isThere ? "present" : "joined", isKnown };
	}

	async leave(name: string, userId: string, node: string): Promise<boolean> {
		const channel = this.channels.get(name);
		const present = channel?.users.get(userId);
		if (channel === undefined || !present?.nodes.delete(node)) return false;
		if (this.isLive(channel, present, this.now())) return false;
		channel.users.delete(userId);
		this.dropEmpty(name, channel);
		return true;
	}

	async renew(name: string, node: string): Promise<{ readonly isKnown: boolean; readonly gone: readonly string[] }> {
		const channel = this.channels.get(name);
		if (channel === undefined) return { isKnown: false, gone: [] };
		const isKnown = channel.leases.has(node);
		const nowMs = this.now();
		channel.leases.set(node, nowMs + this.options.leaseMs);
		const dead = [...channel.leases].flatMap(([other, untilMs]) => (untilMs <= nowMs ? [other] : []));
		const gone: string[] = [];
		for (const other of dead) {
			channel.leases.delete(other);
			for (const [userId, present] of channel.users) {
				if (!present.nodes.delete(other) || present.nodes.size > 0) continue;
				channel.users.delete(userId);
				gone.push(userId);
			}
		}
		this.dropEmpty(name, channel);
		return { isKnown, gone };
	}

	async list(name: string, cursor: string, limit: number): Promise<ChannelPresencePage> {
		const users = this.channels.get(name)?.users ?? new Map<string, Present>();
		const from = cursor === "" ? 0 : Number(cursor);
		const page: PresentUser[] = [];
		let at = 0;
		for (const [userId, { sinceMs }] of users) {
			if (at++ >= from && page.length < limit) page.push({ userId, sinceMs });
		}
		const next = from + page.length;
		return { users: page, count: users.size, nextCursor: next < users.size ? String(next) : "" };
	}

	private isLive({ leases }: Channel, { nodes }: Present, nowMs: number): boolean {
		return [...nodes].some((node) => (leases.get(node) ?? 0) > nowMs);
	}

	private dropEmpty(name: string, { users }: Channel): void {
		if (users.size === 0) this.channels.delete(name);
	}
}

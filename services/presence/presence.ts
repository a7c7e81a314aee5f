// Who is online. Reports to the store and the subscribers when a user's first connection to this process opens and when the last
// one has been closed for a while. Works in the background: no login waits for it.

import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import { type PresenceOptions, presenceDefaults } from "./options.ts";
import { presenceChannel } from "./presence-channel.ts";
import type { PresenceRecord, PresenceStore } from "./presence-store.ts";

export interface PresenceServices {
	readonly store: PresenceStore;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

const MISSED_HEARTBEATS = 3;
/** Users of dead processes removed in one round. */
const MAX_EXPIRED = 2000;

interface LocalUser {
	/** What was last reported to the store, or is being reported. */
	isAnnounced: boolean;
	/** When to report that the user left, on the monotonic clock; undefined while connected. */
	departAtMs: number | undefined;
}

function isConnected({ departAtMs }: LocalUser): boolean {
	return departAtMs === undefined;
}

export class Presence {
	/** Unique for the lifetime of this process. */
	readonly node: string;
	private readonly services: PresenceServices;
	private readonly options: PresenceOptions;
	private readonly users = new Map<string, LocalUser>();
	/** Users whose state is not reported to the store yet. */
	private readonly dirty = new Set<string>();
	private readonly busy = new Map<string, Promise<void>>();
	private readonly rounds: PeriodicTask;
	private heartbeatAtMs = Number.NEGATIVE_INFINITY;

	constructor(services: PresenceServices, nodeId: string, options: Partial<PresenceOptions> = {}) {
		this.services = services;
		this.node = `${nodeId}#${randomBytes(6).toString("base64url")}`;
		this.options = { ...presenceDefaults, ...options };
		this.rounds = new PeriodicTask({
			intervalMs: Math.min(1000, this.options.heartbeatIntervalMs, Math.max(10, this.options.graceMs)),
			run: () => this.runTick(),
			onError: (error) => services.logger.debug({ err: error }, "presence heartbeat failed; the next round will retry"),
		});
	}

	/** Starts the heartbeats. Resolves when the store knows this process, or the first heartbeat failed. */
	async start(): Promise<void> {
		this.rounds.start();
		await this.tick();
	}

	/** The user has the first connection here. */
	onOnline(userId: string): void {
		const user = this.users.get(userId) ?? { isAnnounced: false, departAtMs: undefined };
		user.departAtMs = undefined;
		this.users.set(userId, user);
		if (!user.isAnnounced) this.enqueue(userId);
	}

	/** The user's last connection here is gone, or belongs to another user now. */
	onOffline(userId: string): void {
		const user = this.users.get(userId);
		if (user === undefined || !isConnected(user)) return;
		user.departAtMs = this.services.clock.monotonic() + this.options.graceMs;
	}

	/** In the order asked. @throws GatewayError UNAVAILABLE. */
	get(userIds: readonly string[]): Promise<readonly PresenceRecord[]> {
		return this.services.store.get(userIds, this.services.clock.now());
	}

	/** Everybody online, in batches, some perhaps twice. @throws GatewayError UNAVAILABLE. */
	online(): AsyncIterable<readonly string[]> {
		return this.services.store.online(this.services.clock.now());
	}

	/** One round: a heartbeat when due, users who left set offline, users of dead processes removed. */
	tick(): Promise<void> {
		return this.rounds.run();
	}

	/** Resolves when every change is reported to the store. */
	async settled(): Promise<void> {
		while (this.busy.size > 0) await Promise.all(this.busy.values());
	}

	/** Reports every user of this process as offline. */
	async close(): Promise<void> {
		await this.rounds.close();
		for (const [userId, user] of this.users) {
			user.departAtMs = Number.NEGATIVE_INFINITY;
			this.enqueue(userId);
		}
		await this.settled();
	}

	private async runTick(): Promise<void> {
		const nowMs = this.services.clock.monotonic();
		if (nowMs - this.heartbeatAtMs >= this.options.heartbeatIntervalMs) await this.beat(nowMs);
		for (const [userId, user] of this.users) {
			const isGone = user.departAtMs !== undefined && user.departAtMs <= nowMs;
			if (isGone || (isConnected(user) && !user.isAnnounced)) this.enqueue(userId);
		}
	}

	private async beat(nowMs: number): Promise<void> {
		const { store, clock } = this.services;
		const wallMs = clock.now();
		const lifeMs = this.options.heartbeatIntervalMs * MISSED_HEARTBEATS;
		const isKnown = await store.heartbeat(this.node, wallMs, wallMs + lifeMs);
		// For other processes, a process that was paused for so long was dead; they may have removed its users.
		const leaseExpired = nowMs - this.heartbeatAtMs >= lifeMs;
		this.heartbeatAtMs = nowMs;
		if (!isKnown || leaseExpired) {
			for (const user of this.users.values()) user.isAnnounced = false;
		}
		for (const userId of await store.expire(wallMs, MAX_EXPIRED)) {
			const user = this.users.get(userId);
			if (user === undefined || !isConnected(user)) await this.publish(userId, false, wallMs);
		}
	}

	private enqueue(userId: string): void {
		this.dirty.add(userId);
		this.pump();
	}

	/** One change per user at a time, and not too many at once. */
	private pump(): void {
		for (const userId of this.dirty) {
			if (this.busy.size >= this.options.concurrency) return;
			if (this.busy.has(userId)) continue;
			this.dirty.delete(userId);
			const change = this.change(userId).finally(() => {
				this.busy.delete(userId);
				this.pump();
			});
			this.busy.set(userId, change);
		}
	}

	private async change(userId: string): Promise<void> {
		const { store, clock, logger } = this.services;
		const user = this.users.get(userId);
		if (user === undefined) return;
		const nowMs = clock.now();
		const isHere = user.departAtMs === undefined || user.departAtMs > clock.monotonic();
		try {
			if (isHere && !user.isAnnounced) {
				user.isAnnounced = true;
				if (await store.setOnline(this.node, userId, nowMs)) await this.publish(userId, true, nowMs);
			} else if (!isHere) {
				user.isAnnounced = false;
				if (await store.setOffline(this.node, userId, nowMs)) await this.publish(userId, false, nowMs);
				// Unless the user has reconnected meanwhile.
				if (isConnected(user)) this.dirty.add(userId);
				else this.users.delete(userId);
			}
		} catch (error) {
			logger.debug({ err: error, userId }, "reporting a user's presence failed; the next round will retry");
			user.isAnnounced = false;
		}
	}

	private async publish(userId: string, isOnline: boolean, lastSeenMs: number): Promise<void> {
		const change = { user: { userId, isOnline, lastSeenMs } };
		try {
			await this.services.publisher.publish(presenceChannel(userId), pushes.presenceChanged, change);
		} catch (error) {
			this.services.logger.debug({ err: error, userId }, "publishing a presence change failed");
		}
	}
}

// Who is online. Reports to the store and the subscribers when a user's first connection to this process opens and when the last
// one has been closed for a while. Works in the background: no login waits for it.

import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import { KeyedWork } from "../../common/keyed-work.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import { type EventSink, gatewayEvent } from "../../messaging/event-sink.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { pushes, UserPresence } from "../../protocol/gen/schema.ts";
import { type PresenceOptions, presenceDefaults } from "./options.ts";
import { presenceChannel } from "./presence-channel.ts";
import type { PresenceRecord, PresenceStore } from "./presence-store.ts";

export interface PresenceServices {
	readonly store: PresenceStore;
	readonly publisher: Publisher;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
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
	/** Reports the states of users to the store. */
	private readonly changes: KeyedWork<string>;
	private readonly rounds: PeriodicTask;
	private heartbeatAtMs = Number.NEGATIVE_INFINITY;

	constructor(services: PresenceServices, nodeId: string, options: Partial<PresenceOptions> = {}) {
		this.services = services;
		this.node = `${nodeId}#${randomBytes(6).toString("base64url")}`;
		this.options = { ...presenceDefaults, ...options };
		this.changes = new KeyedWork(this.options.concurrency, (userId) => this.change(userId));
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
		if (!user.isAnnounced) this.changes.add(userId);
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
	settled(): Promise<void> {
		return this.changes.settled();
	}

	/** Reports every user of this process as offline. */
	async close(): Promise<void> {
		await this.rounds.close();
		for (const [userId, user] of this.users) {
			user.departAtMs = Number.NEGATIVE_INFINITY;
			this.changes.add(userId);
		}
		await this.settled();
	}

	private async runTick(): Promise<void> {
		const nowMs = this.services.clock.monotonic();
		if (nowMs - this.heartbeatAtMs >= this.options.heartbeatIntervalMs) await this.beat(nowMs);
		for (const [userId, user] of this.users) {
			const isGone = user.departAtMs !== undefined && user.departAtMs <= nowMs;
			if (isGone || (isConnected(user) && !user.isAnnounced)) this.changes.add(userId);
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
				if (isConnected(user)) this.changes.add(userId);
				else this.users.delete(userId);
			}
		} catch (error) {
			logger.debug({ err: error, userId }, "reporting a user's presence failed; the next round will retry");
			user.isAnnounced = false;
		}
	}

	private async publish(userId: string, isOnline: boolean, lastSeenMs: number): Promise<void> {
		const change = { user: { userId, isOnline, lastSeenMs } };
		const { events } = this.services;
		if (events?.wants("user")) {
			const kind = isOnline ? "user.online" : "user.offline";
			const head = { kind, id: `${kind}/${userId}/${lastSeenMs}`, key: userId, atMs: lastSeenMs } as const;
			events.offer(gatewayEvent(head, UserPresence, change.user));
		}
		try {
			await this.services.publisher.publish(presenceChannel(userId), pushes.presenceChanged, change);
		} catch (error) {
			this.services.logger.debug({ err: error, userId }, "publishing a presence change failed");
		}
	}
}

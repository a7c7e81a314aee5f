// Who is in which channel. Reports to the store and to subscribers of presence events when a user's first connection to this
// process subscribes and when the last one has been gone for a while. Works in the background: no subscription waits for it.
import { randomBytes } from "node:crypto";
import { batches } from "../../common/batches.ts";
import type { Clock } from "../../common/clock.ts";
import { KeyedWork } from "../../common/keyed-work.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { PublishOptions } from "../../messaging/broker.ts";
import type { ChannelUsersListener, Publisher } from "../../messaging/publisher.ts";
import { PresenceEvent_Kind, pushes } from "../../protocol/gen/schema.ts";
import type { ChannelPresencePage, ChannelPresenceStore } from "./channel-presence-store.ts";
import { joinsChannel, splitChannelName } from "./names.ts";
import type { Namespaces } from "./namespaces.ts";
import type { ChannelPresenceOptions } from "./options.ts";

export interface ChannelPresenceParts {
	readonly store: ChannelPresenceStore;
	readonly namespaces: Namespaces;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** A user in a channel, as far as this process has connections of the user there. */
interface LocalUser {
	readonly channel: LocalChannel;
	readonly userId: string;
	/** What was last reported to the store, or is being reported. */
	isAnnounced: boolean;
	/** When to report that the user left, on the monotonic clock; undefined while subscribed. */
	departAtMs: number | undefined;
}

interface LocalChannel {
	readonly name: string;
	readonly users: Map<string, LocalUser>;
	renewAtMs: number;
	/** The store knows this process in the channel, unless it has lost that. */
	hasLease: boolean;
}

/** A lease is renewed so many times before it ends. */
const RENEWALS_PER_LEASE = 3;
const RENEWED_AT_ONCE = 100;
/** What is kept of presence events: for those who reconnect soon. */
const EVENT_HISTORY: PublishOptions = { historySize: 100, historyBytes: 65_536, historyTtlMs: 60_000 };

export class ChannelPresence implements ChannelUsersListener {
	/** Users who were not recorded, since their channel had too many; since the start. */
	unrecorded = 0;
	/** Unique for the lifetime of this process. */
	private readonly node = randomBytes(9).toString("base64url");
	private readonly parts: ChannelPresenceParts;
	private readonly options: ChannelPresenceOptions;
	private readonly channels = new Map<string, LocalChannel>();
	/** Users who are about to leave, and those of whom a report failed: looked at once a round. */
	private readonly pending = new Set<LocalUser>();
	/** Reports the states of users to the store. */
	private readonly changes: KeyedWork<LocalUser>;
	private readonly rounds: PeriodicTask;

	constructor(parts: ChannelPresenceParts, options: ChannelPresenceOptions) {
		this.parts = parts;
		this.options = options;
		this.changes = new KeyedWork(options.concurrency, (user) => this.change(user));
		this.rounds = new PeriodicTask({
			intervalMs: Math.min(1000, Math.max(10, options.graceMs), options.leaseMs / RENEWALS_PER_LEASE),
			run: () => this.runTick(),
			onError: (error) => parts.logger.debug({ err: error }, "channel presence failed; the next round will retry"),
		});
	}

	start(): void {
		this.rounds.start();
	}

	onUserJoined(name: string, userId: string): void {
		const channel = this.channels.get(name) ?? {
			name,
			users: new Map(),
			renewAtMs: this.nextRenewalMs(),
			hasLease: false,
		};
		this.channels.set(name, channel);
		const user = channel.users.get(userId) ?? { channel, userId, isAnnounced: false, departAtMs: undefined };
		user.departAtMs = undefined;
		channel.users.set(userId, user);
		if (!user.isAnnounced) this.changes.add(user);
	}

	onUserLeft(name: string, userId: string): void {
		const user = this.channels.get(name)?.users.get(userId);
		if (user === undefined) return;
		user.departAtMs ??= this.parts.clock.monotonic() + this.options.graceMs;
		this.pending.add(user);
	}

	/** @throws GatewayError UNAVAILABLE. */
	list(channel: string, cursor: string, limit: number): Promise<ChannelPresencePage> {
		return this.parts.store.list(channel, cursor, limit);
	}

	/** One round: leases renewed when due, and users who left for long enough reported. */
	tick(): Promise<void> {
		return this.rounds.run();
	}

	/** Resolves when every change is reported to the store, or failed to be. */
	settled(): Promise<void> {
		return this.changes.settled();
	}

	/** Reports every user of this process as gone. */
	async close(): Promise<void> {
		await this.rounds.close();
		for (const { users } of this.channels.values()) {
			for (const user of users.values()) {
				user.departAtMs = Number.NEGATIVE_INFINITY;
				this.changes.add(user);
			}
		}
		await this.settled();
	}

	private nextRenewalMs(): number {
		return this.parts.clock.monotonic() + this.options.leaseMs / RENEWALS_PER_LEASE;
	}

	private async runTick(): Promise<void> {
		const nowMs = this.parts.clock.monotonic();
		const due: LocalChannel[] = [];
		for (const channel of this.channels.values()) if (channel.renewAtMs <= nowMs) due.push(channel);
		for (const user of this.pending) {
			if ((user.departAtMs ?? nowMs) > nowMs) continue;
			this.pending.delete(user);
			this.changes.add(user);
		}
		for (const batch of batches(due, RENEWED_AT_ONCE)) await Promise.all(batch.map((channel) => this.renew(channel)));
	}

	private async renew(channel: LocalChannel): Promise<void> {
		channel.renewAtMs = this.nextRenewalMs();
		const { isKnown, gone } = await this.parts.store.renew(channel.name, this.node);
		if (!isKnown) this.announceAgain(channel);
		for (const userId of gone) {
			const user = channel.users.get(userId);
			if (user === undefined || user.departAtMs !== undefined) {
				await this.publish(channel.name, userId, PresenceEvent_Kind.LEFT);
			} else {
				user.isAnnounced = false;
				this.changes.add(user);
			}
		}
	}

	/** The store has lost what this process recorded, or others have removed it. */
	private announceAgain({ users }: LocalChannel, except?: LocalUser): void {
		for (const user of users.values()) {
			if (user === except || !user.isAnnounced || user.departAtMs !== undefined) continue;
			user.isAnnounced = false;
			this.changes.add(user);
		}
	}

	private async change(user: LocalUser): Promise<void> {
		const { clock, logger } = this.parts;
		const isHere = user.departAtMs === undefined || user.departAtMs > clock.monotonic();
		try {
			if (isHere && !user.isAnnounced) await this.join(user);
			else if (!isHere) await this.leave(user);
		} catch (error) {
			logger.debug({ err: error, channel: user.channel.name }, "recording presence failed; the next round will retry");
			user.isAnnounced = false;
			this.pending.add(user);
		}
	}

	private async join(user: LocalUser): Promise<void> {
		const { channel, userId } = user;
		user.isAnnounced = true;
		const { result, isKnown } = await this.parts.store.join(channel.name, userId, this.node);
		if (result === "full") this.unrecorded++;
		if (result === "joined") await this.publish(channel.name, userId, PresenceEvent_Kind.JOINED);
		if (!isKnown && channel.hasLease) this.announceAgain(channel, user);
		channel.hasLease = true;
	}

	private async leave(user: LocalUser): Promise<void> {
		const { channel, userId } = user;
		user.isAnnounced = false;
		if (await this.parts.store.leave(channel.name, userId, this.node)) {
			await this.publish(channel.name, userId, PresenceEvent_Kind.LEFT);
		}
		// The user has come back meanwhile.
		if (user.departAtMs === undefined) {
			this.changes.add(user);
			return;
		}
		channel.users.delete(userId);
		if (channel.users.size === 0) this.channels.delete(channel.name);
	}

	private async publish(channel: string, userId: string, kind: PresenceEvent_Kind): Promise<void> {
		const { namespaces, publisher, clock, logger } = this.parts;
		if (!namespaces.named(splitChannelName(channel).namespace).options.presenceEvents) return;
		const event = { channel, kind, userId, atMs: clock.now() };
		try {
			await publisher.publish(joinsChannel(channel), pushes.presenceEvent, event, EVENT_HISTORY);
		} catch (error) {
			logger.debug({ err: error, channel }, "publishing a presence event failed");
		}
	}
}

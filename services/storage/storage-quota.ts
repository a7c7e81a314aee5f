// What users may have stored permanently: so many bytes a user and day, and so many in all. Counted in this process at
// once, and added to what other processes have counted every few seconds; a user can exceed the quota by what fits in
// between.

import { batches } from "../../common/batches.ts";
import { setLast } from "../../common/bounded-map.ts";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import { SingleFlight } from "../../common/single-flight.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { type StorageOptions, storageDefaults } from "./options.ts";
import type { StorageUsage } from "./storage-usage.ts";

export interface StorageQuotaOptions extends Pick<StorageOptions, "userBytesPerDay" | "maxBytes"> {
	/** How long messages are kept, and so count; 0: for ever. */
	readonly keptMs: number;
}

/** What rows and their indexes take beside the content, in bytes: measured on SQLite, rounded up. */
export const stored = { message: 512, room: 1024, member: 512, block: 256, action: 128, account: 2048 } as const;

interface Counted {
	/** Not written yet. */
	pending: number;
	/** Known to be written, by whichever process, and pending. */
	bytes: number;
}

export interface StorageQuotaServices {
	readonly usage: StorageUsage;
	/** Throws when the storage has no room. */
	readonly admit: () => void;
	readonly clock: Clock;
	readonly logger: Logger;
}

const DAY_MS = 86_400_000;
const WRITE_INTERVAL_MS = 5000;
const COMPACT_INTERVAL_MS = 3_600_000;
/** Users counted at once; beyond it those who wrote least recently are read again. */
const MAX_USERS = 50_000;
/** Users of one statement. */
const BATCH = 500;
const RETRY_AFTER_MS = 60_000;

export class StorageQuota {
	/** Refused since the start. */
	readonly rejections = { user: 0, all: 0 };
	private readonly services: StorageQuotaServices;
	private readonly options: StorageQuotaOptions;
	/** In the order of last use. */
	private users = new Map<string, Counted>();
	private day: number;
	private total = 0;
	private readonly rounds: PeriodicTask;
	private isStarted = false;
	/** Only while something is pending: an idle process sleeps. */
	private timer: NodeJS.Timeout | undefined;
	private readonly writes = new SingleFlight(() => this.writeAll());

	constructor(services: StorageQuotaServices, options: Partial<StorageQuotaOptions> = {}) {
		this.services = services;
		this.options = { ...storageDefaults, keptMs: 0, ...options };
		this.day = this.today();
		this.rounds = new PeriodicTask({
			intervalMs: COMPACT_INTERVAL_MS,
			run: () => this.compact(),
			onError: (error) => {
				services.logger.debug(
					{ err: error },
					"stored bytes of past days were not summed up; the next round tries again",
				);
			},
		});
	}

	/** Bytes stored, of all users. */
	get totalBytes(): number {
		return this.total;
	}

	/** Begins to write down what is counted. */
	start(): void {
		this.isStarted = true;
		this.rounds.start();
		void this.rounds.run();
	}

	/**
	 * Counts what a user is about to have stored.
	 *
	 * @throws GatewayError RATE_LIMITED with the time until the next day, UNAVAILABLE when there is no room for anybody.
	 */
	take(userId: string, bytes: number): void {
		this.services.admit();
		const { userBytesPerDay, maxBytes } = this.options;
		const has = this.counted(userId);
		if (userBytesPerDay > 0 && has.bytes + bytes > userBytesPerDay && userId !== "") {
			this.rejections.user++;
			const retryAfterMs = (this.day + 1) * DAY_MS - this.services.clock.now();
			throw new GatewayError(ErrorCode.RATE_LIMITED, "what one user may store in a day is used up", { retryAfterMs });
		}
		if (maxBytes > 0 && this.total + bytes > maxBytes) {
			this.rejections.all++;
			throw new GatewayError(ErrorCode.UNAVAILABLE, "the storage for all users is full", {
				retryAfterMs: RETRY_AFTER_MS,
			});
		}
		this.add(has, bytes);
	}

	/** Counts what a user has stored already: it is missing from what they may have. */
	spend(userId: string, bytes: number): void {
		this.add(this.counted(userId), bytes);
	}

	/** Writes down what is counted, and learns what others have. The timer does this; tests do it by hand. */
	write(): Promise<void> {
		clearTimeout(this.timer);
		this.timer = undefined;
		return this.writes.run();
	}

	async close(): Promise<void> {
		this.isStarted = false;
		await this.rounds.close();
		await this.writes.settled();
		await this.write();
	}

	private counted(userId: string): Counted {
		const today = this.today();
		// What was pending of yesterday is given up: it is seconds' worth.
		if (today !== this.day) [this.day, this.users] = [today, new Map()];
		const has = this.users.get(userId) ?? { pending: 0, bytes: 0 };
		setLast(this.users, userId, has, MAX_USERS);
		return has;
	}

	private add(has: Counted, bytes: number): void {
		has.pending += bytes;
		has.bytes += bytes;
		this.total += bytes;
		if (this.isStarted) this.timer ??= setTimeout(() => void this.write(), WRITE_INTERVAL_MS);
	}

	private async writeAll(): Promise<void> {
		try {
			await this.writePending();
		} catch (error) {
			this.services.logger.debug({ err: error }, "stored bytes were not written down; the next time tries again");
		}
	}

	private async writePending(): Promise<void> {
		const { usage } = this.services;
		const { day, users } = this;
		const pending = [...users]
			.filter(([, has]) => has.pending > 0)
			.map(([userId, { pending: bytes }]) => [userId, bytes] as const);
		for (const batch of batches(pending, BATCH)) {
			const some = new Map(batch);
			const written = await usage.add(day, some);
			for (const [userId, bytes] of some) {
				const has = users.get(userId);
				if (has === undefined) continue;
				has.pending -= bytes;
				has.bytes = (written.get(userId) ?? 0) + has.pending;
			}
		}
		const unwritten = () => [...this.users.values()].reduce((sum, has) => sum + has.pending, 0);
		this.total = (await usage.total()) + unwritten();
	}

	private async compact(): Promise<void> {
		const { usage, clock } = this.services;
		await usage.compact({ keptMs: this.options.keptMs, nowMs: clock.now() });
		await this.write();
	}

	private today(): number {
		return Math.floor(this.services.clock.now() / DAY_MS);
	}
}

// Erases what is stored of users whose accounts were deleted. Each deletion is a row until everything is gone, so that a process
// that dies, or a store that is unavailable, only delays it. Everything is gone over twice: what was in flight when the account was
// deleted may have been written behind the first round.
import { randomUUID } from "node:crypto";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { PersonalData } from "../../common/personal-data.ts";
import type { UserDeletion, UserDeletionStore } from "./user-deletions.ts";

export interface UserErasureOptions {
	/** Between two looks for deletions that another process did not finish. */
	readonly intervalMs: number;
	/** Between the two rounds: longer than a request may take and than a token counts as verified. */
	readonly settleMs: number;
}

export const erasureDefaults: UserErasureOptions = { intervalMs: 30_000, settleMs: 120_000 };

/** A process that does not report progress for so long has died. */
const HELD_MS = 60_000;
/** After an error. */
const RETRY_MS = 30_000;
/** Parts of one deletion before others have their turn, and deletions of one look. */
const MAX_PARTS = 2000;
const MAX_TAKEN = 200;
/** The second round is the last. */
const ROUNDS = 2;

export class UserErasure {
	private readonly deletions: UserDeletionStore;
	private readonly domains: readonly PersonalData[];
	private readonly options: UserErasureOptions;
	private readonly logger: Logger;
	private readonly holder = randomUUID();
	private readonly task: PeriodicTask;

	constructor(
		deletions: UserDeletionStore,
		domains: readonly PersonalData[],
		logger: Logger,
		options: Partial<UserErasureOptions> = {},
	) {
		this.deletions = deletions;
		this.domains = domains;
		this.logger = logger;
		this.options = { ...erasureDefaults, ...options };
		this.task = new PeriodicTask({
			intervalMs: this.options.intervalMs,
			run: (signal) => this.eraseDue(signal),
			onError: (error) => logger.warn({ err: error }, "looking for deleted users failed; the next round will retry"),
		});
	}

	start(): void {
		this.task.start();
	}

	/** An account was deleted: begins at once. Never rejects; resolves when everything that is due has been worked on. */
	runNow(): Promise<void> {
		return this.task.runAgain();
	}

	close(): Promise<void> {
		return this.task.close();
	}

	private async eraseDue(signal: AbortSignal): Promise<void> {
		for (let taken = 0; taken < MAX_TAKEN && !signal.aborted; taken++) {
			const deletion = await this.deletions.acquire(this.holder, HELD_MS);
			if (deletion === undefined) return;
			await this.attempt(deletion, signal);
		}
	}

	private async attempt(deletion: UserDeletion, signal: AbortSignal): Promise<void> {
		const progress = { ...deletion };
		try {
			await this.erase(progress, signal);
		} catch (error) {
			const { userId, round, place } = progress;
			this.logger.warn({ err: error, userId, round, place }, "erasing a deleted user failed; will retry");
			await this.deletions.postpone(progress, this.holder, RETRY_MS);
		}
	}

	/** @param progress - is moved on with each part. */
	private async erase(progress: UserDeletion & { place: string }, signal: AbortSignal): Promise<void> {
		const { deletions, holder, domains } = this;
		const { userId, usernameKey, emailKey, round } = progress;
		const user = { userId, accountKeys: [usernameKey, emailKey].filter((key) => key !== "") };
		const [name, place] = splitPlace(progress.place);
		let at = Math.max(
			0,
			domains.findIndex((domain) => domain.name === name),
		);
		let next: string | undefined = domains[at]?.name === name ? place : "";
		for (let parts = 0; at < domains.length; parts++) {
			const domain = domains[at] as PersonalData;
			if (parts >= MAX_PARTS || signal.aborted) return await deletions.postpone(progress, holder, 0);
			next = await domain.erase(user, next ?? "");
			if (next === undefined) at++;
			const following = domains[at];
			progress.place = following === undefined ? "" : `${following.name}:${next ?? ""}`;
			if (following !== undefined && !(await deletions.renew(progress, holder, HELD_MS))) return;
		}
		if (round < ROUNDS) {
			await deletions.postpone({ ...progress, round: round + 1, place: "" }, holder, this.options.settleMs);
			return;
		}
		await deletions.finish(userId, holder);
		this.logger.info({ userId }, "a deleted user is erased");
	}
}

/** `chat:rooms` → the domain, and its own place. */
export function splitPlace(place: string): readonly [string, string] {
	const at = place.indexOf(":");
	return at === -1 ? [place, ""] : [place.slice(0, at), place.slice(at + 1)];
}

// The alarms of a box, as this node last read them: lists and counts come from here, whatever form the box's index has.
// Wake-ups keep it up to date; polling backs them up.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import { batches } from "../../../common/batches.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { SingleFlight } from "../../../common/single-flight.ts";
import { AlarmStatus } from "../../../protocol/gen/schema.ts";
import type { BoxAlarm, BoxAlarms } from "../boxes/box-alarms.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { type AlarmsOptions, alarmsDefaults } from "./options.ts";

export type AlarmMirrorOptions = Pick<AlarmsOptions, "maxAlarms" | "pollMs">;

export interface AlarmMirrorServices {
	readonly alarms: BoxAlarms;
	readonly policy: Pick<EdgePolicy, "alarm">;
	readonly clock: Clock;
	readonly logger: Logger;
}

const BATCH = 500;
/** Resolved alarms seldom change: all are read again every so many polls. */
const POLLS_PER_FULL_READ = 12;
/** Wake-ups that name an alarm; beyond it everything is read. */
const MAX_NAMED = 1000;

export class AlarmMirror {
	/** Unix milliseconds of the last complete read of the index; 0 before the first. */
	asOfMs = 0;
	private readonly services: AlarmMirrorServices;
	private readonly options: AlarmMirrorOptions;
	private readonly records = new Map<string, BoxAlarm>();
	/** Ids of alarms that the policy hides: nothing else is kept of them. */
	private readonly closed = new Set<string>();
	private ordered: readonly BoxAlarm[] | undefined;
	private readonly listeners: ((ids: readonly string[]) => void)[] = [];
	private readonly named = new Set<string>();
	/** Taken while a batch was being read. */
	private readonly taken = new Set<string>();
	private wantsIndex = false;
	private polls = 0;
	private isFull = false;
	private readonly reads = new SingleFlight(() => this.readPending());
	/** Called at the end of the first complete read. */
	private readonly waiting = new Set<() => void>();
	private interval: AlignedInterval | undefined;

	constructor(services: AlarmMirrorServices, options: Partial<AlarmMirrorOptions> = {}) {
		this.services = services;
		this.options = { ...alarmsDefaults, ...options };
		services.alarms.onChange((id) => this.wake(id));
	}

	/**
	 * The listener gets the ids of alarms that are new, different or gone, oldest change first; and an empty list when
	 * all have been read for the first time.
	 */
	onChange(listener: (ids: readonly string[]) => void): void {
		this.listeners.push(listener);
	}

	async start(): Promise<void> {
		this.interval = new AlignedInterval(() => void this.poll(), this.options.pollMs);
		await this.poll();
	}

	async close(): Promise<void> {
		this.interval?.stop();
		this.named.clear();
		this.wantsIndex = false;
		await this.reads.settled();
		for (const done of this.waiting) done();
	}

	/** Resolves once the index has been read completely, or after `withinMs` at the latest. */
	async waitForFirstRead(withinMs: number): Promise<void> {
		if (this.asOfMs !== 0) return;
		await new Promise<void>((resolve) => {
			const done = () => {
				this.waiting.delete(done);
				clearTimeout(timer);
				resolve();
			};
			const timer = setTimeout(done, withinMs);
			this.waiting.add(done);
		});
	}

	get size(): number {
		return this.records.size;
	}

	get(id: string): BoxAlarm | undefined {
		return this.records.get(id);
	}

	/** Newest first; those raised at the same time in the order of their ids. */
	all(): readonly BoxAlarm[] {
		this.ordered ??= [...this.records.values()].sort(newestFirst);
		return this.ordered;
	}

	/** Takes over the result of a write, without waiting for the box to announce it. */
	take(alarm: BoxAlarm): void {
		if (this.reads.isRunning) this.taken.add(alarm.id);
		this.notify(this.apply([alarm.id], [alarm]));
	}

	/** Reads the index, and the alarms that may have changed. Resolves when that is done, or failed. */
	poll(): Promise<void> {
		this.wantsIndex = true;
		return this.reads.run();
	}

	private wake(id: string | undefined): void {
		if (id === undefined || this.named.size >= MAX_NAMED) this.wantsIndex = true;
		else this.named.add(id);
		void this.reads.run();
	}

	private async readPending(): Promise<void> {
		try {
			while (this.wantsIndex || this.named.size > 0) {
				const named = [...this.named];
				this.named.clear();
				const { wantsIndex } = this;
				this.wantsIndex = false;
				await (wantsIndex ? this.readIndex(named) : this.read(named));
			}
		} catch (error) {
			// The next poll reads everything that may have been missed.
			this.services.logger.debug({ err: error }, "alarms could not be read; the next poll tries again");
		}
	}

	private async readIndex(named: readonly string[]): Promise<void> {
		const { alarms, clock, logger } = this.services;
		const asOfMs = clock.now();
		// An index has no order; where times are equal, the ids define it.
		const ids = (await alarms.ids(this.options.maxAlarms)).toSorted();
		if (ids.length >= this.options.maxAlarms && !this.isFull) {
			logger.warn({ alarms: ids.length }, "the box has more alarms than are read; the others are ignored");
		}
		this.isFull = ids.length >= this.options.maxAlarms;
		const isFullRead = this.polls++ % POLLS_PER_FULL_READ === 0;
		const present = new Set(ids);
		const gone = [...this.records.keys()].filter((id) => !present.has(id));
		for (const id of this.closed) if (!present.has(id)) this.closed.delete(id);
		// Announced alarms keep the order of the announcements.
		const wanted = new Set([...named, ...(isFullRead ? ids : ids.filter((id) => this.mayHaveChanged(id)))]);
		await this.read(
			[...wanted].filter((id) => present.has(id)),
			gone,
		);
		const isFirst = this.asOfMs === 0;
		this.asOfMs = asOfMs;
		// The mirror is complete from here on. Listeners that wait for that are notified even when nothing has changed.
		if (!isFirst) return;
		for (const listener of this.listeners) listener([]);
		for (const done of this.waiting) done();
	}

	private mayHaveChanged(id: string): boolean {
		if (this.closed.has(id)) return false;
		const known = this.records.get(id);
		return known === undefined || known.status !== AlarmStatus.RESOLVED;
	}

	/**
	 * Notifies listeners once everything is read, so that changes are in order; if a read fails, of what was read before.
	 */
	private async read(ids: readonly string[], gone: readonly string[] = []): Promise<void> {
		const changed = this.apply(
			gone,
			gone.map(() => undefined),
		);
		try {
			for (const batch of batches(ids, BATCH)) {
				this.taken.clear();
				const alarms = await this.services.alarms.get(batch);
				// A record taken over meanwhile is newer than the one read.
				const newest = batch.map((id, index) => (this.taken.has(id) ? this.records.get(id) : alarms[index]));
				changed.push(...this.apply(batch, newest));
			}
		} finally {
			this.notify(this.inOrder(changed));
		}
	}

	/** @returns the ids of those that are new, different or gone. */
	private apply(ids: readonly string[], alarms: readonly (BoxAlarm | undefined)[]): string[] {
		const changed: string[] = [];
		for (const [index, id] of ids.entries()) {
			const alarm = this.seen(id, alarms[index]);
			const known = this.records.get(id);
			if (alarm === undefined ? known === undefined : known !== undefined && isSame(known, alarm)) continue;
			if (alarm === undefined) this.records.delete(id);
			else if (known !== undefined || this.records.size < this.options.maxAlarms) this.records.set(id, alarm);
			else continue;
			changed.push(id);
		}
		if (changed.length > 0) this.ordered = undefined;
		return changed;
	}

	/** Undefined for an alarm that does not exist, and for one that the policy hides. */
	private seen(id: string, alarm: BoxAlarm | undefined): BoxAlarm | undefined {
		this.closed.delete(id);
		if (alarm === undefined || this.services.policy.alarm(alarm)) return alarm;
		this.closed.add(id);
		return undefined;
	}

	/** Oldest change first; alarms that are gone come before all others. */
	private inOrder(ids: readonly string[]): readonly string[] {
		return ids.toSorted((a, b) => {
			const [one, other] = [this.records.get(a), this.records.get(b)];
			if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
			return one.updatedAtMs - other.updatedAtMs || one.raisedAtMs - other.raisedAtMs;
		});
	}

	private notify(changed: readonly string[]): void {
		if (changed.length === 0) return;
		for (const listener of this.listeners) listener(changed);
	}
}

function newestFirst(a: BoxAlarm, b: BoxAlarm): number {
	return b.raisedAtMs - a.raisedAtMs || (a.id < b.id ? 1 : -1);
}

function isSame(a: BoxAlarm, b: BoxAlarm): boolean {
	return (Object.keys(a) as (keyof BoxAlarm)[]).every((name) => a[name] === b[name]);
}

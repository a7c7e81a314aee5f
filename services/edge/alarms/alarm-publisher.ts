// Tells changes of a box' alarms on its recoverable channel, each until it was confirmed: what could not be told stays
// pending, by id, so that what waits is bounded by the alarms there are.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import type { Publisher } from "../../../messaging/publisher.ts";
import { Alarm_Change, pushes } from "../../../protocol/gen/schema.ts";
import type { BoxLease } from "../boxes/box-lease.ts";
import type { AlarmLedger } from "./alarm-ledger.ts";
import type { AlarmMirror } from "./alarm-mirror.ts";
import { alarmChannel, alarmMark, changeOf, totalsOf, wireAlarm } from "./alarm-wire.ts";
import { Flapping, type FlappingOptions } from "./flapping.ts";

export interface AlarmFeedServices {
	readonly mirror: AlarmMirror;
	readonly ledger: AlarmLedger;
	readonly lease: BoxLease;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** What failed is tried again after this, in milliseconds; also how often parked alarms are looked at. */
const TURN_MS = 1000;
/** Tellings between two notes in the ledger: what a successor would repeat at most. */
const NOTE_EVERY = 100;

export class AlarmPublisher {
	/** Alarm pushes, since the start. */
	published = 0;
	private readonly box: string;
	private readonly services: AlarmFeedServices;
	private readonly flapping: Flapping;
	/** What is in the ledger, while this node holds the lease. */
	private marks: Map<string, string> | undefined;
	private readonly pending = new Set<string>();
	/** Alarms that change too often, until they may be told of again. */
	private readonly parked = new Set<string>();
	private toNote = new Map<string, string | undefined>();
	private totalsPending = false;
	private turning: Promise<void> | undefined;
	private rounds: AlignedInterval | undefined;

	constructor(box: string, services: AlarmFeedServices, options: Partial<FlappingOptions> = {}) {
		this.box = box;
		this.services = services;
		this.flapping = new Flapping(options);
		services.mirror.onChange((ids) => this.changed(ids));
		services.lease.onTaken(() => {
			// Somebody else may have told what this node remembers otherwise.
			this.marks = undefined;
			void this.turn();
		});
	}

	start(): void {
		this.rounds = new AlignedInterval(() => void this.turn(), TURN_MS);
	}

	async close(): Promise<void> {
		this.rounds?.stop();
		await this.turn();
	}

	/** Tells what is pending. Resolves when it was told, or could not be. */
	async turn(): Promise<void> {
		// One that is at work may have passed what has become pending since.
		await this.turning;
		this.turning ??= this.work().finally(() => {
			this.turning = undefined;
		});
		await this.turning;
	}

	private changed(ids: readonly string[]): void {
		// Whoever takes the lease compares everything.
		if (!this.services.lease.isHeld) return;
		for (const id of ids) {
			if (this.parked.has(id)) this.flapping.suppress(id);
			else this.pending.add(id);
		}
		void this.turn();
	}

	private async work(): Promise<void> {
		const { lease, mirror, logger } = this.services;
		if (!lease.isHeld || mirror.asOfMs === 0) return;
		try {
			await this.loadMarks();
			this.unpark();
			for (const id of this.pending) {
				if (!lease.isHeld) return;
				// Before it is told: what changes meanwhile is news again.
				this.pending.delete(id);
				await this.tell(id).catch((error: unknown) => {
					this.pending.add(id);
					throw error;
				});
				if (this.toNote.size >= NOTE_EVERY) await this.note();
			}
			await this.publishTotals();
		} catch (error) {
			logger.debug({ err: error, box: this.box }, "alarms were not told; the next turn tries again");
		} finally {
			await this.note().catch((error: unknown) => {
				logger.debug({ err: error, box: this.box }, "what was told of alarms was not noted yet");
			});
		}
	}

	/** As the one who tells from now on: whatever is not as it was told last is news. */
	private async loadMarks(): Promise<void> {
		if (this.marks !== undefined) return;
		const { ledger, mirror } = this.services;
		const known = await ledger.load(this.box);
		this.toNote = new Map();
		if (known === undefined) {
			const marks = new Map(mirror.all().map((alarm) => [alarm.id, alarmMark(alarm)]));
			await ledger.save(this.box, marks);
			this.marks = marks;
			this.pending.clear();
			return;
		}
		this.marks = new Map(known);
		this.pending.clear();
		// The oldest first: what was raised while nobody told is told in that order.
		for (const { id } of mirror.all().toReversed()) this.pending.add(id);
		for (const id of known.keys()) this.pending.add(id);
	}

	private unpark(): void {
		const nowMs = this.services.clock.monotonic();
		for (const id of this.parked) {
			if (this.flapping.dueAtMs(id) > nowMs) continue;
			this.parked.delete(id);
			this.pending.add(id);
		}
	}

	private async tell(id: string): Promise<void> {
		const { mirror, publisher, clock } = this.services;
		const alarm = mirror.get(id);
		const told = this.marks?.get(id);
		// One that changed and changed back is told of as well: that it does is worth knowing.
		const isBack = told !== undefined && this.flapping.suppressed(id) > 0 && !this.parked.has(id);
		const change = changeOf(told, alarm) ?? (isBack ? Alarm_Change.UPDATED : undefined);
		if (change === undefined) {
			this.flapping.forget(id);
			return;
		}
		if (!this.flapping.mayPublish(id, clock.monotonic())) {
			this.flapping.suppress(id);
			this.parked.add(id);
			return;
		}
		const record = alarm === undefined ? { alarmId: id } : wireAlarm(alarm);
		const message = { box: this.box, alarm: record, change, suppressed: this.flapping.suppressed(id) };
		await publisher.publish(alarmChannel(this.box), pushes.alarm, message);
		this.published++;
		this.totalsPending = true;
		this.flapping.recordPublished(id, clock.monotonic());
		const mark = alarm === undefined ? undefined : alarmMark(alarm);
		if (mark === undefined) this.marks?.delete(id);
		else this.marks?.set(id, mark);
		this.toNote.set(id, mark);
	}

	private async publishTotals(): Promise<void> {
		if (!this.totalsPending) return;
		const { mirror, publisher } = this.services;
		const message = { box: this.box, totals: totalsOf(mirror.all()) };
		await publisher.publish(alarmChannel(this.box), pushes.alarmCount, message);
		this.totalsPending = false;
	}

	private async note(): Promise<void> {
		if (this.toNote.size === 0) return;
		const noted = this.toNote;
		await this.services.ledger.save(this.box, noted);
		// Nothing is told while this waits: turns follow each other.
		this.toNote = new Map();
	}
}

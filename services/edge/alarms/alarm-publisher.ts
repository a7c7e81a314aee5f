// Publishes changes of a box's alarms on its recoverable channel, each until the broker has confirmed it. A change that
// could not be published stays pending, by alarm id: the number of pending changes is bounded by the number of alarms.

import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { PeriodicTask } from "../../../common/periodic-task.ts";
import type { EventSink } from "../../../messaging/event-sink.ts";
import type { Publisher } from "../../../messaging/publisher.ts";
import { Alarm_Change, pushes } from "../../../protocol/gen/schema.ts";
import type { BoxLease } from "../boxes/box-lease.ts";
import { alarmEvent } from "./alarm-event.ts";
import type { AlarmLedger } from "./alarm-ledger.ts";
import type { AlarmMirror } from "./alarm-mirror.ts";
import { alarmChannel, alarmMark, changeOf, totalsOf, wireAlarm } from "./alarm-wire.ts";
import { Flapping, type FlappingOptions } from "./flapping.ts";

export interface AlarmPublisherServices {
	readonly mirror: AlarmMirror;
	readonly ledger: AlarmLedger;
	readonly lease: BoxLease;
	readonly publisher: Publisher;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** Interval of retries after a failure, and of checks of parked alarms, in milliseconds. */
const INTERVAL_MS = 1000;
/** Pushes between two writes to the ledger: the most that the next publishing node would repeat. */
const SAVE_EVERY = 100;

export class AlarmPublisher {
	/** Alarm pushes, since the start. */
	published = 0;
	private readonly box: string;
	private readonly services: AlarmPublisherServices;
	private readonly flapping: Flapping;
	/** The contents of the ledger, while this node holds the lease. */
	private marks: Map<string, string> | undefined;
	private readonly pending = new Set<string>();
	/** Alarms that change too often, until they may be published again. */
	private readonly parked = new Set<string>();
	private unsavedMarks = new Map<string, string | undefined>();
	private totalsPending = false;
	private readonly rounds: PeriodicTask;

	constructor(box: string, services: AlarmPublisherServices, options: Partial<FlappingOptions> = {}) {
		this.box = box;
		this.services = services;
		this.flapping = new Flapping(options);
		this.rounds = new PeriodicTask({
			intervalMs: INTERVAL_MS,
			run: () => this.publishPending(),
			onError: (error) => services.logger.debug({ err: error, box }, "publishing alarm changes failed; will retry"),
		});
		services.mirror.onChange((ids) => this.changed(ids));
		services.lease.onTaken(() => {
			// Another node may have published since, so that the marks of this node are outdated.
			this.marks = undefined;
			void this.run();
		});
	}

	start(): void {
		this.rounds.start();
	}

	async close(): Promise<void> {
		await this.rounds.close();
		await this.run();
	}

	/** Publishes pending changes. Resolves when they were published, or publishing failed. */
	run(): Promise<void> {
		// A run in progress may have passed changes that have become pending since.
		return this.rounds.runAgain();
	}

	private changed(ids: readonly string[]): void {
		// The node that takes the lease compares everything.
		if (!this.services.lease.isHeld) return;
		for (const id of ids) {
			if (this.parked.has(id)) this.flapping.suppress(id);
			else this.pending.add(id);
		}
		void this.run();
	}

	private async publishPending(): Promise<void> {
		const { lease, mirror, logger } = this.services;
		if (!lease.isHeld || mirror.asOfMs === 0) return;
		try {
			await this.loadMarks();
			this.unpark();
			for (const id of this.pending) {
				if (!lease.isHeld) return;
				// Before it is published: a change that arrives meanwhile makes the alarm pending again.
				this.pending.delete(id);
				await this.publishChange(id).catch((error: unknown) => {
					this.pending.add(id);
					throw error;
				});
				if (this.unsavedMarks.size >= SAVE_EVERY) await this.saveMarks();
			}
			await this.publishTotals();
		} finally {
			await this.saveMarks().catch((error: unknown) => {
				logger.debug({ err: error, box: this.box }, "writing the alarm ledger failed; will retry");
			});
		}
	}

	/** When this node begins to publish: every alarm that differs from its published mark becomes pending. */
	private async loadMarks(): Promise<void> {
		if (this.marks !== undefined) return;
		const { ledger, mirror } = this.services;
		const known = await ledger.load(this.box);
		this.unsavedMarks = new Map();
		if (known === undefined) {
			const marks = new Map(mirror.all().map((alarm) => [alarm.id, alarmMark(alarm)]));
			await ledger.save(this.box, marks);
			this.marks = marks;
			this.pending.clear();
			return;
		}
		this.marks = new Map(known);
		this.pending.clear();
		// Oldest first: alarms raised while no node published are published in that order.
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

	private async publishChange(id: string): Promise<void> {
		const { mirror, publisher, events, clock } = this.services;
		const alarm = mirror.get(id);
		const published = this.marks?.get(id);
		// An alarm that changed and changed back is published as well: clients need to know that it flaps.
		const isBack = published !== undefined && this.flapping.suppressed(id) > 0 && !this.parked.has(id);
		const change = changeOf(published, alarm) ?? (isBack ? Alarm_Change.UPDATED : undefined);
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
		if (events?.wants("alarm")) events.offer(alarmEvent(message, clock.now()));
		this.published++;
		this.totalsPending = true;
		this.flapping.recordPublished(id, clock.monotonic());
		const mark = alarm === undefined ? undefined : alarmMark(alarm);
		if (mark === undefined) this.marks?.delete(id);
		else this.marks?.set(id, mark);
		this.unsavedMarks.set(id, mark);
	}

	private async publishTotals(): Promise<void> {
		if (!this.totalsPending) return;
		const { mirror, publisher } = this.services;
		const message = { box: this.box, totals: totalsOf(mirror.all()) };
		await publisher.publish(alarmChannel(this.box), pushes.alarmCount, message);
		this.totalsPending = false;
	}

	private async saveMarks(): Promise<void> {
		if (this.unsavedMarks.size === 0) return;
		const marks = this.unsavedMarks;
		await this.services.ledger.save(this.box, marks);
		// Nothing is published while this waits: runs are sequential.
		this.unsavedMarks = new Map();
	}
}

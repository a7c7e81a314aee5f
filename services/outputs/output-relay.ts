// Delivers the events of one output. Over all nodes the one that holds the output's lease does so; of each key one event at a time, in
// order, and of several keys at once. What fails is tried again after a pause that doubles, up to a number of attempts, and is a dead
// letter then; the events of other keys go on meanwhile. A receiver that fails event after event is tried by one at a time. An event
// is removed from the store once it was delivered: a node that dies in between, or that was paused for longer than its lease, makes
// it come twice, with the same id.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import { HeldLease } from "../../messaging/held-lease.ts";
import type { LeaseStore } from "../../messaging/lease.ts";
import type { Delivery, DeliveryResult } from "./delivery.ts";
import { LANE_EVENTS, type Lane, Lanes } from "./lanes.ts";
import { Outages } from "./outages.ts";
import type { OutputEvent, OutputStore } from "./output-store.ts";

export interface RelayServices {
	readonly store: OutputStore;
	readonly leases: LeaseStore;
	readonly delivery: Delivery;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface RelayOptions {
	/** Of the output. */
	readonly name: string;
	readonly leaseMs: number;
	readonly pollIntervalMs: number;
	/** Events that are being delivered at once. */
	readonly concurrency: number;
	/** Infinity: none is ever given up. */
	readonly maxAttempts: number;
	readonly firstRetryMs: number;
	readonly maxRetryMs: number;
	/** The store is read from the beginning after this: a transaction may have committed a lower number after a higher one. */
	readonly rescanIntervalMs?: number;
	/** Events of which none is kept that the receiver does not take. */
	readonly disposable?: string | undefined;
}

export interface RelayCounters {
	delivered: number;
	/** Attempts that failed. */
	failed: number;
	/** Given up. */
	buried: number;
}

const RENEWALS = 4;
/** Events read at once. */
const PAGE = 50;
const RESCAN_INTERVAL_MS = 5000;
/** Delivered events that are removed in one statement, and at which delivering waits for it. */
const MAX_REMOVED = 200;
const MAX_UNREMOVED = 2000;
/** At the end: how long what is being delivered may still take. */
const CLOSE_MS = 2000;

export class OutputRelay {
	readonly counters: RelayCounters = { delivered: 0, failed: 0, buried: 0 };
	private readonly services: RelayServices;
	private readonly options: RelayOptions;
	private readonly lease: HeldLease;
	private readonly lanes = new Lanes();
	private readonly outages: Outages;
	/** Done, and not yet removed from the store. */
	private readonly delivered = new Set<number>();
	private readonly running = new Set<Promise<void>>();
	private readonly closing = new AbortController();
	private readonly polls: PeriodicTask;
	private readonly renewals: PeriodicTask;
	private cursor = 0;
	private rescanAtMs = 0;
	private isAtEnd = false;
	private isClosing = false;

	constructor(services: RelayServices, options: RelayOptions) {
		this.services = services;
		this.options = options;
		const { leases, clock, logger } = services;
		const { name, leaseMs } = options;
		const holder = randomBytes(12).toString("base64url");
		const leaseName = `output:${name}`;
		this.lease = new HeldLease({
			ttlMs: leaseMs,
			clock,
			take: async () => ((await leases.take(leaseName, holder, leaseMs)) === holder ? "extended" : "refused"),
			release: () => leases.release(leaseName, holder),
		});
		this.lease.onTaken(() => this.restart());
		this.outages = new Outages(name, options, clock, logger);
		const onError = (error: unknown) =>
			logger.debug({ err: error, output: name }, "an output's round failed; will retry");
		this.renewals = new PeriodicTask({ intervalMs: leaseMs / RENEWALS, run: () => this.lease.renew(), onError });
		this.polls = new PeriodicTask({ intervalMs: options.pollIntervalMs, run: () => this.poll(), onError });
	}

	/** This node delivers. */
	get isHeld(): boolean {
		return this.lease.isHeld;
	}

	/** The receiver takes events, as far as is known. */
	get isUp(): boolean {
		return this.outages.isUp;
	}

	/** Nothing is pending, as far as this node knows: what is delivered without the store comes in order. */
	get isDrained(): boolean {
		return this.isHeld && this.isAtEnd && this.lanes.size === 0 && this.running.size === 0;
	}

	async start(): Promise<void> {
		this.renewals.start();
		this.polls.start();
		await this.renewals.run();
		this.wake();
	}

	/** There is something new, or a receiver is back. */
	wake(): void {
		this.outages.onReachable();
		if (!this.isClosing && this.isHeld) void this.polls.run();
	}

	/** Events were added by this process: what it knows of the end of the store is outdated. */
	onAppended(): void {
		this.isAtEnd = false;
		if (!this.isClosing && this.isHeld) void this.polls.runAgain();
	}

	/** Finishes what is being delivered, within two seconds, and leaves the rest to others. */
	async close(): Promise<void> {
		this.isClosing = true;
		await this.polls.close();
		const timer = setTimeout(() => this.closing.abort(), CLOSE_MS);
		while (this.running.size > 0) await Promise.all(this.running);
		clearTimeout(timer);
		const { logger } = this.services;
		await this.removeDelivered().catch((error: unknown) => {
			logger.debug({ err: error, output: this.options.name }, "events that were delivered may be delivered again");
		});
		await this.renewals.close();
		if (this.isHeld) await this.lease.release().catch(() => undefined);
	}

	/** Another node may have delivered since. */
	private restart(): void {
		this.lanes.clear();
		this.cursor = 0;
		this.isAtEnd = false;
		void this.polls.run();
	}

	private async poll(): Promise<void> {
		if (!this.isHeld) {
			this.lanes.clear();
			this.isAtEnd = false;
			return;
		}
		await this.removeDelivered();
		await this.fill();
		this.dispatch();
	}

	/** Reads what is pending, as far as there is room. */
	private async fill(): Promise<void> {
		const { store, clock } = this.services;
		if (clock.monotonic() >= this.rescanAtMs) {
			this.cursor = 0;
			this.rescanAtMs = clock.monotonic() + (this.options.rescanIntervalMs ?? RESCAN_INTERVAL_MS);
		}
		while (!this.lanes.isFull) {
			const events = await store.pending(this.options.name, this.cursor, PAGE);
			for (const event of events) {
				if (!this.delivered.has(event.number) && !this.lanes.add(event)) return;
				this.cursor = event.number;
			}
			this.isAtEnd = events.length < PAGE;
			if (this.isAtEnd) return;
		}
		this.isAtEnd = false;
	}

	private dispatch(): void {
		if (!this.isHeld || this.isClosing || this.delivered.size >= MAX_UNREMOVED) return;
		const nowMs = this.services.clock.monotonic();
		const room = Math.min(this.options.concurrency, this.outages.permitted(nowMs)) - this.running.size;
		const ready: Lane[] = [];
		for (const lane of this.lanes.ready(nowMs)) {
			if (ready.length >= room) break;
			ready.push(lane);
		}
		for (const lane of ready) {
			lane.isRunning = true;
			const run = this.deliver(lane).finally(() => {
				this.lanes.settle(lane);
				this.running.delete(run);
				this.dispatch();
				if (this.isClosing) return;
				if (this.lanes.size === 0 || this.delivered.size >= MAX_REMOVED) void this.polls.run();
			});
			this.running.add(run);
		}
	}

	/** Delivers the first event of a lane. Never throws. */
	private async deliver(lane: Lane): Promise<void> {
		const { delivery, clock, logger } = this.services;
		try {
			if (lane.events.length === 0) await this.refill(lane);
			const event = lane.events[0];
			if (event === undefined || !this.isHeld) return;
			await this.settle(lane, event, await delivery.deliver(event, this.closing.signal));
		} catch (error) {
			logger.debug({ err: error, output: this.options.name }, "the store of an output's events failed; will retry");
			this.lanes.postpone(lane, clock.monotonic() + this.options.firstRetryMs);
		}
	}

	private async refill(lane: Lane): Promise<void> {
		await this.removeDelivered();
		const events = await this.services.store.pendingOfKey(this.options.name, lane.key, LANE_EVENTS);
		const fresh = events.filter(({ number }) => !this.delivered.has(number));
		this.lanes.refill(lane, fresh, events.length < LANE_EVENTS);
	}

	private async settle(lane: Lane, event: OutputEvent, result: DeliveryResult): Promise<void> {
		const { clock } = this.services;
		switch (result.outcome) {
			case "delivered":
				this.counters.delivered++;
				this.outages.onDelivered();
				this.delivered.add(event.number);
				this.lanes.shift(lane);
				return;
			case "rejected":
				this.counters.failed++;
				this.outages.onDelivered();
				await this.bury(lane, event, result.error);
				return;
			case "failed":
				if (this.closing.signal.aborted) return;
				this.counters.failed++;
				this.outages.onFailed(result.error, result.retryAfterMs);
				await this.retryLater(lane, event, result.error, result.retryAfterMs);
				return;
			case "unavailable":
				this.outages.onUnavailable();
				this.lanes.postpone(lane, clock.monotonic());
				return;
			default:
				result satisfies never;
		}
	}

	private async retryLater(lane: Lane, event: OutputEvent, error: string, retryAfterMs = 0): Promise<void> {
		const { store, clock } = this.services;
		const { name, maxAttempts, maxRetryMs } = this.options;
		const attempts = event.attempts + 1;
		if (attempts >= maxAttempts) {
			await this.bury(lane, event, error);
			return;
		}
		const pauseMs = Math.max(this.pauseMs(attempts), Math.min(retryAfterMs, maxRetryMs));
		this.lanes.postpone(lane, clock.monotonic() + pauseMs);
		await store.recordFailure(name, event.number, attempts, error);
	}

	/** Doubles with each attempt; a random part of it, so that what failed together is not tried again together. */
	private pauseMs(attempts: number): number {
		const { firstRetryMs, maxRetryMs } = this.options;
		return Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(attempts - 1, 30)) * (0.75 + Math.random() / 4);
	}

	private async bury(lane: Lane, event: OutputEvent, error: string): Promise<void> {
		const { store, clock, logger } = this.services;
		const { name, disposable } = this.options;
		if (event.kind === disposable) {
			this.counters.buried++;
			this.delivered.add(event.number);
			this.lanes.shift(lane);
			return;
		}
		await store.bury(name, event.number, event.attempts + 1, error, clock.now());
		// Not before: the store may refuse, and the event is given up again then.
		this.counters.buried++;
		this.lanes.shift(lane);
		this.lanes.forget([event.number]);
		logger.warn({ output: name, eventId: event.id, kind: event.kind, error }, "an event could not be delivered");
	}

	/** @throws GatewayError UNAVAILABLE; it is tried again then. */
	private async removeDelivered(): Promise<void> {
		while (this.delivered.size > 0) {
			const numbers = [...this.delivered].slice(0, MAX_REMOVED);
			await this.services.store.remove(this.options.name, numbers);
			for (const number of numbers) this.delivered.delete(number);
			this.lanes.forget(numbers);
		}
	}
}

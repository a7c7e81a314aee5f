// Which node publishes the events of a box. Every node reads the box; the node that holds the box's lease publishes.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";

export interface BoxLeaseOptions {
	/** Another node takes the lease of a holder that is gone after this, in milliseconds. */
	readonly ttlMs: number;
}

export const boxLeaseDefaults: BoxLeaseOptions = { ttlMs: 10_000 };

/** Renewals within the time to live of a lease. */
const RENEWALS = 4;

export class BoxLease {
	private readonly name: string;
	private readonly holder: string;
	private readonly leases: LeaseStore;
	private readonly clock: Clock;
	private readonly logger: Logger;
	private readonly ttlMs: number;
	private readonly listeners: (() => void)[] = [];
	private untilMs = Number.NEGATIVE_INFINITY;
	private interval: AlignedInterval | undefined;
	private running: Promise<void> | undefined;

	/** @param holder - unique for each start of the process. */
	constructor(
		box: string,
		holder: string,
		services: { readonly leases: LeaseStore; readonly clock: Clock; readonly logger: Logger },
		options: Partial<BoxLeaseOptions> = {},
	) {
		this.name = `box:${box}`;
		this.holder = holder;
		this.leases = services.leases;
		this.clock = services.clock;
		this.logger = services.logger;
		this.ttlMs = options.ttlMs ?? boxLeaseDefaults.ttlMs;
	}

	/** No other node holds it. The time to live is counted from before the request. */
	get isHeld(): boolean {
		return this.clock.monotonic() < this.untilMs;
	}

	/** Called when this node has taken the lease. */
	onTaken(listener: () => void): void {
		this.listeners.push(listener);
	}

	async start(): Promise<void> {
		this.interval = new AlignedInterval(() => void this.run(), this.ttlMs / RENEWALS);
		await this.run();
	}

	/** Takes or renews. */
	run(): Promise<void> {
		this.running ??= this.renew().finally(() => {
			this.running = undefined;
		});
		return this.running;
	}

	async close(): Promise<void> {
		this.interval?.stop();
		await this.running;
		if (!this.isHeld) return;
		this.untilMs = Number.NEGATIVE_INFINITY;
		await this.leases.release(this.name, this.holder).catch((error: unknown) => {
			this.logger.debug({ err: error }, "a box lease was not given back; it ends by itself");
		});
	}

	private async renew(): Promise<void> {
		const askedAtMs = this.clock.monotonic();
		const wasHeld = this.isHeld;
		try {
			const holder = await this.leases.take(this.name, this.holder, this.ttlMs);
			this.untilMs = holder === this.holder ? askedAtMs + this.ttlMs : Number.NEGATIVE_INFINITY;
		} catch (error) {
			this.logger.debug({ err: error }, "renewing a box lease failed; will retry");
		}
		if (this.isHeld && !wasHeld) for (const listener of this.listeners) listener();
	}
}

// Which node publishes the events of a box. Every node reads the box; the node that holds the box's lease publishes.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";

export interface BoxLeaseOptions {
	/** A holder that is gone is succeeded after this, in milliseconds. */
	readonly ttlMs: number;
}

export const boxLeaseDefaults: BoxLeaseOptions = { ttlMs: 10_000 };

/** Renewals within the life of a lease. */
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
	private rounds: AlignedInterval | undefined;
	private turning: Promise<void> | undefined;

	/** @param holder - unique for the life of this process. */
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

	/** Nobody else holds it, counted from before it was asked for. */
	get isHeld(): boolean {
		return this.clock.monotonic() < this.untilMs;
	}

	/** Called when this node has taken the lease. */
	onTaken(listener: () => void): void {
		this.listeners.push(listener);
	}

	async start(): Promise<void> {
		this.rounds = new AlignedInterval(() => void this.turn(), this.ttlMs / RENEWALS);
		await this.turn();
	}

	/** Takes or renews. */
	turn(): Promise<void> {
		this.turning ??= this.renew().finally(() => {
			this.turning = undefined;
		});
		return this.turning;
	}

	async close(): Promise<void> {
		this.rounds?.stop();
		await this.turning;
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
			this.logger.debug({ err: error }, "a box lease was not renewed; the next turn tries again");
		}
		if (this.isHeld && !wasHeld) for (const listener of this.listeners) listener();
	}
}

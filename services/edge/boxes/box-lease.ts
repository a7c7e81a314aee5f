// Which node publishes the events of a box. Every node reads the box; the node that holds the box's lease publishes.

import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { PeriodicTask } from "../../../common/periodic-task.ts";
import { HeldLease } from "../../../messaging/held-lease.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";
import { edgeDefaults } from "../options.ts";

/** Renewals within the time to live of a lease. */
const RENEWALS = 4;

export interface BoxLeaseServices {
	readonly leases: LeaseStore;
	readonly clock: Clock;
	readonly logger: Logger;
}

export class BoxLease {
	private readonly lease: HeldLease;
	private readonly logger: Logger;
	private readonly renewals: PeriodicTask;

	/** @param holder - unique for each start of the process. */
	constructor(
		box: string,
		holder: string,
		{ leases, clock, logger }: BoxLeaseServices,
		ttlMs: number = edgeDefaults.leaseMs,
	) {
		const name = `box:${box}`;
		this.lease = new HeldLease({
			ttlMs,
			clock,
			take: async () => ((await leases.take(name, holder, ttlMs)) === holder ? "extended" : "refused"),
			release: () => leases.release(name, holder),
		});
		this.logger = logger;
		this.renewals = new PeriodicTask({
			intervalMs: ttlMs / RENEWALS,
			run: () => this.lease.renew(),
			onError: (error) => logger.debug({ err: error }, "renewing a box lease failed; will retry"),
		});
	}

	/** No other node holds it. */
	get isHeld(): boolean {
		return this.lease.isHeld;
	}

	/** Called when this node has taken the lease. */
	onTaken(listener: () => void): void {
		this.lease.onTaken(listener);
	}

	async start(): Promise<void> {
		this.renewals.start();
		await this.run();
	}

	/** Takes or renews. */
	run(): Promise<void> {
		return this.renewals.run();
	}

	async close(): Promise<void> {
		await this.renewals.close();
		if (!this.isHeld) return;
		await this.lease.release().catch((error: unknown) => {
			this.logger.debug({ err: error }, "a box lease was not given back; it ends by itself");
		});
	}
}

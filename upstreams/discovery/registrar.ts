// Keeps the gateway registered at one discovery server: published when it is ready, renewed by the clock, published again as soon as
// a server that was unreachable is back, withdrawn before the drain.

import { Backoff } from "../../common/backoff.ts";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { SingleFlight } from "../../common/single-flight.ts";
import type { Registration, RegistrationStore } from "./discovery-client.ts";

export interface RegistrarOptions {
	/** `etcd`, `nacos`: for logs and metrics. */
	readonly kind: string;
	readonly store: RegistrationStore;
	readonly registration: Registration;
	/** Between two renewals, in milliseconds. */
	readonly intervalMs: number;
	/** After this time without a renewal the server has removed the record, in milliseconds. */
	readonly ttlMs: number;
	/** Asked before the first publication; later, a gateway that is not ready stays registered. */
	readonly isReady: () => Promise<boolean>;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface RegistrationStatus {
	/** The server has confirmed the record within its term. */
	readonly isRegistered: boolean;
	/** Whether it is to be registered. */
	readonly isWanted: boolean;
	/** Unix milliseconds of the last confirmation; undefined before the first. */
	readonly confirmedAtMs: number | undefined;
	/** Why the last attempt failed; undefined when it succeeded. */
	readonly error: string | undefined;
}

export interface RegistrationCounts {
	published: number;
	renewed: number;
	withdrawn: number;
	failed: number;
}

/** How often a gateway that is not ready yet is asked again. */
const READY_POLL_MS = 500;
const FIRST_RETRY_MS = 500;

export class Registrar {
	readonly counts: RegistrationCounts = { published: 0, renewed: 0, withdrawn: 0, failed: 0 };
	private readonly options: RegistrarOptions;
	private readonly flight: SingleFlight;
	private readonly backoff: Backoff;
	private timer: NodeJS.Timeout | undefined;
	private isWanted = false;
	private isClosed = false;
	private wasReady = false;
	/** The server took it, and has not said otherwise. */
	private isPublished = false;
	private confirmedAt: { readonly wallMs: number; readonly monotonicMs: number } | undefined;
	private lastError: Error | undefined;

	constructor(options: RegistrarOptions) {
		this.options = options;
		this.flight = new SingleFlight(() => this.step());
		this.backoff = new Backoff({ firstMs: FIRST_RETRY_MS, maxMs: options.intervalMs });
		options.store.onDoubt(() => {
			if (this.isPublished) void this.flight.runAgain();
		});
	}

	get registration(): Registration {
		return this.options.registration;
	}

	get status(): RegistrationStatus {
		const { confirmedAt, isWanted } = this;
		const ageMs = confirmedAt === undefined ? Infinity : this.options.clock.monotonic() - confirmedAt.monotonicMs;
		return {
			isRegistered: this.isPublished && ageMs < this.options.ttlMs,
			isWanted,
			confirmedAtMs: confirmedAt?.wallMs,
			error: this.lastError?.message,
		};
	}

	/** Registers it, as soon as the gateway is ready and the server answers. */
	start(): void {
		this.isWanted = true;
		void this.flight.run();
	}

	/** Registers it now. @throws Error when that failed; further attempts are made by the clock. */
	async register(): Promise<void> {
		this.isWanted = true;
		await this.flight.runAgain();
		if (!this.isPublished) throw this.lastError ?? new Error("the gateway is not ready");
	}

	/**
	 * Removes it, and keeps it removed until `register`.
	 *
	 * @throws Error when the server did not take it: the record ends with its term.
	 */
	async withdraw(): Promise<void> {
		this.isWanted = false;
		await this.flight.runAgain();
		if (this.isPublished) throw this.lastError ?? new Error("the record was not removed");
	}

	/** No further attempts; the record stays until its term is over, unless it was withdrawn. */
	async close(): Promise<void> {
		this.isClosed = true;
		clearTimeout(this.timer);
		await this.flight.settled();
	}

	/** One attempt at what is wanted, and the time of the next one. Never throws. */
	private async step(): Promise<void> {
		clearTimeout(this.timer);
		const nextMs = await this.attempt();
		if (this.isClosed || nextMs === undefined) return;
		this.timer = setTimeout(() => void this.flight.run(), nextMs).unref();
	}

	/** @returns milliseconds until the next attempt; undefined when none is needed. */
	private async attempt(): Promise<number | undefined> {
		const { logger, kind, intervalMs } = this.options;
		try {
			if (!this.isWanted) {
				await this.remove();
				return undefined;
			}
			if (!this.wasReady && !(await this.options.isReady())) return READY_POLL_MS;
			this.wasReady = true;
			await this.keep();
			if (this.lastError !== undefined)
				logger.info({ registry: kind }, "the discovery server answers again; the gateway is registered");
			this.lastError = undefined;
			this.backoff.reset();
			return intervalMs;
		} catch (error) {
			this.counts.failed++;
			if (this.lastError === undefined) {
				const message = this.isWanted
					? "registering the gateway failed; retrying"
					: "withdrawing the gateway failed; the record ends with its term";
				logger.warn({ registry: kind, err: (error as Error).message }, message);
			}
			this.lastError = error as Error;
			return this.isWanted ? this.backoff.next() : undefined;
		}
	}

	private async keep(): Promise<void> {
		const { store, registration, clock, kind, logger } = this.options;
		if (this.isPublished && (await store.renew(registration))) {
			this.counts.renewed++;
		} else {
			const isFirst = !this.isPublished;
			this.isPublished = false;
			await store.publish(registration);
			this.isPublished = true;
			this.counts.published++;
			const { service, host, port } = registration;
			const message = isFirst ? "the gateway is registered" : "the gateway is registered again: its record was gone";
			logger.info({ registry: kind, service, host, port }, message);
		}
		this.confirmedAt = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
	}

	private async remove(): Promise<void> {
		const { store, registration, kind, logger } = this.options;
		// Also when it was never confirmed: an attempt without an answer may have reached the server.
		await store.withdraw(registration);
		this.lastError = undefined;
		if (!this.isPublished) return;
		this.isPublished = false;
		this.counts.withdrawn++;
		logger.info({ registry: kind, service: registration.service }, "the gateway is withdrawn");
	}
}

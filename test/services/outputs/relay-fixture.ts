// A relay on a real store with a receiver that answers as the test says.
import { systemClock } from "../../../common/clock.ts";
import type { LeaseStore } from "../../../messaging/lease.ts";
import { MemoryLeaseStore } from "../../../messaging/lease-store-memory.ts";
import type { Delivery, DeliveryResult } from "../../../services/outputs/delivery.ts";
import { OutputRelay, type RelayOptions } from "../../../services/outputs/output-relay.ts";
import type { NewOutputEvent, OutputEvent, OutputStore } from "../../../services/outputs/output-store.ts";
import { SqlOutputStore } from "../../../services/outputs/store/output-store-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

export const relayOptions: RelayOptions = {
	name: "hook",
	leaseMs: 10_000,
	pollIntervalMs: 10,
	concurrency: 4,
	maxAttempts: 3,
	firstRetryMs: 10,
	maxRetryMs: 20,
};

export function event(id: string, key: string, change: Partial<NewOutputEvent> = {}): NewOutputEvent {
	return { output: "hook", id, key, kind: "message.sent", body: Buffer.from(id), atMs: Date.now(), ...change };
}

/** What the receiver got, and how it answers. */
export class ScriptedDelivery implements Delivery {
	/** Ids, in the order in which deliveries began. */
	readonly begun: string[] = [];
	/** Ids that were taken, in order. */
	readonly taken: string[] = [];
	/** In delivery at once, at most. */
	mostAtOnce = 0;
	/** More than one of a key were in delivery at once. */
	overlapped = false;
	answer: (event: OutputEvent) => DeliveryResult | Promise<DeliveryResult> = () => ({ outcome: "delivered" });
	private readonly keys = new Set<string>();

	async deliver(event: OutputEvent): Promise<DeliveryResult> {
		this.begun.push(event.id);
		if (this.keys.has(event.key)) this.overlapped = true;
		this.keys.add(event.key);
		this.mostAtOnce = Math.max(this.mostAtOnce, this.keys.size);
		await new Promise((resolve) => setImmediate(resolve));
		const result = await this.answer(event);
		this.keys.delete(event.key);
		if (result.outcome === "delivered") this.taken.push(event.id);
		return result;
	}
}

export async function openStore(): Promise<{ readonly database: Database; readonly store: OutputStore }> {
	const database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
	await database.migrate();
	return { database, store: new SqlOutputStore(database) };
}

export function openRelay(
	store: OutputStore,
	change: Partial<RelayOptions> = {},
	leases: LeaseStore = new MemoryLeaseStore(systemClock.monotonic),
) {
	const delivery = new ScriptedDelivery();
	const logger = quietLogger();
	const relay = new OutputRelay(
		{ store, leases, delivery, clock: systemClock, logger },
		{ ...relayOptions, ...change },
	);
	return { relay, delivery, logger };
}

// Writes events to the store of outputs: what comes while one statement runs goes with the next one. Bounded by bytes of what waits,
// and by what each output may have pending; beyond either, events are dropped and counted.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { unavailable } from "../../protocol/error.ts";
import type { NewOutputEvent, OutputStore, OutputUsage } from "./output-store.ts";

export interface WriterServices {
	readonly store: OutputStore;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Called when events of an output were added. */
	readonly onAppended: (output: string) => void;
}

/** What an output may have pending. */
export interface PendingBound {
	readonly maxEvents: number;
	readonly maxBytes: number;
	/** Events that are removed, the oldest first, to make room for others. */
	readonly disposable?: string | undefined;
}

interface Waiting {
	readonly events: readonly NewOutputEvent[];
	readonly bytes: number;
	/** Undefined: it stays until it is on disk. */
	readonly reject: ((error: unknown) => void) | undefined;
	readonly resolve: () => void;
}

/** Bytes of events that wait to be written, with what surrounds each. */
const MAX_WAITING_BYTES = 16_777_216;
const EVENT_BYTES = 512;
/** Written in one transaction. */
const MAX_BATCH = 500;
const RETRY_MS = 1000;
/** How long a count of what is pending is believed. */
const USAGE_FRESH_MS = 5000;
/** Part of what is pending that is removed at once to make room. */
const DISPOSED_SHARE = 1 / 16;
/** Between two lines about dropped events of one output. */
const QUIET_MS = 60_000;

interface Usage extends OutputUsage {
	readonly readAtMs: number;
	/** Added since, by this process. */
	events: number;
	bytes: number;
}

export class EventWriter {
	/** Events that no room was left for, by output. */
	readonly dropped = new Map<string, number>();
	/** Events that are larger than their output sends, by output. */
	readonly oversized = new Map<string, number>();
	private readonly services: WriterServices;
	private readonly bounds: ReadonlyMap<string, PendingBound>;
	private readonly waiting: Waiting[] = [];
	private waitingBytes = 0;
	private readonly usages = new Map<string, Usage>();
	private readonly quietUntilMs = new Map<string, number>();
	private run: Promise<void> | undefined;
	private retry: NodeJS.Timeout | undefined;

	/** @param bounds - of every output, by name. */
	constructor(services: WriterServices, bounds: ReadonlyMap<string, PendingBound>) {
		this.services = services;
		this.bounds = bounds;
		for (const output of bounds.keys()) {
			this.dropped.set(output, 0);
			this.oversized.set(output, 0);
		}
	}

	/** @returns when they are on disk, or dropped. @throws GatewayError UNAVAILABLE. */
	keep(events: readonly NewOutputEvent[]): Promise<void> {
		return new Promise((resolve, reject) => {
			if (!this.push(events, resolve, reject)) reject(unavailable("room for events", RETRY_MS));
		});
	}

	/** Keeps them in memory until they are on disk. Never throws. */
	offer(events: readonly NewOutputEvent[]): void {
		if (this.push(events, () => undefined, undefined)) return;
		for (const { output } of events) this.drop(output, 1);
	}

	/** What is pending of an output; undefined while it is not known. */
	usage(output: string): OutputUsage | undefined {
		return this.usages.get(output);
	}

	/** Reads what is pending of every output. @throws GatewayError UNAVAILABLE. */
	async refresh(): Promise<void> {
		for (const output of this.bounds.keys()) await this.fresh(output, 0);
	}

	/** Writes what waits, once; what cannot be written then is lost. */
	async close(): Promise<void> {
		clearTimeout(this.retry);
		await this.run;
		clearTimeout(this.retry);
		if (this.waiting.length === 0) return;
		await this.writeAll();
		clearTimeout(this.retry);
		const lost = this.waiting.reduce((sum, { events }) => sum + events.length, 0);
		if (lost > 0) this.services.logger.warn({ events: lost }, "events were lost: their store is unavailable");
	}

	private push(
		events: readonly NewOutputEvent[],
		resolve: () => void,
		reject: ((error: unknown) => void) | undefined,
	): boolean {
		const bytes = events.reduce((sum, { body }) => sum + body.length + EVENT_BYTES, 0);
		if (this.waitingBytes + bytes > MAX_WAITING_BYTES) return false;
		this.waiting.push({ events, bytes, resolve, reject });
		this.waitingBytes += bytes;
		// While the store fails, the timer goes on.
		if (this.retry === undefined) this.start();
		return true;
	}

	private start(): void {
		this.run ??= this.writeAll().finally(() => {
			this.run = undefined;
			// What came since the last look.
			if (this.waiting.length > 0 && this.retry === undefined) this.start();
		});
	}

	private async writeAll(): Promise<void> {
		this.retry = undefined;
		// What is pushed in the same turn goes together.
		await Promise.resolve();
		while (this.waiting.length > 0) {
			const batch = this.nextBatch();
			try {
				await this.write(batch.flatMap(({ events }) => events));
				for (const { resolve } of batch) resolve();
				this.take(batch.length);
			} catch (error) {
				this.services.logger.debug({ err: error }, "writing events for outputs failed; will retry");
				this.failed(batch, error);
				this.retry = setTimeout(() => this.start(), RETRY_MS);
				return;
			}
		}
	}

	private nextBatch(): readonly Waiting[] {
		let events = 0;
		const end = this.waiting.findIndex((waiting) => {
			events += waiting.events.length;
			return events > MAX_BATCH;
		});
		return this.waiting.slice(0, end < 0 ? this.waiting.length : Math.max(1, end));
	}

	/** Removes the first ones, which are done. */
	private take(count: number): void {
		for (const { bytes } of this.waiting.splice(0, count)) this.waitingBytes -= bytes;
	}

	/** Those whose producers repeat them are refused; the others stay. */
	private failed(batch: readonly Waiting[], error: unknown): void {
		this.waiting.splice(0, batch.length, ...batch.filter(({ reject }) => reject === undefined));
		for (const { reject, bytes } of batch) {
			if (reject === undefined) continue;
			this.waitingBytes -= bytes;
			reject(error);
		}
	}

	private async write(events: readonly NewOutputEvent[]): Promise<void> {
		const byOutput = new Map<string, NewOutputEvent[]>();
		for (const event of events) {
			const ofOutput = byOutput.get(event.output);
			if (ofOutput === undefined) byOutput.set(event.output, [event]);
			else ofOutput.push(event);
		}
		const admitted: NewOutputEvent[] = [];
		for (const [output, ofOutput] of byOutput) admitted.push(...(await this.admit(output, ofOutput)));
		if (admitted.length > 0) await this.services.store.append(admitted);
		for (const output of byOutput.keys()) this.services.onAppended(output);
	}

	/** Those that there is room for. */
	private async admit(output: string, events: readonly NewOutputEvent[]): Promise<readonly NewOutputEvent[]> {
		const { maxEvents, maxBytes, disposable } = this.bounds.get(output) ?? { maxEvents: 0, maxBytes: 0 };
		let usage = await this.fresh(output, USAGE_FRESH_MS);
		const bytesOf = (sum: number, { body }: NewOutputEvent) => sum + body.length;
		const more = { events: events.length, bytes: events.reduce(bytesOf, 0) };
		const isBeyond = () =>
			usage.pending + usage.events + more.events > maxEvents ||
			usage.pendingBytes + usage.bytes + more.bytes > maxBytes;
		while (disposable !== undefined && isBeyond()) {
			const share = Math.ceil(usage.pending * DISPOSED_SHARE);
			const disposed = await this.services.store.dropOldest(output, disposable, Math.max(share, more.events));
			this.drop(output, disposed);
			usage = await this.fresh(output, 0);
			if (disposed === 0) break;
		}
		const admitted: NewOutputEvent[] = [];
		for (const event of events) {
			const isFull =
				usage.pending + usage.events >= maxEvents || usage.pendingBytes + usage.bytes + event.body.length > maxBytes;
			if (isFull) {
				this.drop(output, 1);
				continue;
			}
			usage.events++;
			usage.bytes += event.body.length;
			admitted.push(event);
		}
		return admitted;
	}

	private async fresh(output: string, maxAgeMs: number): Promise<Usage> {
		const { store, clock } = this.services;
		const known = this.usages.get(output);
		const nowMs = clock.monotonic();
		if (known !== undefined && nowMs - known.readAtMs < maxAgeMs) return known;
		const read: Usage = { ...(await store.usage(output)), readAtMs: nowMs, events: 0, bytes: 0 };
		this.usages.set(output, read);
		return read;
	}

	/** Counts events that no room is left for, and logs it once a minute. */
	drop(output: string, events: number): void {
		if (events === 0) return;
		this.dropped.set(output, (this.dropped.get(output) ?? 0) + events);
		this.log(output, "", "events of an output are dropped: it has no room for more");
	}

	/** Counts an event that is larger than its output sends, and logs it once a minute for each kind. */
	dropOversized(output: string, kind: string): void {
		this.oversized.set(output, (this.oversized.get(output) ?? 0) + 1);
		this.log(output, kind, "events of an output are dropped: they are larger than it sends");
	}

	private log(output: string, kind: string, message: string): void {
		const nowMs = this.services.clock.monotonic();
		const about = `${output} ${kind}`;
		if (nowMs < (this.quietUntilMs.get(about) ?? Number.NEGATIVE_INFINITY)) return;
		this.quietUntilMs.set(about, nowMs + QUIET_MS);
		this.services.logger.error({ output, ...(kind !== "" && { kind }) }, message);
	}
}

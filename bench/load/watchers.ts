// Clients that watch telemetry, in one load process: they subscribe at a fixed pace, and every batch that comes is
// looked at in full. A batch that is missing, has points missing, or comes out of turn is an error.
import * as hdr from "hdr-histogram-js";
import { DataBatch, Envelope, pushes } from "../../protocol/gen/schema.ts";
import type { ObservedResult, OpenResult, SubscribeResult, WatchCommand } from "./commands.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import { clientFrame, upgradeRequest } from "./frames.ts";
import { histogram } from "./histogram.ts";
import { clockUs } from "./stamps.ts";
import { Waiting } from "./waiting.ts";

const TICK_MS = 1;
const WITHIN_MS = 60_000;

/** What one client has received so far. */
interface Watch {
	/** When it subscribed; -1 before. */
	askedAtUs: number;
	/** Whether the first data has come in full. */
	hasData: boolean;
	/** When the newest data began to come; -1 while there was none after the first. */
	tickAtUs: number;
	/** The sequence number of the batch before; -1 before any. */
	seq: number;
	/** A batch that belongs to the one before is to come. */
	isContinued: boolean;
	/** Points of the present tick so far. */
	tickPoints: number;
}

export class Watchers implements ConnectionListener {
	private readonly command: WatchCommand;
	private readonly upgrade: Buffer;
	private readonly connections: Connection[] = [];
	private readonly watches: Watch[] = [];
	private readonly openTimes = histogram();
	private readonly firstData = histogram();
	private readonly waiting = new Waiting();
	private jitter = histogram();
	private startedAtNs = 0n;
	private servedAtNs = 0n;
	private served = 0;
	private withData = 0;
	private points = 0;
	private ticks = 0;
	private errors = 0;
	private firstError = "";
	private sample: Uint8Array = new Uint8Array(0);

	constructor(command: WatchCommand) {
		this.command = command;
		this.upgrade = upgradeRequest(command.port, command.path);
	}

	async open(): Promise<OpenResult> {
		const { connections, window } = this.command;
		this.startedAtNs = process.hrtime.bigint();
		for (let i = 0; i < Math.min(window, connections); i++) this.openNext();
		await this.waiting.until(() => this.served >= connections || this.errors > 0, WITHIN_MS);
		if (this.served < connections) this.record("watchers not connected in time");
		return {
			startedAtNs: Number(this.startedAtNs),
			servedAtNs: Number(this.servedAtNs),
			histogram: hdr.encodeIntoCompressedBase64(this.openTimes),
			...this.failures(),
		};
	}

	/** One after the other subscribes; resolves when each has all of its first data. */
	async subscribe(perSecond: number): Promise<SubscribeResult> {
		const { connections, subscribe } = this.command;
		const startUs = clockUs();
		let asked = 0;
		await new Promise<void>((resolve) => {
			const tick = (): void => {
				for (; asked < connections && startUs + (asked * 1_000_000) / perSecond <= clockUs(); asked++) {
					(this.watches[asked] as Watch).askedAtUs = clockUs();
					const request = subscribe[asked % subscribe.length];
					if (request !== undefined && request.length > 0) this.connections[asked]?.write(clientFrame(request));
				}
				if (asked < connections && this.errors === 0) setTimeout(tick, TICK_MS);
				else resolve();
			};
			tick();
		});
		await this.waiting.until(() => this.withData >= connections || this.errors > 0, WITHIN_MS);
		if (this.withData < connections) this.record("no first data in time");
		return { ...this.failures(), firstData: hdr.encodeIntoCompressedBase64(this.firstData) };
	}

	/** Resets the counters, but not the position of each client. */
	observe(): ObservedResult {
		const before = this.observed();
		this.points = 0;
		this.ticks = 0;
		this.jitter = histogram();
		return before;
	}

	/** What was received since `observe`. */
	observed(): ObservedResult {
		const jitter = hdr.encodeIntoCompressedBase64(this.jitter);
		return { ...this.failures(), points: this.points, ticks: this.ticks, jitter, sample: this.sample };
	}

	close(): ObservedResult {
		for (const connection of this.connections) connection.close();
		return this.observed();
	}

	onUpgraded(connection: Connection): void {
		const { first } = this.command;
		const payload = first[connection.index % first.length];
		if (payload === undefined) this.onServed(connection);
		else connection.write(clientFrame(payload));
	}

	onMessage(connection: Connection, bytes: Buffer, start: number, end: number): void {
		const frame = bytes.subarray(start, end);
		const envelope = Envelope.decode(frame);
		if (envelope.code) this.record(`code ${envelope.code}: ${envelope.error?.message ?? ""}`);
		else if (envelope.protocol === pushes.dataBatch.number) this.onBatch(connection, envelope.body, frame);
		else if (envelope.seq && (this.watches[connection.index] as Watch).askedAtUs < 0) this.onServed(connection);
	}

	onRead(): void {}

	onFailed(_connection: Connection, why: string): void {
		this.record(why);
	}

	private onBatch(connection: Connection, payload: Uint8Array, frame: Buffer): void {
		const nowUs = clockUs();
		const watch = this.watches[connection.index] as Watch;
		if (!this.command.isChecked) {
			if (!watch.hasData) this.onFirstData(watch, nowUs);
			return;
		}
		const batch = DataBatch.decode(payload);
		const seq = Number(batch.seq);
		if (this.command.isSequenced) {
			if (batch.dropped > 0) this.record(`${batch.dropped} batches dropped`);
			if (watch.seq >= 0 && seq !== watch.seq + 1) this.record(`batch ${seq} after batch ${watch.seq}`);
			watch.seq = seq;
		}
		if (!watch.isContinued) {
			if (watch.tickAtUs >= 0) {
				const intervalUs = nowUs - watch.tickAtUs;
				this.jitter.recordValue(Math.max(1, Math.round(Math.abs(intervalUs - this.command.intervalMs * 1000))));
			}
			// The time from first data to the next tick is whatever is left of the view's interval.
			if (watch.hasData) watch.tickAtUs = nowUs;
			watch.tickPoints = 0;
		}
		for (const update of batch.updates) watch.tickPoints += update.points.length;
		watch.isContinued = batch.more;
		if (!batch.more) this.onTick(watch, nowUs, frame);
	}

	private onTick(watch: Watch, nowUs: number, frame: Buffer): void {
		const { pointsPerTick } = this.command;
		if (watch.tickPoints !== pointsPerTick) this.record(`${watch.tickPoints} points instead of ${pointsPerTick}`);
		this.points += watch.tickPoints;
		this.ticks++;
		// The batches after the first data are what is measured; one of those serves as sample.
		if (watch.hasData) this.sample = Uint8Array.from(frame);
		else this.onFirstData(watch, nowUs);
	}

	private onFirstData(watch: Watch, nowUs: number): void {
		watch.hasData = true;
		this.withData++;
		this.firstData.recordValue(Math.max(1, Math.round(nowUs - watch.askedAtUs)));
		this.waiting.wake();
	}

	private onServed(connection: Connection): void {
		this.served++;
		this.servedAtNs = process.hrtime.bigint();
		this.openTimes.recordValue(Math.max(1, Number(this.servedAtNs - connection.startedAtNs) / 1000));
		this.openNext();
		this.waiting.wake();
	}

	private openNext(): void {
		const index = this.connections.length;
		if (index >= this.command.connections) return;
		this.watches.push({ askedAtUs: -1, hasData: false, tickAtUs: -1, seq: -1, isContinued: false, tickPoints: 0 });
		this.connections.push(new Connection(index, this.command.port, this.upgrade, this));
	}

	private failures(): { readonly errors: number; readonly firstError: string } {
		return { errors: this.errors, firstError: this.firstError };
	}

	private record(error: string): void {
		this.errors++;
		if (this.firstError === "") this.firstError = error;
		this.waiting.wake();
	}
}

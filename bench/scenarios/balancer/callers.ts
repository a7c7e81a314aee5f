// Callers of one route over WebSocket at a fixed rate. Latency counts from when a call was meant to be sent, and belongs, like an error, to the
// interval in which that was.
import type { Histogram } from "hdr-histogram-js";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { Envelope } from "../../../protocol/gen/schema.ts";
import { relayedMessage } from "../../../protocol/relayed-message.ts";
import { Connection, type ConnectionListener } from "../../load/connection.ts";
import { clientFrame, upgradeRequest } from "../../load/frames.ts";
import { histogram } from "../../load/histogram.ts";
import { Waiting } from "../../load/waiting.ts";

/** What is due is sent this often; the wait counts as latency. */
const TICK_MS = 1;
const OPEN_WITHIN_MS = 20_000;
/** Longest time of a call by default, and some more. */
const ANSWERED_WITHIN_MS = 15_000;

/** What was called in one interval. */
export interface Interval {
	readonly name: string;
	readonly latency: Histogram;
	/** How late the caller itself was. */
	readonly lateness: Histogram;
	/** By reply code. */
	readonly errors: Map<number, number>;
	calls: number;
}

interface Pending {
	readonly intendedMs: number;
	readonly interval: Interval;
}

export class Callers implements ConnectionListener {
	readonly intervals: Interval[] = [];
	private readonly pending = new Map<number, Pending>();
	private readonly connections: Connection[] = [];
	private readonly waiting = new Waiting();
	private readonly writer = new EnvelopeWriter();
	private readonly type = relayedMessage("", { fields: [], schema: {}, description: "" });
	private readonly route: number;
	private readonly tokens: readonly Uint8Array[];
	private open = 0;
	private sequence = 1;
	private timer: NodeJS.Timeout | undefined;
	private failure = "";

	/** @param tokens - the first frame of each connection. */
	constructor(route: number, tokens: readonly Uint8Array[]) {
		this.route = route;
		this.tokens = tokens;
	}

	/** @throws Error when a connection was not served. */
	async connect(port: number): Promise<void> {
		const upgrade = upgradeRequest(port);
		for (const index of this.tokens.keys()) this.connections.push(new Connection(index, port, upgrade, this));
		await this.waiting.until(() => this.open === this.tokens.length || this.failure !== "", OPEN_WITHIN_MS);
		this.check();
		if (this.open < this.tokens.length) throw new Error("connections were not served in time");
	}

	/** Calls of now on belong to it. */
	begin(name: string): Interval {
		const interval = { name, latency: histogram(), lateness: histogram(), errors: new Map(), calls: 0 };
		this.intervals.push(interval);
		return interval;
	}

	start(perSecond: number): void {
		const startedMs = performance.now();
		let sent = 0;
		const tick = (): void => {
			const nowMs = performance.now();
			for (; startedMs + (sent * 1000) / perSecond <= nowMs; sent++) {
				this.call(sent, startedMs + (sent * 1000) / perSecond, nowMs);
			}
			this.timer = setTimeout(tick, TICK_MS);
		};
		tick();
	}

	/** Ends the calls, and waits for their replies. @throws Error when a connection or a reply is missing. */
	async stop(): Promise<void> {
		clearTimeout(this.timer);
		await this.waiting.until(() => this.pending.size === 0, ANSWERED_WITHIN_MS);
		for (const connection of this.connections) connection.close();
		this.check();
		if (this.pending.size > 0) throw new Error(`${this.pending.size} calls were not answered`);
	}

	onUpgraded(connection: Connection): void {
		connection.write(clientFrame(this.tokens[connection.index] as Uint8Array));
	}

	onMessage(_connection: Connection, bytes: Buffer, start: number, end: number): void {
		const { seq = 0, code = 0, error } = Envelope.decode(bytes.subarray(start, end));
		if (seq === 1) {
			if (code !== 0) this.failure ||= `not logged in: ${error?.message}`;
			this.open++;
			return;
		}
		// A push.
		if (seq === 0) return;
		const call = this.pending.get(seq);
		if (call === undefined) {
			this.failure ||= `a reply to nothing: ${seq}`;
			return;
		}
		this.pending.delete(seq);
		const { interval, intendedMs } = call;
		interval.latency.recordValue(Math.max(1, Math.round((performance.now() - intendedMs) * 1000)));
		if (code !== 0) interval.errors.set(code, (interval.errors.get(code) ?? 0) + 1);
	}

	onRead(): void {
		this.waiting.wake();
	}

	onFailed(_connection: Connection, why: string): void {
		this.failure ||= why;
		this.waiting.wake();
	}

	private call(turn: number, intendedMs: number, nowMs: number): void {
		const interval = this.intervals.at(-1) ?? this.begin("");
		interval.calls++;
		interval.lateness.recordValue(Math.round((nowMs - intendedMs) * 1000));
		const seq = ++this.sequence;
		this.pending.set(seq, { intendedMs, interval });
		const frame = this.writer.request(this.route, seq, this.type, { bytes: ORDER }, "");
		this.connections[turn % this.connections.length]?.write(clientFrame(frame));
	}

	private check(): void {
		if (this.failure !== "") throw new Error(this.failure);
	}
}

/** GetOrderRequest with an id. */
const ORDER = Uint8Array.from([0x0a, 4, 0x61, 0x62, 0x63, 0x64]);

// The connections of one load process to one server, and the ways to put load on them.
import * as hdr from "hdr-histogram-js";
import { ErrorCode } from "../../protocol/codes.ts";
import { Envelope } from "../../protocol/gen/schema.ts";
import type { CountResult, OpenCommand, OpenLoopResult, OpenResult } from "./commands.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import { clientFrame, pipelines, upgradeRequest } from "./frames.ts";
import { histogram } from "./histogram.ts";
import { Waiting } from "./waiting.ts";

type Phase = "opening" | "idle" | "closedLoop" | "openLoop";

/** Sending is checked this often; what is due by then goes out together, and the wait counts as latency. */
const TICK_MS = 1;
/** After the last message of an open loop, its replies are waited for no longer than this. */
const GIVE_UP_MS = 5000;
const OPEN_WITHIN_MS = 120_000;

const microseconds = (): number => performance.now() * 1000;

export class Group implements ConnectionListener {
	private readonly command: OpenCommand;
	private readonly upgrade: Buffer;
	private readonly connections: Connection[] = [];
	private readonly openTimes = histogram();
	private phase: Phase = "opening";
	private served = 0;
	private servedAtNs = 0n;
	private startedAtNs = 0n;
	private messages = 0;
	private errors = 0;
	private firstError = "";
	/** By the number of requests to send at once. */
	private batches: Buffer[] = [];
	/** What an echo must give back. */
	private expected: Uint8Array = new Uint8Array(0);
	/** Length of the first reply; every other one of the same request must have the same. */
	private replyBytes = 0;
	private latencies = histogram();
	private readonly waiting = new Waiting();

	constructor(command: OpenCommand) {
		this.command = command;
		this.upgrade = upgradeRequest(command.port);
	}

	async open(): Promise<OpenResult> {
		this.startedAtNs = process.hrtime.bigint();
		for (let i = 0; i < Math.min(this.command.window, this.command.connections); i++) this.openNext();
		await this.waiting.until(() => this.served >= this.command.connections || this.errors > 0, OPEN_WITHIN_MS);
		if (this.served < this.command.connections && this.errors === 0) this.record("connections not served in time");
		this.phase = "idle";
		return {
			startedAtNs: Number(this.startedAtNs),
			servedAtNs: Number(this.servedAtNs),
			histogram: hdr.encodeIntoCompressedBase64(this.openTimes),
			errors: this.errors,
			firstError: this.firstError,
		};
	}

	count(): CountResult {
		return { messages: this.messages, errors: this.errors, firstError: this.firstError };
	}

	start(payload: Uint8Array, outstanding: number): CountResult {
		this.prepare("closedLoop", payload, outstanding);
		for (const connection of this.connections) this.request(connection, outstanding);
		return this.count();
	}

	async stop(): Promise<CountResult> {
		this.phase = "idle";
		await this.waiting.until(() => this.connections.every((connection) => connection.outstanding === 0), GIVE_UP_MS);
		if (this.connections.some((connection) => connection.outstanding > 0)) this.record("replies are missing");
		return this.count();
	}

	async openLoop(payload: Uint8Array, perSecond: number, seconds: number): Promise<OpenLoopResult> {
		this.prepare("openLoop", payload, 1);
		this.latencies = histogram();
		const lateness = histogram();
		const total = Math.round(perSecond * seconds);
		const intervalUs = 1_000_000 / perSecond;
		const startUs = microseconds();
		await new Promise<void>((resolve) => {
			let sent = 0;
			const tick = (): void => {
				const nowUs = microseconds();
				while (sent < total && startUs + sent * intervalUs <= nowUs) {
					const intendedUs = startUs + sent * intervalUs;
					const connection = this.connections[sent % this.connections.length] as Connection;
					connection.intendedUs.push(intendedUs);
					this.request(connection, 1);
					lateness.recordValue(Math.round(nowUs - intendedUs));
					sent++;
				}
				if (sent < total && this.errors === 0) setTimeout(tick, TICK_MS);
				else resolve();
			};
			tick();
		});
		const stopped = await this.stop();
		return {
			...stopped,
			histogram: hdr.encodeIntoCompressedBase64(this.latencies),
			lateness: hdr.encodeIntoCompressedBase64(lateness),
			missing: total - this.latencies.totalCount,
		};
	}

	close(): CountResult {
		this.phase = "idle";
		for (const connection of this.connections) connection.close();
		return this.count();
	}

	onUpgraded(connection: Connection): void {
		const { first } = this.command;
		const payload = first[connection.index % first.length];
		if (payload === undefined) {
			this.onServed(connection);
			return;
		}
		connection.checkNext = true;
		connection.outstanding = 1;
		connection.write(clientFrame(payload));
	}

	onMessage(connection: Connection, bytes: Buffer, start: number, end: number): void {
		if (this.phase === "opening") {
			this.expected = this.command.first[connection.index % this.command.first.length] ?? this.expected;
		}
		if (connection.checkNext) {
			connection.checkNext = false;
			this.check(bytes.subarray(start, end));
			if (this.phase !== "opening") this.replyBytes = end - start;
		} else if (end - start !== this.replyBytes) this.record(`a reply of ${end - start} bytes, not ${this.replyBytes}`);
		connection.outstanding--;
		if (connection.intendedUs.length > 0) {
			// Replies to requests of one kind come in the order of the requests.
			this.latencies.recordValue(Math.max(1, Math.round(microseconds() - (connection.intendedUs.shift() as number))));
		}
	}

	onRead(connection: Connection): void {
		if (this.phase === "opening") {
			this.onServed(connection);
			return;
		}
		this.messages += connection.arrived;
		if (this.phase === "closedLoop") this.request(connection, connection.arrived);
		else this.waiting.wake();
	}

	onFailed(_connection: Connection, why: string): void {
		this.record(why);
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
		this.connections.push(new Connection(index, this.command.port, this.upgrade, this));
	}

	private prepare(phase: Phase, payload: Uint8Array, outstanding: number): void {
		this.phase = phase;
		this.expected = payload;
		this.batches = pipelines(clientFrame(payload), outstanding);
		for (const connection of this.connections) {
			connection.checkNext = true;
			connection.intendedUs.length = 0;
		}
	}

	private request(connection: Connection, count: number): void {
		const batch = this.batches[count];
		if (batch === undefined) {
			this.record("more replies than requests");
			return;
		}
		connection.outstanding += count;
		connection.write(batch);
	}

	private check(payload: Uint8Array): void {
		if (this.command.check === "echo") {
			if (Buffer.compare(payload, this.expected) !== 0) this.record("the echo is not what was sent");
			return;
		}
		const request = Envelope.decode(this.expected);
		const reply = Envelope.decode(payload);
		if (reply.code) this.record(`code ${nameOf(reply.code)}: ${reply.error?.message ?? ""}`);
		else if (reply.seq !== request.seq || reply.protocol !== request.protocol) this.record("a reply to something else");
	}

	private record(error: string): void {
		this.errors++;
		if (this.firstError === "") this.firstError = error;
		this.waiting.wake();
	}
}

function nameOf(code: number): string {
	return Object.entries(ErrorCode).find(([, number]) => number === code)?.[0] ?? String(code);
}

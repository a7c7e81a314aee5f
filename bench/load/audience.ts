// Members of rooms, in one load process: they connect, some publish at a fixed rate, and all count what they receive.
import * as hdr from "hdr-histogram-js";
import type { ConnectCommand, OpenResult, PublishCommand, PublishResult, ReceivedResult } from "./commands.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import { type Dialect, dialects } from "./dialects.ts";
import { clientFrame, MASK, OPCODE_TEXT, upgradeRequest } from "./frames.ts";
import { histogram } from "./histogram.ts";
import { clockUs, setStamp, stampIn, stampPlaces } from "./stamps.ts";
import { Waiting } from "./waiting.ts";

/** Sending is checked this often; what is due by then goes out together, and the wait counts as latency. */
const TICK_MS = 1;
const OPEN_WITHIN_MS = 120_000;

/** A message that is sent again and again with another time in it. */
class Template {
	private readonly frame: Buffer;
	private readonly payloadAt: number;
	private readonly places: readonly number[];

	constructor(payload: Buffer, opcode: number) {
		this.frame = clientFrame(payload, opcode);
		this.payloadAt = this.frame.length - payload.length;
		this.places = stampPlaces(payload).map((place) => this.payloadAt + place);
		if (this.places.length === 0) throw new Error("a message without a stamp cannot be found again");
	}

	/** A frame of its own: the socket may keep it till the next turn. */
	stamped(timeUs: number): Buffer {
		const frame = Buffer.from(this.frame);
		for (const place of this.places) setStamp(frame, place, timeUs, MASK, this.payloadAt);
		return frame;
	}
}

export class Audience implements ConnectionListener {
	private readonly command: ConnectCommand;
	private readonly dialect: Dialect;
	private readonly connections: Connection[] = [];
	private readonly openTimes = histogram();
	private readonly waiting = new Waiting();
	private opened = 0;
	private servedAtNs = 0n;
	private startedAtNs = 0n;
	private delivered = 0;
	private replies = 0;
	private errors = 0;
	private firstError = "";
	private latencies = histogram();
	private sample: Uint8Array = new Uint8Array(0);

	constructor(command: ConnectCommand) {
		this.command = command;
		this.dialect = dialects[command.dialect];
	}

	async open(): Promise<OpenResult> {
		const { members, window } = this.command;
		this.startedAtNs = process.hrtime.bigint();
		for (let i = 0; i < Math.min(window, members.length); i++) this.openNext();
		await this.waiting.until(() => this.opened >= members.length || this.errors > 0, OPEN_WITHIN_MS);
		if (this.opened < members.length) this.record("members not subscribed in time");
		return {
			startedAtNs: Number(this.startedAtNs),
			servedAtNs: Number(this.servedAtNs),
			histogram: hdr.encodeIntoCompressedBase64(this.openTimes),
			errors: this.errors,
			firstError: this.firstError,
		};
	}

	/** Resets the counters. Every load process does so before any client publishes. */
	startCounting(): ReceivedResult {
		this.latencies = histogram();
		this.delivered = 0;
		this.replies = 0;
		return this.received(false);
	}

	/** Sends at a fixed rate, whatever is received, and resolves when everything has been sent. */
	async publish({ publishers, messages, perSecond, seconds }: PublishCommand): Promise<PublishResult> {
		const lateness = histogram();
		const templates = messages.map((message) => new Template(Buffer.from(message), this.dialect.opcode));
		const total = publishers.length === 0 ? 0 : Math.round(perSecond * seconds);
		const intervalUs = 1_000_000 / perSecond;
		const startUs = clockUs();
		let sent = 0;
		await new Promise<void>((resolve) => {
			const tick = (): void => {
				const nowUs = clockUs();
				for (; sent < total && startUs + sent * intervalUs <= nowUs; sent++) {
					const intendedUs = startUs + sent * intervalUs;
					const turn = sent % publishers.length;
					const template = templates[turn % templates.length] as Template;
					this.connections[publishers[turn] as number]?.write(template.stamped(intendedUs));
					lateness.recordValue(Math.round(nowUs - intendedUs));
				}
				if (sent < total && this.errors === 0) setTimeout(tick, TICK_MS);
				else resolve();
			};
			tick();
		});
		return { ...this.failures(), sent, lateness: hdr.encodeIntoCompressedBase64(lateness) };
	}

	/** What was received since `startCounting`. */
	received(withLatency: boolean): ReceivedResult {
		return {
			...this.failures(),
			delivered: this.delivered,
			replies: this.replies,
			histogram: withLatency ? hdr.encodeIntoCompressedBase64(this.latencies) : "",
			sample: this.sample,
		};
	}

	close(): ReceivedResult {
		for (const connection of this.connections) connection.close();
		return this.received(false);
	}

	onUpgraded(connection: Connection): void {
		const { first } = this.member(connection);
		if (first !== undefined) connection.write(clientFrame(first, this.dialect.opcode));
		if (this.dialect.opensAtOnce) this.onOpened(connection);
	}

	onMessage(connection: Connection, bytes: Buffer, start: number, end: number): void {
		const stampUs = stampIn(bytes, start, end);
		if (stampUs >= 0) {
			this.delivered++;
			this.latencies.recordValue(Math.max(1, Math.round(clockUs() - stampUs)));
			if (this.sample.length === 0) this.sample = Uint8Array.from(bytes.subarray(start, end));
			return;
		}
		const meaning = this.dialect.meaningOf(bytes.subarray(start, end));
		if (meaning.kind === "opened") this.onOpened(connection);
		else if (meaning.kind === "replied") this.replies++;
		else if (meaning.kind === "answer") connection.write(clientFrame(Buffer.from(meaning.text), OPCODE_TEXT));
		else if (meaning.kind === "failed") this.record(meaning.why);
	}

	onRead(): void {}

	onFailed(_connection: Connection, why: string): void {
		this.record(why);
	}

	private member(connection: Connection): ConnectCommand["members"][number] {
		return this.command.members[connection.index] as ConnectCommand["members"][number];
	}

	private onOpened(connection: Connection): void {
		this.opened++;
		this.servedAtNs = process.hrtime.bigint();
		this.openTimes.recordValue(Math.max(1, Number(this.servedAtNs - connection.startedAtNs) / 1000));
		this.openNext();
		this.waiting.wake();
	}

	private openNext(): void {
		const index = this.connections.length;
		const member = this.command.members[index];
		if (member === undefined) return;
		const port = member.port ?? this.command.port;
		const upgrade = upgradeRequest(port, this.dialect.path(member.room));
		this.connections.push(new Connection(index, port, upgrade, this));
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

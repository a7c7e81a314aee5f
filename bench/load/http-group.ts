// Kept HTTP connections of one load process to one server, each of which sends its next request when the reply is there.
import net from "node:net";
import * as hdr from "hdr-histogram-js";
import type { CountResult, OpenCommand, OpenResult } from "./commands.ts";
import { histogram } from "./histogram.ts";
import { Waiting } from "./waiting.ts";

const OPEN_WITHIN_MS = 120_000;
/** After the last request, its reply is waited for no longer than this. */
const GIVE_UP_MS = 5000;
const HEAD_END = "\r\n\r\n";
const STATUS = Buffer.from("HTTP/1.1 200 ");

export class HttpGroup {
	private readonly command: OpenCommand;
	private readonly connections: HttpConnection[] = [];
	private readonly openTimes = histogram();
	private readonly waiting = new Waiting();
	private request: Buffer = Buffer.alloc(0);
	private isLoaded = false;
	private startedAtNs = 0n;
	private servedAtNs = 0n;
	private served = 0;
	private messages = 0;
	private errors = 0;
	private firstError = "";

	constructor(command: OpenCommand) {
		this.command = command;
	}

	async open(): Promise<OpenResult> {
		this.startedAtNs = process.hrtime.bigint();
		const { window, connections } = this.command;
		for (let i = 0; i < Math.min(window, connections); i++) this.openNext();
		await this.waiting.until(() => this.served >= connections || this.errors > 0, OPEN_WITHIN_MS);
		if (this.served < connections && this.errors === 0) this.record("connections not opened in time");
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

	/** @param request - head and content. */
	start(request: Uint8Array): CountResult {
		this.request = Buffer.from(request);
		this.isLoaded = true;
		for (const connection of this.connections) connection.send(this.request);
		return this.count();
	}

	async stop(): Promise<CountResult> {
		this.isLoaded = false;
		const isIdle = () => this.connections.every((connection) => !connection.isWaiting);
		await this.waiting.until(isIdle, GIVE_UP_MS);
		if (!isIdle()) this.record("replies are missing");
		return this.count();
	}

	close(): CountResult {
		this.isLoaded = false;
		for (const connection of this.connections) connection.close();
		return this.count();
	}

	onOpen(connection: HttpConnection): void {
		this.served++;
		this.servedAtNs = process.hrtime.bigint();
		this.openTimes.recordValue(Math.max(1, Number(this.servedAtNs - connection.startedAtNs) / 1000));
		this.openNext();
		this.waiting.wake();
	}

	onReply(connection: HttpConnection): void {
		this.messages++;
		if (this.isLoaded) connection.send(this.request);
		else this.waiting.wake();
	}

	record(error: string): void {
		this.errors++;
		if (this.firstError === "") this.firstError = error;
		this.waiting.wake();
	}

	private openNext(): void {
		if (this.connections.length >= this.command.connections) return;
		this.connections.push(new HttpConnection(this.command.port, this));
	}
}

/** One request at a time: servers answer in order, and few clients send the next one before. */
class HttpConnection {
	readonly startedAtNs = process.hrtime.bigint();
	isWaiting = false;
	private readonly socket: net.Socket;
	private readonly group: HttpGroup;
	private rest: Buffer = Buffer.alloc(0);
	/** Of every reply to a request of the same kind, in bytes. */
	private contentLength: number | undefined;
	private isDone = false;

	constructor(port: number, group: HttpGroup) {
		this.group = group;
		this.socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
		this.socket.on("connect", () => group.onOpen(this));
		this.socket.on("data", (chunk) => this.onBytes(chunk));
		this.socket.on("error", (error) => this.fail(error.message));
		this.socket.on("close", () => this.fail("connection closed"));
	}

	send(request: Buffer): void {
		this.isWaiting = true;
		this.socket.write(request);
	}

	close(): void {
		this.isDone = true;
		this.socket.destroy();
	}

	private onBytes(chunk: Buffer): void {
		const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
		const headEnd = bytes.indexOf(HEAD_END);
		if (headEnd < 0) {
			this.rest = bytes;
			return;
		}
		if (!this.isWaiting || bytes.compare(STATUS, 0, STATUS.length, 0, STATUS.length) !== 0) {
			this.fail(`an unexpected reply: ${bytes.toString("latin1", 0, 400)}`);
			return;
		}
		this.contentLength ??= contentLengthOf(bytes.toString("latin1", 0, headEnd));
		const missing = headEnd + HEAD_END.length + this.contentLength - bytes.length;
		if (missing > 0) {
			this.rest = bytes;
			return;
		}
		this.rest = Buffer.alloc(0);
		this.isWaiting = false;
		if (missing < 0) this.fail(`${-missing} bytes behind a reply`);
		else this.group.onReply(this);
	}

	private fail(why: string): void {
		if (this.isDone) return;
		this.close();
		this.group.record(why);
	}
}

function contentLengthOf(head: string): number {
	return Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
}

// One raw client connection of the load generator.
import net from "node:net";
import { ACCEPT, clientFrame, type FrameListener, FrameParser, OPCODE_PONG } from "./frames.ts";

export interface ConnectionListener {
	onUpgraded(connection: Connection): void;
	/** A data frame; the payload lies in `[start, end)` of `bytes`, until this returns. */
	onMessage(connection: Connection, bytes: Buffer, start: number, end: number): void;
	/** All frames of one read have been handed over. */
	onRead(connection: Connection): void;
	/** It ended and was not closed here. */
	onFailed(connection: Connection, why: string): void;
}

/** Read buffer shared by all connections of the process: each read is digested before the next one happens. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

export class Connection implements FrameListener {
	readonly index: number;
	private readonly socket: net.Socket;
	private readonly listener: ConnectionListener;
	private readonly parser = new FrameParser();
	private response: string | undefined = "";
	private done = false;
	readonly startedAtNs = process.hrtime.bigint();
	/** Data frames of the present read. */
	arrived = 0;
	/** Requests without a reply yet. */
	outstanding = 0;
	/** Whether the reply to come is to be looked at in full. */
	checkNext = false;
	/** Intended send times of the requests in flight, in microseconds; open loop only. */
	readonly intendedUs: number[] = [];

	constructor(index: number, port: number, upgrade: Buffer, listener: ConnectionListener) {
		this.index = index;
		this.listener = listener;
		this.socket = net.connect({
			host: "127.0.0.1",
			port,
			noDelay: true,
			onread: { buffer: readBuffer, callback: (count, bytes) => this.onBytes(count, bytes as Buffer) },
		});
		this.socket.on("connect", () => this.socket.write(upgrade));
		this.socket.on("error", (error) => this.fail(error.message));
		this.socket.on("close", () => this.fail("connection closed"));
	}

	write(bytes: Buffer): void {
		this.socket.write(bytes);
	}

	/** Resets the connection, so that its port is free again at once. */
	close(): void {
		this.done = true;
		// A reset of a socket that its server has left fails, and Node then spins at its own end, waiting for the handle.
		if (this.socket.readyState === "open") this.socket.resetAndDestroy();
		else this.socket.destroy();
	}

	onMessage(bytes: Buffer, start: number, end: number): void {
		this.arrived++;
		this.listener.onMessage(this, bytes, start, end);
	}

	onPing(payload: Buffer): void {
		this.socket.write(clientFrame(payload, OPCODE_PONG));
	}

	onClose(code: number): void {
		this.fail(`closed by the server with ${code}`);
	}

	private onBytes(count: number, bytes: Buffer): boolean {
		let start = 0;
		if (this.response !== undefined) {
			const head = this.response + bytes.toString("latin1", 0, count);
			const end = head.indexOf("\r\n\r\n");
			if (end < 0) {
				this.response = head;
				return true;
			}
			if (!head.startsWith("HTTP/1.1 101 ") || !head.includes(ACCEPT)) {
				this.fail(`not upgraded: ${head.slice(0, 60)}`);
				return true;
			}
			start = end + 4 - this.response.length;
			this.response = undefined;
			this.listener.onUpgraded(this);
		}
		this.arrived = 0;
		this.parser.feed(bytes, start, count, this);
		if (this.arrived > 0) this.listener.onRead(this);
		return true;
	}

	private fail(why: string): void {
		if (this.done) return;
		this.done = true;
		this.socket.destroy();
		this.listener.onFailed(this, why);
	}
}

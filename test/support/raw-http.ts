// HTTP by hand, over one connection: for requests that no client library sends, and for what comes after a reply.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface RawReply {
	readonly status: number;
	/** By lower-case name; lines of one name joined by a comma. */
	readonly headers: ReadonlyMap<string, string>;
	readonly content: Buffer;
}

const HEADER_END = "\r\n\r\n";
/** RFC 9110 section 6.4.1. */
const WITHOUT_CONTENT = new Set([101, 204, 304]);

/** The lines of a request, and its empty line. */
export const head = (...lines: readonly string[]): string => `${lines.join("\r\n")}${HEADER_END}`;

export class RawHttp {
	/** Resolves when the connection is gone, in whatever way. */
	readonly closed: Promise<void>;
	private readonly socket: Socket;
	private received = Buffer.alloc(0);
	private isClosed = false;
	private arrived: () => void = () => {};

	private constructor(socket: Socket) {
		this.socket = socket;
		socket.on("data", (chunk: Buffer) => {
			this.received = Buffer.concat([this.received, chunk]);
			this.arrived();
		});
		// Being reset is one of the ways to be refused.
		socket.on("error", () => {});
		this.closed = new Promise((resolve) => {
			socket.once("close", () => {
				this.isClosed = true;
				this.arrived();
				resolve();
			});
		});
	}

	/** @param ca - for TLS: the certificate to trust. */
	static async connect(port: number, ca?: Buffer): Promise<RawHttp> {
		const address = { port, host: "127.0.0.1" };
		const socket = ca === undefined ? connect(address) : connectTls({ ...address, ca });
		const raw = new RawHttp(socket);
		await once(socket, ca === undefined ? "connect" : "secureConnect");
		return raw;
	}

	/** Sends a request, and reads its reply. */
	static async ask(port: number, text: string | Uint8Array, ca?: Buffer): Promise<RawReply> {
		const raw = await RawHttp.connect(port, ca);
		try {
			return await raw.ask(text);
		} finally {
			raw.destroy();
		}
	}

	/** The same on this connection. @throws Error when the connection is closed before the reply is there. */
	async ask(text: string | Uint8Array): Promise<RawReply> {
		this.write(text);
		return this.reply(/^HEAD /.test(String(text)));
	}

	write(text: string | Uint8Array): void {
		this.socket.write(text);
	}

	/** The next reply. @throws Error when the connection is closed before it is there. */
	async reply(isHead = false): Promise<RawReply> {
		let end = this.received.indexOf(HEADER_END);
		for (; end < 0; end = this.received.indexOf(HEADER_END)) await this.more();
		const [start = "", ...lines] = this.take(end + HEADER_END.length)
			.toString("latin1")
			.trimEnd()
			.split("\r\n");
		const headers = new Map<string, string>();
		for (const line of lines) {
			const name = line.slice(0, line.indexOf(":")).toLowerCase();
			const value = line.slice(line.indexOf(":") + 1).trim();
			headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
		}
		const status = Number(start.split(" ")[1]);
		const length = isHead || WITHOUT_CONTENT.has(status) ? 0 : Number(headers.get("content-length"));
		while (this.received.length < length) await this.more();
		return { status, headers, content: Buffer.from(this.take(length)) };
	}

	/** What is there beyond the replies that were read. */
	get rest(): string {
		return this.received.toString("latin1");
	}

	destroy(): void {
		this.socket.destroy();
	}

	private take(length: number): Buffer {
		const taken = this.received.subarray(0, length);
		this.received = this.received.subarray(length);
		return taken;
	}

	private async more(): Promise<void> {
		if (this.isClosed) throw new Error(`closed after ${JSON.stringify(this.rest)}`);
		await new Promise<void>((resolve) => {
			this.arrived = resolve;
		});
	}
}

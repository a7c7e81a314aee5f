// A TCP connection with WebSocket frames made by hand (RFC 6455 section 5.2), right and wrong ones.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

export interface FrameOptions {
	/** The last of its message; true unless given. */
	readonly fin?: boolean;
	/** RSV1 to RSV3, as three bits. */
	readonly reserved?: number;
	/** True unless given, as clients must. */
	readonly masked?: boolean;
	/** What is said of the payload's length; the truth unless given. */
	readonly claimedLength?: number;
	/** How many bytes the length takes behind the second one: 0, 2 or 8; as few as it takes unless given. */
	readonly lengthBytes?: 0 | 2 | 8;
}

const MASK = Uint8Array.of(0x12, 0x34, 0x56, 0x78);

export function frame(opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): Buffer {
	const bytes = Buffer.from(payload);
	const { fin = true, reserved = 0, masked = true, claimedLength = bytes.length } = options;
	const { lengthBytes = claimedLength < 126 ? 0 : claimedLength < 65_536 ? 2 : 8 } = options;
	const length = Buffer.alloc(1 + lengthBytes);
	const maskBit = masked ? 0x80 : 0;
	if (lengthBytes === 0) length[0] = maskBit | (claimedLength & 127);
	else length[0] = maskBit | (lengthBytes === 2 ? 126 : 127);
	if (lengthBytes === 2) length.writeUInt16BE(claimedLength & 0xffff, 1);
	if (lengthBytes === 8) length.writeBigUInt64BE(BigInt(claimedLength), 1);
	const first = Buffer.of((fin ? 0x80 : 0) | ((reserved & 7) << 4) | (opcode & 15));
	if (!masked) return Buffer.concat([first, length, bytes]);
	// `from` has copied the payload.
	for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] as number) ^ (MASK[at & 3] as number);
	return Buffer.concat([first, length, MASK, bytes]);
}

/** A close frame's payload. */
export function closePayload(code: number, reason: Uint8Array | string = ""): Buffer {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16BE(code);
	return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** A frame that the server sent. */
export interface ServerFrame {
	readonly opcode: number;
	readonly payload: Buffer;
}

/** Of RFC 6455 section 1.3, where the answer to it is given as well. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A handshake. @param changes - headers that differ; undefined leaves one out. */
export function handshake(
	path = "/ws",
	changes: Readonly<Record<string, string | undefined>> = {},
	start = `GET ${path} HTTP/1.1`,
): string {
	const headers: Record<string, string | undefined> = {
		Host: "x",
		Upgrade: "websocket",
		Connection: "Upgrade",
		"Sec-WebSocket-Key": SAMPLE_KEY,
		"Sec-WebSocket-Version": "13",
		...changes,
	};
	const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
	return [start, ...lines, "", ""].join("\r\n");
}

const HEADER_END = "\r\n\r\n";

export class RawSocket {
	readonly socket: Socket;
	/** Resolves when the connection is gone, in whatever way. */
	readonly closed: Promise<void>;
	private received = Buffer.alloc(0);
	private isClosed = false;
	private failure: Error | undefined = undefined;
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

	static async connect(port: number): Promise<RawSocket> {
		const socket = connect({ port, host: "127.0.0.1", noDelay: true });
		const raw = new RawSocket(socket);
		await once(socket, "connect");
		return raw;
	}

	/** Connects, and is a WebSocket then. */
	static async open(port: number, path?: string): Promise<RawSocket> {
		const raw = await RawSocket.connect(port);
		await raw.upgrade(path);
		return raw;
	}

	async upgrade(path?: string): Promise<void> {
		this.write(handshake(path));
		const head = await this.head();
		if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(`the handshake was answered by ${head}`);
	}

	write(bytes: Uint8Array | string): void {
		if (this.socket.writable) this.socket.write(bytes);
	}

	/** An HTTP reply up to its empty line; what came of it until the connection was closed, if it has none. */
	async head(): Promise<string> {
		for (;;) {
			const end = this.received.indexOf(HEADER_END);
			if (end >= 0) return this.take(end + HEADER_END.length).toString();
			if (this.isClosed) return this.received.toString();
			await this.more();
		}
	}

	/** The next frame; undefined when the connection is closed without another. */
	async frame(): Promise<ServerFrame | undefined> {
		for (;;) {
			const next = this.nextFrame();
			if (next !== undefined || this.isClosed) return next;
			await this.more();
		}
	}

	/** Fails what waits for this connection, instead of waiting for ever. @param what - that it was to do. */
	within(ms: number, what: string): void {
		const timer = setTimeout(() => {
			this.failure = new Error(`not within ${ms} ms: ${what}`);
			this.socket.destroy();
		}, ms);
		void this.closed.then(() => clearTimeout(timer));
	}

	destroy(): void {
		this.socket.destroy();
	}

	private nextFrame(): ServerFrame | undefined {
		const bytes = this.received;
		if (bytes.length < 2) return undefined;
		const short = (bytes[1] as number) & 127;
		const start = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (bytes.length < start) return undefined;
		const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
		if (bytes.length < start + length) return undefined;
		const opcode = (bytes[0] as number) & 15;
		return { opcode, payload: Buffer.from(this.take(start + length).subarray(start)) };
	}

	private take(length: number): Buffer {
		const taken = this.received.subarray(0, length);
		this.received = this.received.subarray(length);
		return taken;
	}

	private async more(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.arrived = resolve;
		});
		if (this.failure !== undefined) throw this.failure;
	}
}

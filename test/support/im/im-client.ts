// A client of an IM gateway, as its documentation has it: JSON text frames at `/ws?token=`, and nothing that our own client would do for it.
import { once } from "node:events";
import WebSocket from "ws";

export interface ImFrame {
	readonly type: string;
	readonly message_id: string;
	// biome-ignore lint/suspicious/noExplicitAny: each test knows what it waits for.
	readonly data: any;
	readonly timestamp: number;
	readonly position?: ImPosition;
}

export interface ImPosition {
	readonly channel: string;
	readonly offset: number;
	readonly epoch: string;
}

export class ImClient {
	readonly socket: WebSocket;
	/** Everything that came and was not taken, oldest first. */
	readonly frames: ImFrame[] = [];
	readonly closed: Promise<number>;
	/** Takes what comes, in the place of `frames`. */
	onFrame: ((frame: ImFrame) => void) | undefined;
	private waiters: (() => void)[] = [];
	private nextId = 1;

	constructor(url: string, options: WebSocket.ClientOptions = {}) {
		this.socket = new WebSocket(url, options);
		this.closed = new Promise((resolve) => this.socket.once("close", resolve));
		this.socket.on("error", () => {});
		this.socket.on("message", (data: Buffer) => {
			const frame = JSON.parse(data.toString()) as ImFrame;
			if (this.onFrame !== undefined) {
				this.onFrame(frame);
				return;
			}
			this.frames.push(frame);
			for (const wake of this.waiters.splice(0)) wake();
		});
	}

	/** Connects with a token in the address, and waits until it is accepted. */
	static async open(url: string, token: string, options: WebSocket.ClientOptions = {}): Promise<ImClient> {
		const client = new ImClient(`${url}?token=${token}`, options);
		await once(client.socket, "open");
		await client.next("connected");
		return client;
	}

	/** Sends a message. @returns its id. */
	send(type: string, data?: object): string {
		const id = `m${this.nextId++}`;
		this.socket.send(JSON.stringify({ type, message_id: id, data, timestamp: Date.now() }));
		return id;
	}

	/** Sends a message, and waits for what answers it. */
	async ask(type: string, data?: object): Promise<ImFrame> {
		const id = this.send(type, data);
		return await this.take((frame) => frame.message_id === id && frame.type !== "new-message");
	}

	/** The first frame of a type that has come or comes. */
	next(type: string): Promise<ImFrame> {
		return this.take((frame) => frame.type === type);
	}

	async close(): Promise<void> {
		this.socket.close();
		await this.closed;
	}

	private async take(isWanted: (frame: ImFrame) => boolean): Promise<ImFrame> {
		const ended = this.closed.then((code) => Promise.reject(new Error(`closed with ${code}`)));
		ended.catch(() => {});
		for (;;) {
			const index = this.frames.findIndex(isWanted);
			if (index >= 0) return this.frames.splice(index, 1)[0] as ImFrame;
			await Promise.race([new Promise<void>((resolve) => this.waiters.push(resolve)), ended]);
		}
	}
}

// A connection of an attacker: bytes go out as fast as the other side takes them, what comes in is dropped, or not even read.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { upgradeRequest } from "../../load/frames.ts";

const OPEN_WITHIN_MS = 5000;

export interface PipeOptions {
	readonly port: number;
	readonly from: string;
	/** Leave HTTP to the caller. */
	readonly isRaw?: boolean;
	/** Never read, from the upgrade on. */
	readonly isDeaf?: boolean;
}

export class Pipe {
	readonly socket: Socket;
	isOver = false;
	private wake: () => void = () => {};

	private constructor({ port, from }: PipeOptions) {
		this.socket = connect({ port, host: "127.0.0.1", localAddress: from, noDelay: true });
		this.socket.on("error", () => {});
		this.socket.on("close", () => {
			this.isOver = true;
			this.wake();
		});
		this.socket.on("drain", () => this.wake());
	}

	/** @throws Error when it is not connected, or not upgraded. */
	static async open(options: PipeOptions): Promise<Pipe> {
		const pipe = new Pipe(options);
		const signal = AbortSignal.timeout(OPEN_WITHIN_MS);
		try {
			await once(pipe.socket, "connect", { signal });
			if (options.isRaw !== true) {
				pipe.socket.write(upgradeRequest(options.port));
				const [head] = (await once(pipe.socket, "data", { signal })) as [Buffer];
				if (!head.toString("latin1").startsWith("HTTP/1.1 101 ")) throw new Error("not upgraded");
			}
		} catch (error) {
			pipe.end();
			throw error;
		}
		if (options.isDeaf === true) pipe.socket.pause();
		else pipe.socket.on("data", () => {});
		return pipe;
	}

	/** Resolves when more may be written. @returns false when the connection is over. */
	async write(bytes: Uint8Array): Promise<boolean> {
		if (this.isOver || !this.socket.writable) return this.lost();
		if (!this.socket.write(bytes)) await this.change();
		return !this.isOver && this.socket.writable;
	}

	/** The end of the connection may not have been received yet: that needs another turn of the event loop. */
	private async lost(): Promise<false> {
		await new Promise((resolve) => setImmediate(resolve));
		return false;
	}

	/** Until the other side ends it, or so long. */
	async untilOver(ms: number): Promise<void> {
		const deadline = performance.now() + ms;
		while (!this.isOver && performance.now() < deadline) await this.change(deadline - performance.now());
	}

	end(): void {
		this.socket.destroy();
	}

	/** A reader that stalls is waited for no longer than this. */
	private change(withinMs = 500): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, withinMs);
			this.wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

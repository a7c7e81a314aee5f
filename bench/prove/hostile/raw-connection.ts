// A connection that sends what no client library would, byte by byte, and observes the outcome.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { authRoutes, Envelope } from "../../../protocol/gen/schema.ts";
import { clientFrame, type FrameListener, FrameParser, upgradeRequest } from "../../load/frames.ts";

/** How a peer was answered: by a reply, by the end of its connection, or only by the reply to the request behind it. */
export type Answer = "reply" | "close" | "passed" | "none";

/** Longer than a connection may take to log in. */
const ANSWER_WITHIN_MS = 15_000;
const PROBE_SEQ = 0x7fff_fff1;
/** Any request will do: without a login it is refused, and that is an answer. */
const probe = clientFrame(Envelope.encode({ protocol: authRoutes.heartbeat.number, seq: PROBE_SEQ }).finish());

export class RawConnection implements FrameListener {
	readonly socket: Socket;
	isOver = false;
	private readonly parser = new FrameParser();
	private readonly received: ("reply" | "probe")[] = [];
	private wake: () => void = () => {};

	private constructor(port: number, localAddress: string) {
		this.socket = connect({ port, host: "127.0.0.1", localAddress });
		this.socket.on("error", () => {});
		this.socket.on("close", () => this.over());
	}

	/** Upgraded, unless `usesHttp` is false: then what comes first is up to the caller. */
	static async open(port: number, localAddress: string, usesHttp = true): Promise<RawConnection> {
		const connection = new RawConnection(port, localAddress);
		await once(connection.socket, "connect");
		if (usesHttp) {
			connection.socket.write(upgradeRequest(port));
			const [head] = (await once(connection.socket, "data")) as [Buffer];
			if (!head.toString("latin1").startsWith("HTTP/1.1 101 ")) throw new Error("not upgraded");
		}
		connection.socket.on("data", (chunk: Buffer) => {
			// What is not WebSocket is answered by the end of the connection.
			if (usesHttp) connection.parser.feed(chunk, 0, chunk.length, connection);
		});
		return connection;
	}

	/**
	 * Sends bytes, and looks for what they come to.
	 *
	 * @param isWhole - a request may be sent after it, which is answered in any case; otherwise the rest never comes.
	 */
	async send(bytes: Uint8Array, isWhole: boolean): Promise<Answer> {
		this.received.length = 0;
		this.socket.write(bytes);
		if (isWhole) this.socket.write(probe);
		const deadline = performance.now() + ANSWER_WITHIN_MS;
		let isReplied = false;
		while (!this.isOver && performance.now() < deadline) {
			const next = this.received.shift();
			if (next === "probe") return isReplied ? "reply" : "passed";
			if (next === "reply") isReplied = true;
			else await this.anything(deadline - performance.now());
		}
		return this.isOver ? "close" : "none";
	}

	end(): void {
		this.socket.destroy();
	}

	onMessage(bytes: Buffer, start: number, end: number): void {
		let seq = 0;
		try {
			seq = Envelope.decode(bytes.subarray(start, end)).seq ?? 0;
		} catch {
			// A reply in JSON.
		}
		this.received.push(seq === PROBE_SEQ ? "probe" : "reply");
		this.wake();
	}

	onPing(): void {}

	onClose(): void {
		this.over();
		this.socket.end();
	}

	private over(): void {
		this.isOver = true;
		this.wake();
	}

	private anything(withinMs: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, withinMs);
			this.wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

// A client that says what no client library would: any body under any number, as protobuf or as JSON, and any message
// of the older dialect. It keeps the bytes of everything that came back.
import { once } from "node:events";
import WebSocket from "ws";
import { replyCode } from "../../protocol/codes.ts";
import { Envelope } from "../../protocol/gen/schema.ts";

/** A reply, whichever way it was encoded. */
export interface RawReply {
	/** The name of the code. */
	readonly code: string;
	readonly message: string;
	readonly frame: Buffer;
}

export class RawPeer {
	readonly socket: WebSocket;
	/** All frames that arrived. */
	readonly frames: Buffer[] = [];
	/** Text frames that answered no request. */
	readonly texts: string[] = [];
	private readonly waiting = new Map<number, (reply: RawReply) => void>();
	private readonly textWaiters: ((text: string) => void)[] = [];
	private readonly closed: Promise<never>;
	private nextSeq = 1;

	private constructor(socket: WebSocket) {
		this.socket = socket;
		this.closed = new Promise((_, reject) => {
			socket.once("close", (code, reason) => reject(new Error(`closed with ${code} ${String(reason)}`)));
		});
		this.closed.catch(() => {});
		socket.on("error", () => {});
		socket.on("message", (data: Buffer, isBinary) => {
			this.frames.push(data);
			if (isBinary) this.binary(data);
			else this.text(data);
		});
	}

	/** Connects; with an access token it is authenticated once this resolves. */
	static async open(url: string, token = "", headers: Readonly<Record<string, string>> = {}): Promise<RawPeer> {
		const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
		const socket = new WebSocket(url, ["framegate.v1"], { headers: { ...headers, ...authorization } });
		const peer = new RawPeer(socket);
		await once(socket, "open");
		// The answer to the token goes out first; 0 is no route, so that every caller gets an answer to this.
		await peer.ask(0, new Uint8Array(0));
		return peer;
	}

	/** Sends a body as it is. */
	ask(protocol: number, body: Uint8Array): Promise<RawReply> {
		return this.send((seq) => Envelope.encode({ protocol, seq, body }).finish());
	}

	/** Sends a text frame with the envelope as JSON. */
	askJson(protocol: number, body: unknown): Promise<RawReply> {
		return this.send((seq) => JSON.stringify({ protocol, seq, body }));
	}

	/** Sends a message of the older dialect and waits for its answer; pushes of alarms may arrive first. */
	say(message: object): Promise<string> {
		const answer = new Promise<string>((resolve) => this.textWaiters.push(resolve));
		this.socket.send(JSON.stringify(message));
		return Promise.race([answer, this.closed]);
	}

	close(): void {
		this.socket.terminate();
	}

	private send(encode: (seq: number) => Uint8Array | string): Promise<RawReply> {
		const seq = this.nextSeq++;
		const reply = new Promise<RawReply>((resolve) => this.waiting.set(seq, resolve));
		this.socket.send(encode(seq));
		return Promise.race([reply, this.closed]);
	}

	private binary(frame: Buffer): void {
		const { seq, code, error } = Envelope.decode(frame);
		this.settle(seq ?? 0, { code: replyCode(code ?? 0).name, message: error?.message ?? "", frame });
	}

	private text(frame: Buffer): void {
		const { seq, code, error } = JSON.parse(frame.toString());
		if (typeof seq === "number")
			this.settle(seq, { code: String(code ?? "OK").replace("ERROR_CODE_", ""), message: error?.message ?? "", frame });
		else {
			this.texts.push(frame.toString());
			if (/^\{"type":"(error|\w+_ack)"/.test(frame.toString())) this.textWaiters.shift()?.(frame.toString());
		}
	}

	private settle(seq: number, reply: RawReply): void {
		this.waiting.get(seq)?.(reply);
		this.waiting.delete(seq);
	}
}

/** Rates and counts of mistakes off, for tests that make many of them. */
export const UNLIMITED: Readonly<Record<string, string>> = {
	FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0",
	FRAMEGATE_RATES_USER_PER_SECOND: "0",
	FRAMEGATE_RATES_USER_BYTES_PER_SECOND: "0",
	FRAMEGATE_RATES_USER_REPLY_BYTES_PER_SECOND: "0",
	FRAMEGATE_RATES_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_FAULTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_RECEIVED_BYTES_PER_SECOND: "0",
	FRAMEGATE_RATES_RECEIVED_BYTES_PER_IP_PER_SECOND: "0",
	FRAMEGATE_LIMITS_MAX_ERRORS_PER_MINUTE: "1000000",
};

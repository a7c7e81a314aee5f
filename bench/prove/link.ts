// One WebSocket of a client: requests with their replies, pushes, and the ways in which connections are lost.
import type { Socket } from "node:net";
import WebSocket from "ws";
import type { RouteContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { Envelope } from "../../protocol/gen/schema.ts";

/** How a client loses its connection. */
export const losses = ["reset", "closed", "silent"] as const;
export type Loss = (typeof losses)[number];

/** A reply with another code than OK, as an error. */
export class RejectedError extends Error {
	readonly code: number;
	readonly retryAfterMs: number;
	readonly isRetryable: boolean;

	constructor(route: string, { code, error }: Envelope) {
		super(`${route} was refused with ${code}: ${error?.message}`);
		this.code = code ?? 0;
		this.retryAfterMs = error?.retryAfterMs ?? 0;
		this.isRetryable = error?.retryable ?? false;
	}
}

export interface LinkListener {
	push(envelope: Envelope): void;
	/** By the other side, or by an error. */
	lost(closeCode: number): void;
	/** A request was answered, `tookMs` after it was sent. */
	answered(route: string, tookMs: number): void;
	/** A request got no answer in time, on a connection that stood. */
	unanswered(route: string): void;
}

interface Waiting {
	readonly route: string;
	readonly resolve: (reply: Envelope) => void;
	readonly reject: (error: Error) => void;
	readonly timer: NodeJS.Timeout;
	readonly sentAtMs: number;
}

export const OPEN_WITHIN_MS = 5000;
/** A gateway answers or refuses within 10 s; the rest is for the machine. */
export const ANSWER_WITHIN_MS = 15_000;
/** The other side detects a silently lost connection this much later. */
export const SILENCE_MS = 3000;

export class Link {
	private readonly socket: WebSocket;
	private readonly listener: LinkListener;
	private readonly writer = new EnvelopeWriter();
	private readonly waiting = new Map<number, Waiting>();
	private raw: Socket | undefined;
	private nextSeq = 1;
	private isOver = false;

	private constructor(url: string, localAddress: string, listener: LinkListener) {
		this.listener = listener;
		this.socket = new WebSocket(url, ["framegate.v1"], {
			handshakeTimeout: OPEN_WITHIN_MS,
			perMessageDeflate: false,
			localAddress,
		});
		this.socket.once("upgrade", (response) => {
			this.raw = response.socket;
		});
		this.socket.on("error", () => {});
		this.socket.on("close", (code) => {
			if (this.isOver) return;
			this.end(new Error("the connection was lost"));
			listener.lost(code);
		});
		this.socket.on("message", (data: Buffer) => {
			if (!this.isOver) this.receive(Envelope.decode(data));
		});
	}

	/**
	 * Connects from an address of this machine.
	 *
	 * @throws Error when it cannot be opened; `lost` is not called then.
	 */
	static async open(url: string, localAddress: string, listener: LinkListener): Promise<Link> {
		const link = new Link(url, localAddress, listener);
		await new Promise<void>((resolve, reject) => {
			link.socket.once("open", resolve);
			link.socket.once("error", (error) => {
				link.isOver = true;
				reject(error);
			});
		});
		return link;
	}

	get isOpen(): boolean {
		return !this.isOver;
	}

	/**
	 * Sends a request and waits for its reply.
	 *
	 * @throws RejectedError, and Error when the connection is lost or there is no answer in time.
	 */
	async ask<Request, Properties, Reply, ReplyProperties>(
		contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
		request: Properties,
	): Promise<Reply> {
		if (this.isOver) throw new Error("the connection was lost");
		const seq = this.nextSeq++;
		const reply = new Promise<Envelope>((resolve, reject) => {
			const timer = setTimeout(() => {
				this.waiting.delete(seq);
				this.listener.unanswered(contract.name);
				reject(new Error(`${contract.name} was not answered`));
			}, ANSWER_WITHIN_MS);
			this.waiting.set(seq, { route: contract.name, resolve, reject, timer, sentAtMs: performance.now() });
		});
		this.socket.send(this.writer.request(contract.number, seq, contract.request, request, ""));
		const envelope = await reply;
		if (envelope.code) throw new RejectedError(contract.name, envelope);
		return contract.reply.decode(envelope.body ?? new Uint8Array());
	}

	/** Loses the connection, as this side sees it at once and for good. */
	lose(loss: Loss): void {
		if (this.isOver) return;
		this.end(new Error("the connection was lost"));
		if (loss === "silent") {
			this.raw?.pause();
			setTimeout(() => this.socket.terminate(), SILENCE_MS);
		} else if (loss === "reset") {
			this.raw?.resetAndDestroy();
		} else {
			this.socket.terminate();
		}
	}

	private end(reason: Error): void {
		this.isOver = true;
		for (const { reject, timer } of this.waiting.values()) {
			clearTimeout(timer);
			reject(reason);
		}
		this.waiting.clear();
	}

	private receive(envelope: Envelope): void {
		const seq = envelope.seq ?? 0;
		const waiting = this.waiting.get(seq);
		if (waiting === undefined) {
			if (seq === 0) this.listener.push(envelope);
			return;
		}
		this.waiting.delete(seq);
		clearTimeout(waiting.timer);
		this.listener.answered(waiting.route, performance.now() - waiting.sentAtMs);
		waiting.resolve(envelope);
	}
}

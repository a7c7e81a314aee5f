// A client of the control: Socket.IO's own, with what it has for delivery (recovery, and repeating what was not
// acknowledged), reconnected after every loss by the schedule of the gateway's clients.
import { io, type Socket } from "socket.io-client";
import { MAX_BACKOFF_MS, MIN_BACKOFF_MS, TEXT_LENGTH } from "../client.ts";
import { idOf } from "../client-log.ts";
import type { Participant } from "../jitter.ts";
import { ANSWER_WITHIN_MS, type Loss, OPEN_WITHIN_MS } from "../link.ts";
import type { Random } from "../random.ts";
import type { Timeline } from "../timeline.ts";
import type { Relay } from "./relay.ts";

export interface ControlDraft {
	readonly id: string;
	readonly sender: string;
	readonly number: number;
	isAcknowledged: boolean;
}

/** A message as it came: the offset is its place in the stream that all nodes share. */
export interface Arrival {
	readonly id: string;
	readonly offset: string;
}

interface FromServer {
	m: (text: string, offset: string) => void;
}

interface ToServer {
	m: (text: string, acknowledge: (error: Error | null) => void) => void;
}

export interface ControlClientOptions {
	readonly name: string;
	readonly room: string;
	readonly relay: Relay;
	readonly random: Random;
	readonly timeline: Timeline;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class ControlClient implements Participant {
	readonly name: string;
	readonly published: ControlDraft[] = [];
	readonly log: Arrival[] = [];
	/** Positions in the log before which something may be missing, as reported to the client. */
	readonly gapsAt: number[] = [];
	losses = 0;
	recoveries = 0;
	private readonly options: ControlClientOptions;
	private readonly socket: Socket<FromServer, ToServer>;
	private acknowledged = 0;
	private hasEntered = false;
	private isReady = false;
	private isKeptOffline = false;
	private isDone = false;

	constructor(options: ControlClientOptions) {
		this.options = options;
		this.name = options.name;
		this.socket = io(`http://127.0.0.1:${options.relay.port}`, {
			transports: ["websocket"],
			forceNew: true,
			autoConnect: false,
			reconnection: false,
			timeout: OPEN_WITHIN_MS,
			ackTimeout: ANSWER_WITHIN_MS,
			retries: Number.MAX_SAFE_INTEGER,
			auth: { room: options.room },
		});
		this.socket.on("m", (text, offset) => {
			const id = idOf(text);
			this.log.push({ id, offset });
			options.timeline.delivered(id);
		});
		// Here, and not where it is awaited: messages may come in the same turn of the event loop.
		this.socket.on("connect", () => {
			if (!this.hasEntered) return;
			if (this.socket.recovered) this.recoveries++;
			else this.gapsAt.push(this.log.length);
		});
		this.socket.on("disconnect", () => {
			if (!this.isReady) return;
			this.onDisconnected();
			void this.resume(MIN_BACKOFF_MS);
		});
	}

	/** Connects for the first time. */
	async enter(): Promise<void> {
		if (!(await this.connect())) throw new Error("a node of the control accepted no connection");
		this.hasEntered = true;
		this.isReady = true;
	}

	get reached(): number {
		return this.log.length;
	}

	/** Connected, and all of its own acknowledged. */
	get isSettled(): boolean {
		return this.isReady && this.acknowledged === this.published.length;
	}

	publish(): void {
		const number = this.published.length + 1;
		const id = `${this.name}:${number}`;
		const draft = { id, sender: this.name, number, isAcknowledged: false };
		this.options.timeline.published(id);
		this.published.push(draft);
		// It sends the next one when this one is acknowledged, and repeats it with the next connection if it is not.
		this.socket.emit("m", `${id} `.padEnd(TEXT_LENGTH, "x"), (error) => {
			if (error !== null) return;
			draft.isAcknowledged = true;
			this.acknowledged++;
			this.options.timeline.count("acknowledged");
		});
	}

	lose(loss: Loss, offlineMs: number): void {
		if (!this.isReady) return;
		this.onDisconnected();
		this.options.relay.cut(loss);
		if (!this.isKeptOffline) void this.resume(offlineMs);
	}

	disconnect(): boolean {
		if (!this.isReady) return false;
		this.isKeptOffline = true;
		this.lose("closed", 0);
		return true;
	}

	reconnect(): void {
		this.isKeptOffline = false;
		void this.resume(0);
	}

	end(): void {
		this.isDone = true;
		this.isReady = false;
		this.socket.disconnect();
		this.options.relay.end();
	}

	private onDisconnected(): void {
		this.isReady = false;
		this.losses++;
		this.options.timeline.count("lost");
	}

	/** Reconnects, with as many attempts as it takes. */
	private async resume(offlineMs: number): Promise<void> {
		const noticed = this.socket.connected
			? new Promise<void>((resolve) => this.socket.once("disconnect", () => resolve()))
			: undefined;
		await Promise.all([pause(offlineMs), noticed]);
		let backoffMs = MIN_BACKOFF_MS;
		while (!this.isDone && !this.isKeptOffline) {
			if (await this.connect()) {
				this.isReady = true;
				return;
			}
			backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
			await pause(backoffMs * this.options.random.next());
		}
	}

	/** @returns whether it is connected. */
	private connect(): Promise<boolean> {
		const { socket } = this;
		return new Promise((resolve) => {
			const timer = setTimeout(() => this.options.relay.cut("closed"), OPEN_WITHIN_MS);
			const end = (isConnected: boolean): void => {
				clearTimeout(timer);
				socket.off("connect", connected).off("connect_error", failed).off("disconnect", failed);
				resolve(isConnected);
			};
			const connected = (): void => end(true);
			const failed = (): void => end(false);
			socket.on("connect", connected).on("connect_error", failed).on("disconnect", failed);
			socket.connect();
		});
	}
}

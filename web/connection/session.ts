// One client of the gateway, in any dialect: connects, sends requests and receives their replies and pushes, connects again as the close
// code says, and recovers its channels. It reports everything that happens, since that is what the pages show.
import type { RouteDescription } from "../../protocol/description.ts";
import { isObject, type Json, type JsonObject, knownRoute, routeByNumber, textOf } from "../protocol/catalog.ts";
import { type Dialect, type Direction, type FrameContent, readFrame, requestFrame } from "../protocol/frames.ts";
import { Positions, recoveriesIn } from "./positions.ts";
import { reconnectDelayMs } from "./reconnect.ts";

export type Phase = "idle" | "connecting" | "open" | "waiting" | "closed";

/** What happened to a connection, for a time line. */
export type SessionEvent =
	| { readonly kind: "connecting" | "open" | "refreshed" }
	| { readonly kind: "loggedIn"; readonly user: string }
	| { readonly kind: "closed"; readonly code: number; readonly reason: string }
	| { readonly kind: "waiting"; readonly delayMs: number }
	| { readonly kind: "recovered" | "gap"; readonly channel: string; readonly missed: number }
	| { readonly kind: "reset" | "subscribed"; readonly channel: string }
	| { readonly kind: "reconnectAsked"; readonly delayMs: number };

export interface SentFrame {
	readonly direction: Direction;
	readonly data: Uint8Array | string;
	readonly content: FrameContent | undefined;
	/** Sent without being asked for by a person: heartbeats, and what belongs to connecting again. */
	readonly isAutomatic: boolean;
}

export interface SessionListener {
	onPhase(phase: Phase): void;
	onFrame(frame: SentFrame): void;
	onEvent(event: SessionEvent): void;
}

export interface Reply {
	readonly content: FrameContent;
	readonly durationMs: number;
}

/** A reply with a code, or none. */
export class CallError extends Error {
	readonly reply: Reply | undefined;

	constructor(message: string, reply?: Reply) {
		super(message);
		this.name = "CallError";
		this.reply = reply;
	}
}

interface PendingCall {
	readonly route: RouteDescription;
	readonly startedAtMs: number;
	readonly timer: ReturnType<typeof setTimeout>;
	readonly resolve: (reply: Reply) => void;
	readonly reject: (error: CallError) => void;
	readonly isAutomatic: boolean;
}

const CALL_TIMEOUT_MS = 15_000;
const SUB_PROTOCOLS: Readonly<Record<Dialect, string | undefined>> = {
	protobuf: "framegate.v1",
	json: "framegate.v1.json",
	ems: undefined,
};
/** Of the application's own range (RFC 6455 section 7.4.2): a connection that was lost, for people to look at. */
const DROPPED = 3000;

export class Session {
	private readonly url: string;
	private readonly listener: SessionListener;
	readonly dialect: Dialect;
	private socket: WebSocket | undefined;
	private seq = 0;
	private attempt = 0;
	private isWanted = false;
	/** The close that comes next is one of `drop`: the other side's answer to it has no code. */
	private isDropped = false;
	private accessToken = "";
	private refreshToken = "";
	private retryTimer: ReturnType<typeof setTimeout> | undefined;
	private heartbeatTimer: ReturnType<typeof setInterval> | undefined;
	private readonly calls = new Map<number, PendingCall>();
	readonly positions = new Positions();
	/** Connects again by itself. */
	reconnects = true;

	constructor(url: string, dialect: Dialect, listener: SessionListener) {
		this.url = url;
		this.dialect = dialect;
		this.listener = listener;
	}

	/** Use this access token from the next connection on. */
	useToken(accessToken: string): void {
		this.accessToken = accessToken;
	}

	/** Opens the connection. Resolves when it is open. */
	connect(): Promise<void> {
		this.isWanted = true;
		clearTimeout(this.retryTimer);
		return this.open();
	}

	/** Ends it for good. */
	close(): void {
		this.isWanted = false;
		clearTimeout(this.retryTimer);
		this.listener.onPhase("closed");
		this.socket?.close(1000, "");
	}

	/** Loses the connection, as a network does. */
	drop(): void {
		this.isDropped = this.socket !== undefined;
		this.socket?.close(DROPPED, "");
	}

	/**
	 * Sends a request and waits for its reply.
	 *
	 * @throws CallError when the reply has a code, or none comes; EncodeError for a value that its field cannot hold.
	 */
	call(route: RouteDescription, body: JsonObject, isAutomatic = false): Promise<Reply> {
		const seq = ++this.seq;
		const frame = requestFrame(this.dialect, route.number, seq, body);
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => this.settle(seq, undefined, "timeout"), CALL_TIMEOUT_MS);
			this.calls.set(seq, { route, startedAtMs: performance.now(), timer, resolve, reject, isAutomatic });
			if (!this.send(frame, isAutomatic)) this.settle(seq, undefined, "closed");
		});
	}

	/** @returns false when there is no connection. */
	send(data: Uint8Array | string, isAutomatic = false): boolean {
		if (this.socket?.readyState !== WebSocket.OPEN) return false;
		this.socket.send(data as Uint8Array<ArrayBuffer> | string);
		this.report("out", data, isAutomatic);
		return true;
	}

	private open(): Promise<void> {
		this.listener.onPhase("connecting");
		this.listener.onEvent({ kind: "connecting" });
		const protocol = SUB_PROTOCOLS[this.dialect];
		const query = this.dialect === "ems" ? `?token=${encodeURIComponent(this.accessToken)}` : "";
		const socket = new WebSocket(`${this.url}${query}`, protocol === undefined ? [] : [protocol]);
		socket.binaryType = "arraybuffer";
		this.socket = socket;
		return new Promise((resolve, reject) => {
			socket.onopen = () => {
				this.listener.onPhase("open");
				this.listener.onEvent({ kind: "open" });
				resolve();
				if (this.dialect !== "ems" && this.accessToken !== "") void this.resume();
				else this.attempt = 0;
			};
			socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => this.onMessage(data);
			socket.onclose = ({ code, reason }) => {
				reject(new CallError(`closed ${code} ${reason}`));
				const dropped = this.isDropped && socket === this.socket;
				if (socket === this.socket) this.onClose(dropped ? DROPPED : code, reason);
			};
		});
	}

	private onMessage(data: ArrayBuffer | string): void {
		const bytes = typeof data === "string" ? data : new Uint8Array(data);
		const content = readFrame(bytes, "in");
		const pending = content && content.seq !== 0 ? this.calls.get(content.seq) : undefined;
		this.listener.onFrame({ direction: "in", data: bytes, content, isAutomatic: pending?.isAutomatic ?? false });
		if (content === undefined) return;
		if (content.seq !== 0) this.settle(content.seq, content, "");
		else this.onPush(content);
	}

	private onPush({ name, body, channel, offset, epoch }: FrameContent): void {
		this.positions.push(channel, { offset, epoch });
		if (!isObject(body)) return;
		if (name === "ChannelReset") {
			const reset = textOf(body["channel"], channel);
			// The gateway subscribes a connection to a channel in the same way.
			const kind = this.positions.has(reset) || !body["epoch"] ? "reset" : "subscribed";
			this.positions.reply("ChannelReset", body);
			this.listener.onEvent({ kind, channel: reset });
		}
		if (name === "Reconnect") {
			this.listener.onEvent({ kind: "reconnectAsked", delayMs: Number(body["delayMs"] ?? 0) });
		}
	}

	private settle(seq: number, content: FrameContent | undefined, problem: string): void {
		const call = this.calls.get(seq);
		if (call === undefined) return;
		this.calls.delete(seq);
		clearTimeout(call.timer);
		if (content === undefined) {
			call.reject(new CallError(problem));
			return;
		}
		const reply = { content, durationMs: performance.now() - call.startedAtMs };
		if (content.code !== "") {
			call.reject(new CallError(content.code, reply));
			return;
		}
		this.onReply(call.route, content.body);
		call.resolve(reply);
	}

	private onReply(route: RouteDescription, body: Json): void {
		this.positions.reply(route.reply, body);
		if (!isObject(body)) return;
		const { tokens, session, user } = body;
		if (isObject(tokens)) {
			this.accessToken = textOf(tokens["accessToken"]);
			this.refreshToken = textOf(tokens["refreshToken"]);
		}
		if (isObject(session)) this.beat(Number(session["heartbeatIntervalMs"] ?? 0));
		if (isObject(session) && isObject(user)) {
			this.listener.onEvent({ kind: "loggedIn", user: textOf(user["username"]) });
		}
		if (route.name === "auth.logout") {
			this.accessToken = "";
			this.positions.clear();
		}
	}

	private beat(intervalMs: number): void {
		clearInterval(this.heartbeatTimer);
		if (intervalMs <= 0) return;
		const heartbeat = knownRoute("auth.heartbeat");
		this.heartbeatTimer = setInterval(() => {
			this.call(heartbeat, { clientTimeMs: String(Date.now()) }, true).catch(() => {});
		}, intervalMs);
	}

	/** Presents the token and the positions. Pushes that were missed come before the reply. */
	private async resume(): Promise<void> {
		const presented = new Map(this.positions.presented().map(({ channel, offset }) => [channel, Number(offset)]));
		const connect = knownRoute("auth.connect");
		try {
			const { content } = await this.call(connect, this.connectBody(), true).catch(async (error: unknown) => {
				if (!(error instanceof CallError) || error.message !== "ERROR_CODE_TOKEN_EXPIRED") throw error;
				await this.call(knownRoute("auth.refreshToken"), { refreshToken: this.refreshToken }, true);
				this.listener.onEvent({ kind: "refreshed" });
				return this.call(connect, this.connectBody(), true);
			});
			this.attempt = 0;
			for (const { channel, recovered, offset } of recoveriesIn(connect.reply, content.body)) {
				const from = presented.get(channel);
				if (from === undefined) continue;
				this.listener.onEvent({ kind: recovered ? "recovered" : "gap", channel, missed: Math.max(0, offset - from) });
			}
		} catch (error) {
			// The frames show why. A connection that is open stays, so that a person can log in on it.
			if (!(error instanceof CallError)) throw error;
		}
	}

	private connectBody(): JsonObject {
		return { accessToken: this.accessToken, positions: this.positions.presented() };
	}

	private onClose(code: number, reason: string): void {
		this.socket = undefined;
		this.isDropped = false;
		clearInterval(this.heartbeatTimer);
		for (const seq of [...this.calls.keys()]) this.settle(seq, undefined, "closed");
		this.listener.onEvent({ kind: "closed", code, reason });
		const delayMs =
			this.isWanted && this.reconnects ? reconnectDelayMs({ code, reason }, this.attempt, Math.random()) : undefined;
		if (delayMs === undefined) {
			this.listener.onPhase("closed");
			return;
		}
		this.attempt++;
		this.listener.onPhase("waiting");
		this.listener.onEvent({ kind: "waiting", delayMs });
		this.retryTimer = setTimeout(() => {
			// A failed attempt is reported by its close.
			this.open().catch(() => {});
		}, delayMs);
	}

	private report(direction: Direction, data: Uint8Array | string, isAutomatic: boolean): void {
		const content = readFrame(data, direction);
		const named = content && routeByNumber(content.protocol)?.name === "auth.heartbeat";
		this.listener.onFrame({ direction, data, content, isAutomatic: isAutomatic || named === true });
	}
}

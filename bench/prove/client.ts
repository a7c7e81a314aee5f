// A client of the proof: it numbers its messages, sends those again that were not acknowledged, reconnects with its
// position after every lost connection, and fetches the history when a gap is reported, as protocol/README.md says.
import { ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	type ChatMessage,
	chatRoutes,
	type Envelope,
	HistoryDirection,
	MessageKind,
	pushes,
	Reconnect,
} from "../../protocol/gen/schema.ts";
import { ClientLog, idOf } from "./client-log.ts";
import type { Draft } from "./draft.ts";
import type { Participant } from "./jitter.ts";
import type { LoggedMessage } from "./ledger.ts";
import { Link, type LinkListener, type Loss, RejectedError } from "./link.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

export interface ClientOptions {
	readonly name: string;
	/** Nodes; each connection takes the next. */
	readonly urls: readonly string[];
	readonly random: Random;
	/** Loopback has many: each client is a site of its own, to which limits apply as they are shipped. */
	readonly localAddress: string;
	readonly timeline: Timeline;
	/** Characters of a message. */
	readonly textLength?: number;
}

/** A draining node has asked the client to reconnect. */
export interface ReconnectRequest {
	readonly receivedAtMs: number;
	/** The delay that the node asked for. */
	readonly delayMs: number;
	/** The close code of its connection; 1006 if it was lost at random before. */
	closeCode: number;
	/** When it was served again. */
	backAtMs: number;
}

const PASSWORD = "correct horse battery staple";
/** Characters of a message by default; after its id of two bytes each. */
export const TEXT_LENGTH = 64;
const FILLER = "é";
const PAGE = 200;
/** Waits between attempts to reconnect. */
export const MIN_BACKOFF_MS = 20;
export const MAX_BACKOFF_MS = 500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Client implements LinkListener, Participant {
	readonly name: string;
	readonly log: ClientLog;
	/** Every message that it has published, in order. */
	readonly published: Draft[] = [];
	roomId = "";
	/** Connections lost, by this side or the other. */
	losses = 0;
	/** Error replies that asked to retry later. */
	rejections = 0;
	/** Requests without an answer on a connection that stood. */
	unansweredRequests = 0;
	slowestAnswer = { route: "", ms: 0 };
	/** Sessions that had ended, so that it had to log in again. */
	relogins = 0;
	/** Access tokens that ran out while it was connected, and were renewed. */
	renewals = 0;
	/** Of connections that the other side ended. */
	readonly closeCodes = new Set<number>();
	readonly reconnectRequests: ReconnectRequest[] = [];
	/** Errors that are not retryable, which a client does not get in normal operation. */
	readonly failures: string[] = [];
	private readonly options: ClientOptions;
	private link: Link | undefined;
	private accessToken = "";
	private refreshToken = "";
	/** Pending: several requests may have met the end of the token. */
	private renewal: Promise<void> | undefined;
	private nextUrl = 0;
	/** Of `published`: how many have been acknowledged. */
	private acknowledged = 0;
	private isSending = false;
	private isCatchingUp = false;
	private isReady = false;
	private isKeptOffline = false;
	private isDone = false;

	constructor(options: ClientOptions) {
		this.options = options;
		this.name = options.name;
		this.log = new ClientLog((id) => options.timeline.delivered(id));
	}

	/** Connects for the first time, with an account of its own, and enters the room or makes one. */
	async enter(roomId?: string): Promise<void> {
		await this.open();
		await this.ask(authRoutes.register, { username: this.name, password: PASSWORD });
		await this.logIn();
		const room = { name: this.name, isPublic: true };
		const entered =
			roomId === undefined
				? await this.ask(chatRoutes.createChatRoom, room)
				: await this.ask(chatRoutes.joinChatRoom, { roomId });
		this.roomId = entered.room?.id ?? "";
		this.log.entered(entered.channel ?? "", { offset: entered.offset ?? 0, epoch: entered.epoch ?? "" });
		this.isReady = true;
	}

	/** The highest sequence that it knows of. */
	get reached(): number {
		return Math.max(this.log.last, this.published[this.acknowledged - 1]?.sequence ?? 0);
	}

	/** Sends a message as soon as it can, and as often as it has to. */
	publish(): void {
		const number = this.published.length + 1;
		const id = `${this.name}:${number}`;
		this.options.timeline.published(id);
		this.published.push({ id, sender: this.name, number, sequence: undefined });
		this.send();
	}

	/** Loses its connection, and reconnects after a while. */
	lose(loss: Loss, offlineMs: number): void {
		if (!this.isReady) return;
		this.link?.lose(loss);
		this.onDisconnected(offlineMs);
	}

	/** Disconnects until `reconnect` is called. Returns false when it is disconnected at the moment: try again. */
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
		this.link?.lose("closed");
	}

	/** Connected, all of its own acknowledged, and no gap left to fill. */
	get isSettled(): boolean {
		return this.isReady && this.acknowledged === this.published.length && !this.log.isBehind;
	}

	get isConnected(): boolean {
		return this.isReady;
	}

	/** The room's history from a sequence on, as the gateway returns it. */
	async *history(fromSequence: number): AsyncGenerator<LoggedMessage[]> {
		let cursor = "";
		do {
			const place = cursor === "" ? { fromSequence } : { cursor };
			const page = { roomId: this.roomId, direction: HistoryDirection.FORWARD, limit: PAGE, ...place };
			const reply = await this.askUntilServed(chatRoutes.getHistory, page);
			yield reply.messages.map((message) => logged(message as ChatMessage));
			cursor = reply.nextCursor ?? "";
		} while (cursor !== "");
	}

	push(envelope: Envelope): void {
		if (envelope.protocol === pushes.reconnect.number) this.onReconnect(envelope);
		else this.log.receive(envelope);
		this.catchUp();
	}

	lost(closeCode: number): void {
		this.closeCodes.add(closeCode);
		this.onDisconnected(MIN_BACKOFF_MS, closeCode);
	}

	answered(route: string, ms: number): void {
		if (ms > this.slowestAnswer.ms) this.slowestAnswer = { route, ms };
	}

	unanswered(route: string): void {
		this.unansweredRequests++;
		this.failures.push(`${this.name}: ${route} was not answered`);
	}

	/** The node closes the connection itself when the delay is over and the requests in flight are answered. */
	private onReconnect({ body = new Uint8Array() }: Envelope): void {
		const { delayMs = 0 } = Reconnect.decode(body);
		this.reconnectRequests.push({ receivedAtMs: performance.now(), delayMs, closeCode: 0, backAtMs: 0 });
	}

	private onDisconnected(offlineMs: number, closeCode = 1006): void {
		this.losses++;
		this.options.timeline.count("lost");
		const request = this.reconnectRequests.at(-1);
		if (request?.closeCode === 0) request.closeCode = closeCode;
		this.isReady = false;
		this.link = undefined;
		if (!this.isKeptOffline) void this.resume(offlineMs);
	}

	/** Reconnects, with as many attempts as it takes. */
	private async resume(offlineMs: number): Promise<void> {
		await pause(offlineMs);
		let backoffMs = MIN_BACKOFF_MS;
		while (!this.isDone && !this.isKeptOffline) {
			try {
				await this.open();
				await this.present();
				this.isReady = true;
				this.recordReturn();
				this.send();
				this.catchUp();
				return;
			} catch (error) {
				// `lost` is not called for a connection that was not ready.
				this.link?.lose("closed");
				this.link = undefined;
				const asked = await this.afterRejection(error);
				backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
				await pause(asked + backoffMs * this.options.random.next());
			}
		}
	}

	private recordReturn(): void {
		const request = this.reconnectRequests.at(-1);
		if (request?.backAtMs === 0) request.backAtMs = performance.now();
	}

	private async open(): Promise<void> {
		const { urls, localAddress } = this.options;
		const url = urls[this.nextUrl++ % urls.length] as string;
		// Events of an older connection are ignored.
		let link: Link | undefined;
		const isCurrent = (): boolean => link !== undefined && link === this.link;
		link = await Link.open(url, localAddress, {
			push: (envelope) => isCurrent() && this.push(envelope),
			lost: (code) => isCurrent() && this.isReady && this.lost(code),
			answered: (route, ms) => this.answered(route, ms),
			unanswered: (route) => this.unanswered(route),
		});
		this.link = link;
	}

	private async present(): Promise<void> {
		const { channel, position } = this.log;
		this.log.connecting();
		const positions = [{ channel, ...position }];
		const reply = await this.ask(authRoutes.connect, { accessToken: this.accessToken, positions });
		const recovery = reply.recoveries.find((entry) => entry.channel === channel);
		this.log.resumed(
			recovery && {
				recovered: recovery.recovered ?? false,
				offset: recovery.offset ?? 0,
				epoch: recovery.epoch ?? "",
			},
		);
	}

	private async logIn(): Promise<void> {
		const login = await this.ask(authRoutes.login, { username: this.name, password: PASSWORD });
		this.accessToken = login.tokens?.accessToken ?? "";
		this.refreshToken = login.tokens?.refreshToken ?? "";
	}

	/** A long run outlives the access tokens. The connection that presents the refresh token stays open. */
	private async renew(): Promise<void> {
		const { tokens } = await this.askWithRetry(authRoutes.refreshToken, { refreshToken: this.refreshToken });
		this.accessToken = tokens?.accessToken ?? "";
		this.refreshToken = tokens?.refreshToken ?? "";
		this.renewals++;
	}

	/** Handles an error reply. Returns how long to wait. */
	private async afterRejection(error: unknown): Promise<number> {
		if (!(error instanceof RejectedError)) return 0;
		if (error.code === ErrorCode.UNAUTHENTICATED || error.code === ErrorCode.TOKEN_EXPIRED) {
			this.relogins++;
			try {
				await this.open();
				await this.logIn();
			} catch {
				// The next attempt is refused again, and is handled here again.
			} finally {
				this.link?.lose("closed");
				this.link = undefined;
			}
			return 0;
		}
		this.record(error);
		return error.retryAfterMs;
	}

	private record(error: RejectedError): void {
		this.rejections++;
		if (!error.isRetryable) this.failures.push(`${this.name}: ${error.message}`);
	}

	private ask: Link["ask"] = (contract, request) => {
		if (this.link === undefined) return Promise.reject(new Error("not connected"));
		return this.link.ask(contract, request);
	};

	/** Retries while the request is refused with a retryable error. */
	private askWithRetry: Link["ask"] = async (contract, request) => {
		for (;;) {
			try {
				return await this.ask(contract, request);
			} catch (error) {
				if (!(error instanceof RejectedError) || error.code === ErrorCode.TOKEN_EXPIRED) throw error;
				this.record(error);
				if (!error.isRetryable) throw error;
				await pause(error.retryAfterMs);
			}
		}
	};

	/** The same, with a renewed access token when the old one has expired. */
	private askUntilServed: Link["ask"] = async (contract, request) => {
		for (;;) {
			try {
				return await this.askWithRetry(contract, request);
			} catch (error) {
				if (!(error instanceof RejectedError) || error.code !== ErrorCode.TOKEN_EXPIRED) throw error;
				this.renewal ??= this.renew().finally(() => {
					this.renewal = undefined;
				});
				await this.renewal;
			}
		}
	};

	/** One message at a time, in order: what is not acknowledged is sent again on the next connection. */
	private send(): void {
		if (this.isSending || !this.isReady) return;
		this.isSending = true;
		void this.sendAll().finally(() => {
			this.isSending = false;
			// A connection was opened while the end of the old one was being detected, or messages were published meanwhile.
			if (this.isReady && this.acknowledged < this.published.length && this.failures.length === 0)
				setImmediate(() => this.send());
		});
	}

	private async sendAll(): Promise<void> {
		try {
			for (
				let draft = this.published[this.acknowledged];
				draft !== undefined;
				draft = this.published[this.acknowledged]
			) {
				const content = {
					kind: MessageKind.TEXT,
					text: `${draft.id} `.padEnd(this.options.textLength ?? TEXT_LENGTH, FILLER),
				};
				const request = { roomId: this.roomId, clientMsgId: draft.id, content };
				const reply = await this.askUntilServed(chatRoutes.sendMessage, request);
				draft.sequence = reply.sequence;
				this.options.timeline.count("acknowledged");
				this.acknowledged++;
			}
		} catch {
			// The connection is lost, or the failure is recorded.
		}
	}

	private catchUp(): void {
		if (!this.log.isBehind || this.isCatchingUp || !this.isReady) return;
		this.isCatchingUp = true;
		void this.fetchHistory().finally(() => {
			this.isCatchingUp = false;
			if (this.failures.length === 0) setImmediate(() => this.catchUp());
		});
	}

	private async fetchHistory(): Promise<void> {
		try {
			const { gaps } = this.log;
			for await (const page of this.history(this.log.last)) this.log.fetch(page);
			if (gaps === this.log.gaps) this.log.caughtUp();
		} catch {
			// The connection is lost: it is tried again after the next Connect.
		}
	}
}

const logged = ({ content, sequence }: ChatMessage) => ({ id: idOf(content?.text ?? ""), sequence: sequence ?? 0 });

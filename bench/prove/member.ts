// A client of the proof: numbers what it says, repeats what was not acknowledged, comes back after every lost connection
// with its position, and fetches the history when it is told of a hole. All of it as protocol/README.md says.
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
import type { Participant } from "./jitter.ts";
import type { LoggedMessage } from "./ledger.ts";
import { Link, type LinkListener, type Loss, Refusal } from "./link.ts";
import { idOf, MemberLog } from "./member-log.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** A message on its way, and what became of it. */
export interface Draft {
	readonly id: string;
	readonly sender: string;
	readonly number: number;
	sequence: number | undefined;
}

export interface MemberOptions {
	readonly name: string;
	/** Nodes; each connection takes the next. */
	readonly urls: readonly string[];
	readonly random: Random;
	/** Loopback has many: each member is a site of its own, to which limits apply as they are shipped. */
	readonly localAddress: string;
	readonly timeline: Timeline;
	/** Characters of a message. */
	readonly textLength?: number;
}

/** A node that stops has sent it away. */
export interface Departure {
	readonly toldAtMs: number;
	/** The delay that it was told. */
	readonly delayMs: number;
	/** How its connection ended; 1006 if it was lost by chance before. */
	closeCode: number;
	/** When it was served again. */
	backAtMs: number;
}

const PASSWORD = "correct horse battery staple";
/** Characters of a message, unless told otherwise; after its id of two bytes each. */
export const TEXT_LENGTH = 64;
const FILLER = "é";
const PAGE = 200;
/** Waits between attempts to come back. */
export const MIN_BACKOFF_MS = 20;
export const MAX_BACKOFF_MS = 500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Member implements LinkListener, Participant {
	readonly name: string;
	readonly log: MemberLog;
	/** Everything that it has said, in order. */
	readonly said: Draft[] = [];
	roomId = "";
	/** Connections lost, by this side or the other. */
	losses = 0;
	/** Replies that said to come again later. */
	refusals = 0;
	/** Requests without an answer on a connection that stood. */
	unansweredRequests = 0;
	slowestAnswer = { route: "", ms: 0 };
	/** Sessions that were gone, so that it had to log in again. */
	relogins = 0;
	/** Access tokens that ran out while it was connected, and were renewed. */
	renewals = 0;
	/** Of connections that the other side ended. */
	readonly closeCodes = new Set<number>();
	readonly departures: Departure[] = [];
	/** Refusals for good, which are none of what a client is told to expect. */
	readonly failures: string[] = [];
	private readonly options: MemberOptions;
	private link: Link | undefined;
	private accessToken = "";
	private refreshToken = "";
	/** Under way: several requests may have met the end of the token. */
	private renewal: Promise<void> | undefined;
	private nextUrl = 0;
	/** Of `said`: what has been acknowledged. */
	private acknowledged = 0;
	private isSending = false;
	private isCatchingUp = false;
	private isReady = false;
	private isAway = false;
	private isDone = false;

	constructor(options: MemberOptions) {
		this.options = options;
		this.name = options.name;
		this.log = new MemberLog((id) => options.timeline.delivered(id));
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
		return Math.max(this.log.last, this.said[this.acknowledged - 1]?.sequence ?? 0);
	}

	/** Sends a message as soon as it can, and as often as it has to. */
	say(): void {
		const number = this.said.length + 1;
		const id = `${this.name}:${number}`;
		this.options.timeline.said(id);
		this.said.push({ id, sender: this.name, number, sequence: undefined });
		this.send();
	}

	/** Loses its connection, and comes back after a while. */
	lose(loss: Loss, awayMs: number): void {
		if (!this.isReady) return;
		this.link?.lose(loss);
		this.gone(awayMs);
	}

	/** Goes, until `comeBack`. Returns false when it is gone for the moment anyway: ask again. */
	leave(): boolean {
		if (!this.isReady) return false;
		this.isAway = true;
		this.lose("closed", 0);
		return true;
	}

	comeBack(): void {
		this.isAway = false;
		void this.resume(0);
	}

	end(): void {
		this.isDone = true;
		this.link?.lose("closed");
	}

	/** Connected, all of its own acknowledged, and no hole left to fill. */
	get isSettled(): boolean {
		return this.isReady && this.acknowledged === this.said.length && !this.log.isBehind;
	}

	get isConnected(): boolean {
		return this.isReady;
	}

	/** The room's history from a sequence on, as the gateway tells it. */
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
		if (envelope.protocol === pushes.reconnect.number) this.sentAway(envelope);
		else this.log.receive(envelope);
		this.catchUp();
	}

	lost(closeCode: number): void {
		this.closeCodes.add(closeCode);
		this.gone(MIN_BACKOFF_MS, closeCode);
	}

	answered(route: string, ms: number): void {
		if (ms > this.slowestAnswer.ms) this.slowestAnswer = { route, ms };
	}

	unanswered(route: string): void {
		this.unansweredRequests++;
		this.failures.push(`${this.name}: ${route} was not answered`);
	}

	/** The node closes the connection itself when the delay is over and what is under way is answered. */
	private sentAway({ body = new Uint8Array() }: Envelope): void {
		const { delayMs = 0 } = Reconnect.decode(body);
		this.departures.push({ toldAtMs: performance.now(), delayMs, closeCode: 0, backAtMs: 0 });
	}

	private gone(awayMs: number, closeCode = 1006): void {
		this.losses++;
		this.options.timeline.count("lost");
		const departure = this.departures.at(-1);
		if (departure?.closeCode === 0) departure.closeCode = closeCode;
		this.isReady = false;
		this.link = undefined;
		if (!this.isAway) void this.resume(awayMs);
	}

	/** Comes back, however often it takes. */
	private async resume(awayMs: number): Promise<void> {
		await pause(awayMs);
		let backoffMs = MIN_BACKOFF_MS;
		while (!this.isDone && !this.isAway) {
			try {
				await this.open();
				await this.present();
				this.isReady = true;
				this.isBack();
				this.send();
				this.catchUp();
				return;
			} catch (error) {
				// Nobody tells `lost` of a connection that was not told of itself.
				this.link?.lose("closed");
				this.link = undefined;
				const asked = await this.afterRefusal(error);
				backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
				await pause(asked + backoffMs * this.options.random.next());
			}
		}
	}

	private isBack(): void {
		const departure = this.departures.at(-1);
		if (departure?.backAtMs === 0) departure.backAtMs = performance.now();
	}

	private async open(): Promise<void> {
		const { urls, localAddress } = this.options;
		const url = urls[this.nextUrl++ % urls.length] as string;
		// What an older connection still says is not heard any more.
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

	/** A long run outlives the access tokens. The connection that presents the refresh token goes on. */
	private async renew(): Promise<void> {
		const { tokens } = await this.askPatiently(authRoutes.refreshToken, { refreshToken: this.refreshToken });
		this.accessToken = tokens?.accessToken ?? "";
		this.refreshToken = tokens?.refreshToken ?? "";
		this.renewals++;
	}

	/** Deals with what a refusal asks for. Returns how long to wait. */
	private async afterRefusal(error: unknown): Promise<number> {
		if (!(error instanceof Refusal)) return 0;
		if (error.code === ErrorCode.UNAUTHENTICATED || error.code === ErrorCode.TOKEN_EXPIRED) {
			this.relogins++;
			try {
				await this.open();
				await this.logIn();
			} catch {
				// The next attempt is refused again, and comes here again.
			} finally {
				this.link?.lose("closed");
				this.link = undefined;
			}
			return 0;
		}
		this.note(error);
		return error.retryAfterMs;
	}

	private note(refusal: Refusal): void {
		this.refusals++;
		if (!refusal.isRetryable) this.failures.push(`${this.name}: ${refusal.message}`);
	}

	private ask: Link["ask"] = (contract, request) => {
		if (this.link === undefined) return Promise.reject(new Error("not connected"));
		return this.link.ask(contract, request);
	};

	/** Repeats what may be repeated while it is refused for a while. */
	private askPatiently: Link["ask"] = async (contract, request) => {
		for (;;) {
			try {
				return await this.ask(contract, request);
			} catch (error) {
				if (!(error instanceof Refusal) || error.code === ErrorCode.TOKEN_EXPIRED) throw error;
				this.note(error);
				if (!error.isRetryable) throw error;
				await pause(error.retryAfterMs);
			}
		}
	};

	/** The same, with another access token where it has run out. */
	private askUntilServed: Link["ask"] = async (contract, request) => {
		for (;;) {
			try {
				return await this.askPatiently(contract, request);
			} catch (error) {
				if (!(error instanceof Refusal) || error.code !== ErrorCode.TOKEN_EXPIRED) throw error;
				this.renewal ??= this.renew().finally(() => {
					this.renewal = undefined;
				});
				await this.renewal;
			}
		}
	};

	/** One message at a time, in order: what is not acknowledged goes out again with the next connection. */
	private send(): void {
		if (this.isSending || !this.isReady) return;
		this.isSending = true;
		void this.sendAll().finally(() => {
			this.isSending = false;
			// A connection that came while the old one's end was being noticed, or words in between.
			if (this.isReady && this.acknowledged < this.said.length && this.failures.length === 0)
				setImmediate(() => this.send());
		});
	}

	private async sendAll(): Promise<void> {
		try {
			for (let draft = this.said[this.acknowledged]; draft !== undefined; draft = this.said[this.acknowledged]) {
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
			// The connection is gone, or the failure is noted.
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
			const { holes } = this.log;
			for await (const page of this.history(this.log.last)) this.log.fetch(page);
			if (holes === this.log.holes) this.log.caughtUp();
		} catch {
			// The connection is gone: after the next Connect it is tried again.
		}
	}
}

const logged = ({ content, sequence }: ChatMessage) => ({ id: idOf(content?.text ?? ""), sequence: sequence ?? 0 });

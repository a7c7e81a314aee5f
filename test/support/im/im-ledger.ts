// What clients of an IM were promised, and what they got. A client here does what one of an IM does: it sends a message until it is
// acknowledged, comes back with its last positions, keeps messages that come ahead of others, and reads gaps from the history.
import { setTimeout as pause } from "node:timers/promises";
import { ImClient, type ImFrame, type ImPosition } from "./im-client.ts";
import type { ImAccount } from "./im-site.ts";

export interface Delivered {
	readonly seq: number;
	readonly sender: string;
	readonly content: string;
}

interface Incoming {
	readonly conversation_id: string;
	readonly seq_id: number;
	readonly sender_id: string;
	readonly content: string;
}

const RETRY_MS = 300;
/** Without an answer for so long, a message is sent again. */
const ACK_WITHIN_MS = 15_000;

export class ImSession {
	/** By conversation, in the order in which the client showed them. */
	readonly delivered = new Map<string, Delivered[]>();
	/** `conversation content` of messages that were acknowledged. */
	readonly acked = new Set<string>();
	/** Pushes that came again; messages that came behind a later one on one connection; gaps that were read from the history. */
	readonly counts = { pushes: 0, repeats: 0, overtaken: 0, gaps: 0, resent: 0, reconnects: 0 };
	/** Its token was accepted, and what it sends is answered. */
	isConnected = false;
	private readonly urls: () => readonly string[];
	private readonly account: ImAccount;
	private readonly positions = new Map<string, ImPosition>();
	/** Messages ahead of a gap, by conversation and number. */
	private readonly ahead = new Map<string, Map<number, Incoming>>();
	private readonly filling = new Set<string>();
	private readonly answers = new Map<string, (frame: ImFrame) => void>();
	private client: ImClient | undefined;
	private isOver = false;
	private nextId = 1;

	/** @param urls - of gateways, the client's own first. */
	constructor(urls: () => readonly string[], account: ImAccount) {
		this.urls = urls;
		this.account = account;
	}

	/** Until it is closed: connects, and again to whichever gateway answers. */
	async run(): Promise<void> {
		for (let attempt = 0; !this.isOver; attempt++) {
			const urls = this.urls();
			await this.connection(urls[attempt % urls.length] ?? "");
			this.client = undefined;
			if (this.isOver) return;
			this.counts.reconnects++;
			await pause(RETRY_MS);
		}
	}

	close(): void {
		this.isOver = true;
		this.client?.socket.terminate();
	}

	/** Sends a message, again until it is acknowledged. */
	async send(conversation: string, content: string): Promise<void> {
		for (let attempt = 0; ; attempt++) {
			if (attempt > 0) this.counts.resent++;
			const data = { conversation_id: conversation, message_type: 1, content, client_msg_id: content };
			const answer = await this.ask("send-message", data);
			if (answer?.type === "ack") {
				this.acked.add(`${conversation} ${content}`);
				return;
			}
			await pause(Math.max(RETRY_MS, Number(answer?.data.retry_after_ms ?? 0)));
		}
	}

	private async connection(url: string): Promise<void> {
		const client = new ImClient(url, { handshakeTimeout: 5000 });
		client.onFrame = (frame) => this.receive(frame);
		client.socket.once("open", () => {
			this.client = client;
			const positions = [...this.positions.values()];
			void this.ask("auth", { token: this.account.token, positions }).then((answer) => {
				if (answer?.type !== "connected") client.socket.terminate();
				else {
					this.isConnected = true;
					for (const conversation of this.delivered.keys()) void this.fill(conversation);
				}
			});
		});
		await client.closed;
		this.isConnected = false;
		for (const answer of this.answers.values()) answer({ type: "closed", message_id: "", data: {}, timestamp: 0 });
		this.answers.clear();
	}

	/** @returns undefined when there is no connection, or no answer in time. */
	private async ask(type: string, data: object): Promise<ImFrame | undefined> {
		const { client } = this;
		if (client === undefined || client.socket.readyState !== client.socket.OPEN) return undefined;
		const id = `${this.account.id}-${this.nextId++}`;
		const timeout = new AbortController();
		const answer = new Promise<ImFrame>((resolve) => this.answers.set(id, resolve));
		client.socket.send(JSON.stringify({ type, message_id: id, data, timestamp: Date.now() }));
		const late = pause(ACK_WITHIN_MS, undefined, { signal: timeout.signal }).catch(() => undefined);
		const frame = await Promise.race([answer, late]);
		timeout.abort();
		this.answers.delete(id);
		return frame;
	}

	private receive(frame: ImFrame): void {
		if (frame.position !== undefined) this.positions.set(frame.position.channel, frame.position);
		if (frame.type === "new-message") {
			this.counts.pushes++;
			this.take(frame.data as Incoming);
			return;
		}
		this.answers.get(frame.message_id)?.(frame);
	}

	private take(message: Incoming): void {
		const { conversation_id: conversation, seq_id: seq } = message;
		const shown = this.delivered.get(conversation) ?? [];
		this.delivered.set(conversation, shown);
		const ahead = this.ahead.get(conversation) ?? new Map<number, Incoming>();
		this.ahead.set(conversation, ahead);
		if (seq <= shown.length || ahead.has(seq)) {
			this.counts.repeats++;
			return;
		}
		if ([...ahead.keys()].some((other) => other > seq)) this.counts.overtaken++;
		ahead.set(seq, message);
		for (let next = ahead.get(shown.length + 1); next !== undefined; next = ahead.get(shown.length + 1)) {
			ahead.delete(next.seq_id);
			shown.push({ seq: next.seq_id, sender: next.sender_id, content: next.content });
		}
		if (ahead.size > 0) void this.fill(conversation);
	}

	/** Reads from the history what is missing. */
	private async fill(conversation: string): Promise<void> {
		if (this.filling.has(conversation)) return;
		this.filling.add(conversation);
		try {
			for (;;) {
				const after = this.delivered.get(conversation)?.length ?? 0;
				const answer = await this.ask("sync", { conversation_id: conversation, after_seq_id: after, limit: 200 });
				if (answer?.type !== "sync") {
					if (this.isOver || answer?.type === "closed" || answer === undefined) return;
					await pause(RETRY_MS);
					continue;
				}
				const { messages, has_more: hasMore } = answer.data as { messages: Incoming[]; has_more: boolean };
				const before = this.delivered.get(conversation)?.length ?? 0;
				for (const message of messages.filter(({ seq_id: seq }) => seq > before)) this.take(message);
				if ((this.delivered.get(conversation)?.length ?? 0) > before) this.counts.gaps++;
				if (!hasMore) return;
			}
		} finally {
			this.filling.delete(conversation);
		}
	}
}

export interface Finding {
	readonly conversation: string;
	readonly text: string;
}

/** Every acknowledged message at every member, once, in one order that keeps that of each sender. */
export function findings(sessions: readonly ImSession[], conversations: readonly string[]): readonly Finding[] {
	const found: Finding[] = [];
	for (const conversation of conversations) {
		const views = sessions.map(({ delivered }) => delivered.get(conversation) ?? []);
		const [first = []] = views;
		const texts = first.map(({ content }) => content);
		const acked = sessions.flatMap((session) => [...session.acked]);
		const promised = acked.filter((one) => one.startsWith(`${conversation} `)).map((one) => one.split(" ")[1]);
		const note = (text: string) => found.push({ conversation, text });
		const missing = promised.filter((content) => !texts.includes(content ?? ""));
		if (missing.length > 0)
			note(`${missing.length} acknowledged messages are missing: ${missing.slice(0, 5).join(", ")}`);
		if (new Set(texts).size !== texts.length) note("a message came twice");
		if (first.some(({ seq }, index) => seq !== index + 1)) note("numbers are not 1, 2, 3, …");
		for (const view of views) {
			if (JSON.stringify(view) !== JSON.stringify(first)) note("members saw different messages, or in another order");
		}
		for (const sender of new Set(first.map((one) => one.sender))) {
			const own = first.filter((one) => one.sender === sender).map(({ content }) => Number(content.split("-").at(-1)));
			if (own.some((number, index) => number !== index)) note(`the order of ${sender} is not kept`);
		}
	}
	return found;
}

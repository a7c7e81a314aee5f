// Honest clients beside an attack: they send heartbeats, chat in a room, and log in again and again; everything they do is
// timed, and has to succeed.
import {
	authRoutes,
	chatRoutes,
	type Envelope,
	MessageKind,
	MessagePosted,
	pushes,
} from "../../../protocol/gen/schema.ts";
import { Link, type LinkListener } from "../link.ts";
import { Samples } from "./samples-in-time.ts";

export const CHATTERS = 6;
/** Each logs in at most ten times within a quarter of an hour, which is what an account may. */
const ACCOUNTS = 16;
const HEARTBEAT_EVERY_MS = 100;
const CHAT_EVERY_MS = 200;
const LOGIN_EVERY_MS = 600;
const PASSWORD = "a long password";

export const kinds = ["heartbeat", "chat", "login"] as const;
export type Kind = (typeof kinds)[number];

interface Published {
	readonly atMs: number;
	/** Members who do not have it yet. */
	missing: number;
}

export class Bystanders {
	/** What was refused, lost or not answered, in words. */
	readonly failures: string[] = [];
	readonly samples: Readonly<Record<Kind, Samples>> = {
		heartbeat: new Samples(),
		chat: new Samples(),
		login: new Samples(),
	};
	messages = 0;
	private readonly urls: readonly string[];
	private readonly chatters: Link[] = [];
	private readonly published = new Map<string, Published>();
	private readonly timers: NodeJS.Timeout[] = [];
	private roomId = "";
	private logins = 0;
	private isOver = false;

	private constructor(urls: readonly string[]) {
		this.urls = urls;
	}

	/** Makes the accounts and fills the room; nothing is sent yet. */
	static async gather(urls: readonly string[]): Promise<Bystanders> {
		const bystanders = new Bystanders(urls);
		for (let index = 0; index < CHATTERS; index++) await bystanders.enter(index);
		await Promise.all(
			Array.from({ length: ACCOUNTS }, async (_, index) => {
				const link = await bystanders.open(
					CHATTERS + index,
					bystanders.listener("an account", () => {}),
				);
				await link.ask(authRoutes.register, { username: nameOf(CHATTERS + index), password: PASSWORD });
				link.lose("closed");
			}),
		);
		return bystanders;
	}

	begin(): void {
		this.every(HEARTBEAT_EVERY_MS / CHATTERS, (turn) => this.heartbeat(this.chatters[turn % CHATTERS] as Link));
		this.every(CHAT_EVERY_MS / CHATTERS, (turn) => this.publish(this.chatters[turn % CHATTERS] as Link, turn));
		this.every(LOGIN_EVERY_MS, () => this.logIn());
	}

	/** Stops sending; requests in flight are completed. */
	stop(): void {
		for (const timer of this.timers) clearInterval(timer);
	}

	end(): void {
		this.isOver = true;
		this.stop();
		for (const link of this.chatters) link.lose("closed");
	}

	/** Messages that a member of the room has not received. */
	get undelivered(): number {
		return [...this.published.values()].filter(({ missing }) => missing > 0).length;
	}

	private every(ms: number, operation: (turn: number) => Promise<void>): void {
		let turn = 0;
		this.timers.push(setInterval(() => void operation(turn++).catch((error: unknown) => this.fail(error)), ms));
	}

	private async heartbeat(link: Link): Promise<void> {
		await this.timed("heartbeat", () => link.ask(authRoutes.heartbeat, {}));
	}

	private async publish(link: Link, turn: number): Promise<void> {
		const text = `turn-${turn}`;
		this.published.set(text, { atMs: performance.now(), missing: CHATTERS });
		this.messages++;
		const content = { kind: MessageKind.TEXT, text };
		await link.ask(chatRoutes.sendMessage, { roomId: this.roomId, clientMsgId: text, content });
	}

	/** From the connection to the reply, as a user who opens the application. */
	private async logIn(): Promise<void> {
		const index = CHATTERS + (this.logins++ % ACCOUNTS);
		await this.timed("login", async () => {
			const link = await this.open(
				index,
				this.listener("a login", () => {}),
			);
			try {
				await link.ask(authRoutes.login, { username: nameOf(index), password: PASSWORD, deviceId: `d${this.logins}` });
			} finally {
				link.lose("closed");
			}
		});
	}

	private async timed(kind: Kind, operation: () => Promise<unknown>): Promise<void> {
		const atMs = performance.now();
		await operation();
		this.samples[kind].add(atMs);
	}

	private async enter(index: number): Promise<void> {
		const link = await this.open(
			index,
			this.listener(nameOf(index), (envelope) => this.receive(envelope)),
		);
		await link.ask(authRoutes.register, { username: nameOf(index), password: PASSWORD });
		await link.ask(authRoutes.login, { username: nameOf(index), password: PASSWORD });
		if (index === 0) {
			const { room } = await link.ask(chatRoutes.createChatRoom, { name: "bystanders", isPublic: true });
			this.roomId = room?.id ?? "";
		} else {
			await link.ask(chatRoutes.joinChatRoom, { roomId: this.roomId });
		}
		this.chatters.push(link);
	}

	private open(index: number, listener: LinkListener): Promise<Link> {
		return Link.open(this.urls[index % this.urls.length] ?? "", `127.3.0.${index + 1}`, listener);
	}

	private receive({ protocol, body }: Envelope): void {
		if (protocol !== pushes.messagePosted.number) return;
		const text = MessagePosted.decode(body ?? new Uint8Array()).message?.content?.text ?? "";
		const message = this.published.get(text);
		if (message === undefined || --message.missing > 0) return;
		// Every member has it.
		this.samples.chat.add(message.atMs);
	}

	private listener(who: string, push: (envelope: Envelope) => void): LinkListener {
		return {
			push,
			lost: (closeCode) => this.fail(`${who}: the connection was closed with ${closeCode}`),
			answered: () => {},
			unanswered: (route) => this.fail(`${who}: ${route} was not answered`),
		};
	}

	private fail(reason: unknown): void {
		if (!this.isOver) this.failures.push(reason instanceof Error ? reason.message : String(reason));
	}
}

function nameOf(index: number): string {
	return `bystander-${index}`;
}

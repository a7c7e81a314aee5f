// A member of a chat room that keeps a ledger: what it got on the room's channel, through any number of lost connections.
// It behaves as a client should: presents its position after each loss, and drops what it has had.
import { once } from "node:events";
import WebSocket from "ws";
import type { RouteContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { authRoutes, ChannelReset, chatRoutes, Envelope, MessagePosted, pushes } from "../../protocol/gen/schema.ts";

export class LedgerClient {
	/** Sequence numbers of the room's messages, in the order of their arrival. */
	readonly received: number[] = [];
	/** Recoveries that could not bring everything, and resets. */
	holes = 0;
	duplicates = 0;
	/** Messages published again, under an offset of their own. */
	repeats = 0;
	reconnects = 0;
	private readonly urls: readonly string[];
	private readonly accessToken: string;
	private readonly writer = new EnvelopeWriter();
	private readonly waiting = new Map<number, (reply: Envelope) => void>();
	private socket: WebSocket | undefined;
	private position: { channel: string; offset: number; epoch: string } | undefined;
	private nextSeq = 1;
	private isDone = false;

	/** @param urls - nodes; each connection takes the next. */
	constructor(urls: readonly string[], accessToken: string) {
		this.urls = urls;
		this.accessToken = accessToken;
	}

	/** Connects for the first time and joins the room. */
	async join(roomId: string): Promise<void> {
		await this.connect();
		const reply = await this.ask(chatRoutes.joinChatRoom, { roomId });
		const { channel, offset, epoch } = chatRoutes.joinChatRoom.reply.decode(reply.body ?? new Uint8Array());
		this.position ??= { channel: channel ?? "", offset: offset ?? 0, epoch: epoch ?? "" };
	}

	/** Loses the connection without a word, and comes back at once. */
	async drop(): Promise<void> {
		this.socket?.terminate();
		await this.reconnect();
	}

	/** Comes back whenever the connection is lost, until `leave`. */
	async reconnect(): Promise<void> {
		this.reconnects++;
		while (!this.isDone) {
			try {
				await this.connect();
				return;
			} catch {
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
		}
	}

	leave(): void {
		this.isDone = true;
		this.socket?.terminate();
	}

	async ask<Request, Properties, Reply, ReplyProperties>(
		contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
		request: Properties,
	): Promise<Envelope> {
		const { socket } = this;
		if (socket === undefined) throw new Error("not connected");
		const seq = this.nextSeq++;
		const reply = new Promise<Envelope>((resolve, reject) => {
			this.waiting.set(seq, resolve);
			socket.once("close", () => reject(new Error("connection lost")));
		});
		socket.send(this.writer.request(contract.number, seq, contract.request, request, ""));
		const envelope = await reply;
		if (envelope.code) throw new Error(`${contract.name}: ${envelope.code} ${envelope.error?.message}`);
		return envelope;
	}

	private async connect(): Promise<void> {
		const url = this.urls[this.reconnects % this.urls.length] as string;
		const socket = new WebSocket(url);
		socket.on("error", () => {});
		socket.on("message", (data: Buffer) => {
			if (socket === this.socket) this.receive(Envelope.decode(data));
		});
		this.socket = socket;
		await once(socket, "open");
		const positions = this.position === undefined ? [] : [this.position];
		const reply = await this.ask(authRoutes.connect, { accessToken: this.accessToken, positions });
		const { recoveries = [] } = authRoutes.connect.reply.decode(reply.body ?? new Uint8Array());
		const room = recoveries.find(({ channel }) => channel === this.position?.channel);
		if (this.position !== undefined && !room?.recovered) this.holes++;
		socket.once("close", () => {
			if (!this.isDone && socket === this.socket) void this.reconnect();
		});
	}

	private receive(envelope: Envelope): void {
		const resolve = this.waiting.get(envelope.seq ?? 0);
		if (resolve !== undefined) {
			this.waiting.delete(envelope.seq ?? 0);
			resolve(envelope);
			return;
		}
		if (envelope.protocol === pushes.channelReset.number) {
			const { channel, offset, epoch } = ChannelReset.decode(envelope.body ?? new Uint8Array());
			const here = this.position;
			// One that says where this member stands anyway greets somebody who was just let in.
			if (channel === here?.channel && (offset !== here?.offset || epoch !== here?.epoch)) this.holes++;
		}
		if (envelope.protocol !== pushes.messagePosted.number) return;
		const { channel = "", offset = 0, epoch = "" } = envelope;
		const { message } = MessagePosted.decode(envelope.body ?? new Uint8Array());
		if (this.position?.epoch === epoch && offset <= this.position.offset) this.duplicates++;
		this.position = { channel, offset, epoch };
		// A node that died between publishing and noting that it had is made good for by another, which may say it again.
		const sequence = message?.sequence ?? 0;
		if (sequence > (this.received.at(-1) ?? 0)) this.received.push(sequence);
		else this.repeats++;
	}
}

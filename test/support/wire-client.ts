// A bare client for tests: one WebSocket, frames in and out, no reconnecting and no cleverness. What the client library
// would hide is what these tests look at.
import { once } from "node:events";
import WebSocket from "ws";
import type { RouteContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { authRoutes, Envelope, type LoginResponse } from "../../protocol/gen/schema.ts";
import type { TraceContext } from "../../protocol/trace-context.ts";

export interface Closed {
	readonly code: number;
	readonly reason: string;
}

export class WireClient {
	readonly socket: WebSocket;
	/** Frames that answered no request of ours, oldest first. */
	readonly pushes: Envelope[] = [];
	readonly closed: Promise<Closed>;
	private readonly writer = new EnvelopeWriter();
	private readonly waiting = new Map<number, (reply: Envelope) => void>();
	private readonly pushWaiters: (() => void)[] = [];
	private nextSeq = 1;

	private constructor(socket: WebSocket) {
		this.socket = socket;
		this.closed = new Promise((resolve) => {
			socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
		});
		socket.on("error", () => {});
		socket.on("message", (data: Buffer) => this.receive(Envelope.decode(data)));
	}

	/** Connects. @throws when refused at the HTTP level. */
	static async open(url: string, options: WebSocket.ClientOptions = {}): Promise<WireClient> {
		const socket = new WebSocket(url, ["framegate.v1"], options);
		const client = new WireClient(socket);
		await once(socket, "open");
		return client;
	}

	/** Connects, registers an account unless it exists, and logs in. */
	static async member(
		url: string,
		username: string,
		deviceId = "",
	): Promise<{ client: WireClient; login: LoginResponse }> {
		const client = await WireClient.open(url);
		await client.ask(authRoutes.register, { username, password: PASSWORD });
		return { client, login: await client.login(username, deviceId) };
	}

	async login(username: string, deviceId = ""): Promise<LoginResponse> {
		const reply = await this.ask(authRoutes.login, { username, password: PASSWORD, deviceId });
		if (reply.code) throw new Error(`login of ${username}: ${reply.error?.message}`);
		return authRoutes.login.reply.decode(reply.body ?? new Uint8Array());
	}

	/** Sends a request and waits for its reply, of any code. */
	ask<Request, Properties, Reply, ReplyProperties>(
		contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
		request: Properties,
		context?: TraceContext,
	): Promise<Envelope> {
		const seq = this.nextSeq++;
		const reply = new Promise<Envelope>((resolve, reject) => {
			this.waiting.set(seq, resolve);
			void this.closed.then(({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`)));
		});
		this.socket.send(this.writer.request(contract.number, seq, contract.request, request, "", context));
		return reply;
	}

	/** The next frame that answers no request, oldest first. */
	async push(): Promise<Envelope> {
		while (this.pushes.length === 0) await new Promise<void>((resolve) => this.pushWaiters.push(resolve));
		return this.pushes.shift() as Envelope;
	}

	async close(): Promise<void> {
		this.socket.close();
		await this.closed;
	}

	private receive(envelope: Envelope): void {
		const resolve = this.waiting.get(envelope.seq ?? 0);
		if (resolve) {
			this.waiting.delete(envelope.seq ?? 0);
			resolve(envelope);
			return;
		}
		this.pushes.push(envelope);
		for (const waiter of this.pushWaiters.splice(0)) waiter();
	}
}

/** Of every account that tests make. */
export const PASSWORD = "a long password";

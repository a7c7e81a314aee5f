// A gateway that a test scripts: uses the envelope over the `ws` package and replies as the test's scripts do.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract, PushContract, RouteContract } from "../../protocol/contract.ts";
import { EnvelopeReader, EnvelopeWriter, type Position } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import {
	authRoutes,
	type ChannelPositionProperties,
	type ChannelRecoveryProperties,
	routeContracts,
} from "../../protocol/gen/schema.ts";

export interface Arrival {
	readonly connection: number;
	readonly name: string;
	readonly seq: number;
	readonly body: Record<string, unknown>;
}

/** Returns reply properties, throws a GatewayError, or returns `undefined` for no reply. */
type Script = (body: never, socket: WebSocket, connection: number) => unknown;

export class FakeGateway {
	readonly arrivals: Arrival[] = [];
	readonly sockets: WebSocket[] = [];
	private readonly server: WebSocketServer;
	private readonly scripts = new Map<number, Script>();
	private readonly writer = new EnvelopeWriter();
	private readonly reader = new EnvelopeReader();
	private watchers: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

	private constructor(server: WebSocketServer) {
		this.server = server;
		server.on("connection", (socket) => this.accept(socket));
	}

	static async start(): Promise<FakeGateway> {
		const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/ws" });
		await once(server, "listening");
		return new FakeGateway(server);
	}

	get url(): string {
		return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws`;
	}

	/** The newest connection. */
	get socket(): WebSocket {
		return this.sockets.at(-1)!;
	}

	on<Request, ReplyProperties>(
		contract: RouteContract<Request, unknown, unknown, ReplyProperties>,
		script: (body: Request, socket: WebSocket, connection: number) => ReplyProperties | undefined,
	): this {
		this.scripts.set(contract.number, script as Script);
		return this;
	}

	/** Answers Login and Connect as a healthy gateway does. */
	servesSessions(session: { heartbeatIntervalMs?: number; maxMessageBytes?: number } = {}): this {
		const info = () => ({ sessionId: "s1", serverTimeMs: Date.now(), ...session });
		this.on(authRoutes.login, () => ({ tokens: tokenPair("a1", "r1"), session: info(), user: { id: "u1" } }));
		return this.on(authRoutes.connect, () => ({ session: info(), user: { id: "u1" } }));
	}

	/** Answers Connect with the recoveries of the named channels, in place of `servesSessions`. */
	recoversChannels(recoveries: Readonly<Record<string, ChannelRecoveryProperties>>): this {
		return this.on(authRoutes.connect, (request) => ({
			session: { sessionId: "s1" },
			user: { id: "u1" },
			recoveries: (request.positions ?? []).map(({ channel = "" }) => recoveries[channel] ?? { channel }),
		}));
	}

	/** The positions that the last Connect presented. */
	presented(): ChannelPositionProperties[] {
		const positions = this.named("auth.connect").at(-1)?.body["positions"] as ChannelPositionProperties[];
		return positions.map(({ channel, offset, epoch }) => ({ channel, offset, epoch }) as ChannelPositionProperties);
	}

	push<Properties>(contract: PushContract<unknown, Properties>, message: Properties, position?: Position): void {
		this.socket.send(this.writer.push(contract.number, contract.message, message, position));
	}

	named(name: string): Arrival[] {
		return this.arrivals.filter((arrival) => arrival.name === name);
	}

	/** Resolves once the condition holds, checked at every connection and request. */
	until(met: () => boolean): Promise<void> {
		if (met()) return Promise.resolve();
		return new Promise((resolve) => this.watchers.push({ met, resolve }));
	}

	async stop(): Promise<void> {
		for (const socket of this.server.clients) socket.terminate();
		this.server.close();
		await once(this.server, "close");
	}

	private accept(socket: WebSocket): void {
		const connection = this.sockets.push(socket);
		socket.on("message", (data: Buffer, isBinary) => {
			if (!isBinary || !this.reader.read(data)) throw new Error("the client sent no envelope");
			this.serve(socket, connection, data);
		});
		this.check();
	}

	private serve(socket: WebSocket, connection: number, data: Buffer): void {
		const { protocol, seq, bodyStart, bodyEnd } = this.reader;
		const contract = routeContracts.get(protocol) as AnyRouteContract;
		const body = contract.request.decode(data.subarray(bodyStart, bodyEnd));
		this.arrivals.push({ connection, name: contract.name, seq, body });
		try {
			const reply = this.scripts.get(protocol)?.(body as never, socket, connection);
			if (reply !== undefined && seq !== 0) socket.send(this.writer.reply(protocol, seq, contract.reply, reply, ""));
		} catch (error) {
			const { code, message, retryAfterMs, violations } = GatewayError.from(error);
			socket.send(this.writer.error(protocol, seq, code, { message, retryAfterMs, violations: [...violations] }, ""));
		}
		this.check();
	}

	private check(): void {
		const [met, rest] = [this.watchers.filter((w) => w.met()), this.watchers.filter((w) => !w.met())];
		this.watchers = rest;
		for (const watcher of met) watcher.resolve();
	}
}

export function tokenPair(accessToken: string, refreshToken: string, livesMs = 3_600_000) {
	return { accessToken, accessExpiresAtMs: Date.now() + livesMs, refreshToken, refreshExpiresAtMs: Date.now() + 1e9 };
}

export const expired = () => new GatewayError(ErrorCode.TOKEN_EXPIRED, "the access token has expired");

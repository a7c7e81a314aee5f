// The connection that a client of Nacos 2 and 3 holds, on the port of HTTP and 1000: a server check, the set-up of a stream by which the
// server sends requests of its own, and a health check every few seconds. Everything that the server knows of a client ends with
// its connection: who uses it is notified of each new one, and does again what it had done (redo).
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff } from "../../../common/backoff.ts";
import { GrpcConnection, isUnavailable, type RpcStream } from "../grpc-connection.ts";
import { type ServerAddress, ServerRotation } from "../server-address.ts";
import type { TlsMaterial } from "../tls-files.ts";
import { type JsonObject, type Payload, readPayload, writePayload } from "./nacos-payload.ts";

export interface NacosConnectionOptions {
	/** With the ports of gRPC. */
	readonly servers: readonly ServerAddress[];
	readonly tls: TlsMaterial;
	readonly namespace: string;
	readonly timeoutMs: number;
	readonly healthIntervalMs: number;
	/** Of the user, if there is one. */
	readonly token: () => Promise<string | undefined>;
	readonly forgetToken: () => void;
	/** A connection stands; the first one, and each after an outage. */
	readonly onConnected: () => void;
	readonly onDisconnected: (error: Error) => void;
	/** A request of the server that is none of the connection itself. */
	readonly onPush: (payload: Payload) => void;
}

interface Session {
	readonly server: ServerAddress;
	readonly connection: GrpcConnection;
	readonly stream: RpcStream;
	/** Of connections of this client, from 1. */
	readonly number: number;
}

const REQUEST = "/Request/request";
const STREAM = "/BiRequestStream/requestBiStream";
const BACKOFF = { firstMs: 200, maxMs: 10_000 };
const SUCCESS = 200;
/** The server does not know this connection, or not yet: it takes the set-up on its own time. */
const UNREGISTERED = 301;
const NO_RIGHT = 403;
const SETUP_POLL_MS = 20;
const CLIENT_VERSION = "Framegate-Client:v1.0.0";

/** An answer of Nacos that is no success. */
export class NacosError extends Error {
	readonly code: number;

	constructor(type: string, code: number, message: unknown) {
		super(`Nacos answered ${code} to ${type}: ${String(message).slice(0, 200)}`);
		this.name = "NacosError";
		this.code = code;
	}
}

export class NacosConnection {
	private readonly options: NacosConnectionOptions;
	private readonly rotation: ServerRotation<ServerAddress>;
	private readonly closing = new AbortController();
	private readonly backoff = new Backoff(BACKOFF);
	private session: Session | undefined;
	private connections = 0;
	/** Attempts to connect that failed. */
	private failures = 0;
	private running: Promise<void> | undefined;
	/** Ends the wait for the next health check. */
	private wake: AbortController | undefined;
	private lastError = new Error("no connection to Nacos yet");

	constructor(options: NacosConnectionOptions) {
		this.options = options;
		this.rotation = new ServerRotation(options.servers);
	}

	/** Of the connection that stands; undefined without one. */
	get number(): number | undefined {
		return this.session?.number;
	}

	/** Connects, and stays connected until `close`. */
	start(): void {
		this.running ??= this.run();
	}

	/**
	 * One request to the server.
	 *
	 * @returns the body of the answer.
	 * @throws Error without a connection or an answer; NacosError when the server refuses.
	 */
	async request(type: string, body: JsonObject): Promise<JsonObject> {
		this.start();
		const session = this.session ?? (await this.firstSession());
		try {
			return await this.ask(session.connection, type, body);
		} catch (error) {
			if (error instanceof NacosError && error.code === NO_RIGHT) {
				this.options.forgetToken();
				return await this.ask(session.connection, type, body);
			}
			if (isUnavailable(error) || (error instanceof NacosError && error.code === UNREGISTERED)) {
				this.end(session, error as Error);
			}
			throw error;
		}
	}

	async close(): Promise<void> {
		this.closing.abort();
		if (this.session !== undefined) this.end(this.session, new Error("the client is closed"));
		this.wake?.abort();
		await this.running;
	}

	/** The session that is being made, for a request that comes before it stands. @throws Error when the attempt fails. */
	private async firstSession(): Promise<Session> {
		const { timeoutMs } = this.options;
		const { signal } = this.closing;
		const { failures } = this;
		const until = performance.now() + timeoutMs;
		while (failures === this.failures && performance.now() < until && !signal.aborted) {
			await sleep(SETUP_POLL_MS);
			if (this.session !== undefined) return this.session;
		}
		throw this.lastError;
	}

	private async run(): Promise<void> {
		const { signal } = this.closing;
		while (!signal.aborted) {
			const server = this.rotation.current;
			try {
				const session = await this.connect(server);
				if (signal.aborted) return closeSession(session);
				this.session = session;
				this.backoff.reset();
				this.options.onConnected();
				await this.stayHealthy(session);
			} catch (error) {
				if (signal.aborted) return;
				this.failures++;
				this.lastError = error as Error;
				this.options.onDisconnected(this.lastError);
			}
			this.rotation.passOn(server);
			if (!signal.aborted) await sleep(this.backoff.next(), undefined, { signal, ref: false }).catch(() => undefined);
		}
	}

	private async connect(server: ServerAddress): Promise<Session> {
		const { tls, namespace, timeoutMs } = this.options;
		const connection = new GrpcConnection(server, tls);
		const number = ++this.connections;
		let stream: RpcStream | undefined;
		try {
			await this.ask(connection, "ServerCheckRequest", { module: "internal" });
			let ended: Error | undefined;
			stream = connection.stream(STREAM, {
				onMessage: (message) => this.onMessage(stream as RpcStream, message, number),
				onEnd: (error) => {
					ended = error;
					if (this.session?.number === number) this.end(this.session, error);
				},
			});
			const labels = { source: "sdk", module: "naming" };
			const body = { module: "internal", clientVersion: CLIENT_VERSION, tenant: namespace, labels, abilityTable: null };
			stream.write(writePayload({ type: "ConnectionSetupRequest", body }));
			for (const until = performance.now() + timeoutMs; ; await sleep(SETUP_POLL_MS)) {
				if (ended !== undefined) throw ended;
				try {
					await this.ask(connection, "HealthCheckRequest", { module: "internal" });
					return { server, connection, stream, number };
				} catch (error) {
					const isEarly = error instanceof NacosError && error.code === UNREGISTERED;
					if (!isEarly || performance.now() > until || this.closing.signal.aborted) throw error;
				}
			}
		} catch (error) {
			stream?.cancel();
			connection.close();
			throw error;
		}
	}

	/** Resolves when the session has ended. */
	private async stayHealthy(session: Session): Promise<void> {
		while (this.session === session) {
			const wake = new AbortController();
			this.wake = wake;
			await sleep(this.options.healthIntervalMs, undefined, { signal: wake.signal, ref: false }).catch(() => undefined);
			if (this.session !== session) return;
			try {
				await this.ask(session.connection, "HealthCheckRequest", { module: "internal" });
			} catch (error) {
				this.end(session, error as Error);
			}
		}
	}

	private end(session: Session, error: Error): void {
		if (this.session !== session) return;
		this.session = undefined;
		this.lastError = error;
		closeSession(session);
		this.wake?.abort();
		if (!this.closing.signal.aborted) this.options.onDisconnected(error);
	}

	private onMessage(stream: RpcStream, message: Buffer, number: number): void {
		let payload: Payload;
		try {
			payload = readPayload(message);
		} catch {
			// The server sends it again, or the next read of the list has it.
			return;
		}
		const answer = payload.type.replace(/Request$/, "Response");
		const requestId = payload.body["requestId"] ?? "";
		stream.write(writePayload({ type: answer, body: { resultCode: SUCCESS, errorCode: 0, requestId } }));
		if (payload.type === "ConnectResetRequest") {
			// The server asks its clients to go: it stops, or has more than its share.
			if (this.session?.number === number) this.end(this.session, new Error("the server asked for another connection"));
			return;
		}
		if (this.session?.number === number) this.options.onPush(payload);
	}

	private async ask(connection: GrpcConnection, type: string, body: JsonObject): Promise<JsonObject> {
		const token = await this.options.token();
		const headers: Record<string, string> = token === undefined ? {} : { accessToken: token };
		const message = writePayload({ type, body: { ...body, headers: {} } }, headers);
		const answer = readPayload(await connection.call(REQUEST, message, { timeoutMs: this.options.timeoutMs }));
		if (answer.body["resultCode"] !== SUCCESS) {
			throw new NacosError(type, Number(answer.body["errorCode"]), answer.body["message"]);
		}
		return answer.body;
	}
}

function closeSession({ stream, connection }: Session): void {
	stream.cancel();
	connection.close();
}

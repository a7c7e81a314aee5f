// The transport on uWebSockets.js, the only module of the product that imports it; bench/ has its own, bare use of it.
import * as uWS from "uWebSockets.js";
import { GatewayError } from "../protocol/error.ts";
import { type AppGeneration, AppGenerations } from "./app-generations.ts";
import { type AddressPolicy, clientAddress, sendsProxyHeaders } from "./client-address.ts";
import { HttpExchange, type HttpExchangeLimits, type HttpPeer } from "./http-exchange.ts";
import { bearerToken, type HttpHead, listHeader, type ReceivedHead, readHead } from "./http-request.ts";
import { PeerAddresses } from "./peer-addresses.ts";
import { handshakeError } from "./request-rules.ts";
import { SocketAdmission, type SocketAdmissionOptions } from "./socket-admission.ts";
import { CorkedSender, UwsSocket } from "./socket-uws.ts";
import type {
	ListenOptions,
	Socket,
	SocketEvents,
	SocketFigures,
	TlsFiles,
	Transport,
	TransportHandlers,
	UpgradeRequest,
} from "./transport.ts";

export interface UwsTransportOptions {
	/** Where WebSockets are served; every other path is plain HTTP. */
	readonly path: string;
	/** Largest message that reaches `message`; the events decide what to say about those over the real limit. */
	readonly maxPayloadBytes: number;
	/** Bytes that may wait for one client before messages to it are dropped. */
	readonly maxBackpressureBytes: number;
	readonly http: HttpExchangeLimits;
	readonly tls?: TlsFiles;
	readonly address: AddressPolicy;
	/** Which TCP connections are taken. */
	readonly admission: Omit<SocketAdmissionOptions, "isTrustedHop">;
}

/** @throws Error that names the files: uWebSockets.js does not say what is wrong with them. */
function secureApp({ certFile, keyFile, passphrase }: TlsFiles): uWS.TemplatedApp {
	try {
		return uWS.SSLApp({
			cert_file_name: certFile,
			key_file_name: keyFile,
			...(passphrase === undefined ? {} : { passphrase }),
		});
	} catch (error) {
		const message = `TLS: ${certFile} and ${keyFile} are no certificate and key that belong together (or the passphrase is wrong)`;
		throw new Error(message, { cause: error });
	}
}

/** What uWebSockets.js keeps on each socket for us: its properties are those of the upgrade's user data. */
interface SocketData<Session> {
	session: Session | undefined;
	request: UpgradeRequest | undefined;
}

type RawSocket<Session> = uWS.WebSocket<SocketData<Session>> & SocketData<Session>;

const textDecoder = new TextDecoder();
/** Serves WebSockets on one path and HTTP on all others. */
export class UwsTransport<Session extends { readonly socket: Socket }> implements Transport<Session> {
	private readonly apps: AppGenerations<uWS.TemplatedApp>;
	private readonly options: UwsTransportOptions;
	private readonly corked = new CorkedSender();
	private readonly admission: SocketAdmission;
	private readonly addresses = new PeerAddresses();
	private listenSocket: uWS.us_listen_socket | undefined;
	/** What `resumeListening` listens on; undefined before the first time and after the last. */
	private listening: ListenOptions | undefined;
	/** uSockets binds such a port without the flags that allow to bind it again while it has connections. */
	private isPortChosen = false;
	private handlers: TransportHandlers<Session> | undefined;
	/** uWebSockets.js makes its topics with the first WebSocket route; asked for one before that, it reads from address 0. */
	private hasTopics = false;

	constructor(options: UwsTransportOptions) {
		this.options = options;
		const { trusted } = options.address;
		this.admission = new SocketAdmission({ ...options.admission, isTrustedHop: (hop) => trusted.has(hop) });
		this.apps = new AppGenerations(this.makeApp(options.tls));
	}

	listen(options: ListenOptions, handlers: TransportHandlers<Session>): Promise<number> {
		this.handlers = handlers;
		this.addRoutes(this.apps.current, handlers);
		this.hasTopics = handlers.events !== undefined;
		this.isPortChosen = options.port === 0;
		return this.bind(options);
	}

	async renewTls(files: TlsFiles): Promise<void> {
		const { listening, handlers } = this;
		if (handlers === undefined) this.apps.replaceBy(this.makeApp(files));
		if (listening === undefined || handlers === undefined) return;
		if (this.isPortChosen) throw new Error("a port that the system chose cannot be bound again: configure one");
		this.apps.admitAnother();
		const next = this.makeApp(files);
		this.addRoutes(next, handlers);
		if (this.listenSocket !== undefined) await this.moveListening(listening, next);
		this.apps.replaceBy(next);
	}

	/** In one turn of the loop, so that nobody meets a closed port: the library has bound it when `listen` returns. */
	private async moveListening(listening: ListenOptions, next: AppGeneration<uWS.TemplatedApp>): Promise<void> {
		this.pauseListening();
		try {
			await this.bind(listening, next);
		} catch (error) {
			next.app.close();
			// If this fails too, the listening monitor goes on trying.
			await this.resumeListening();
			throw error;
		}
	}

	private makeApp(tls: TlsFiles | undefined): AppGeneration<uWS.TemplatedApp> {
		const generation = { app: tls ? secureApp(tls) : uWS.App(), sockets: 0 };
		generation.app.filter((res, change) => this.socketChanged(generation, res, change));
		return generation;
	}

	private addRoutes(generation: AppGeneration<uWS.TemplatedApp>, { events, http }: TransportHandlers<Session>): void {
		const exchange = new HttpExchange(this.options.http, http, this.admission);
		const { app } = generation;
		if (events) app.ws<SocketData<Session>>(this.options.path, this.behavior(generation, events, exchange));
		app.any("/*", (res, req) => {
			const { head, peer } = this.requestBegan(res, req);
			exchange.serve(res, head, peer);
		});
	}

	private bind({ host, port, shared }: ListenOptions, { app } = this.apps.current): Promise<number> {
		return new Promise((resolve, reject) => {
			const done = (socket: uWS.us_listen_socket | false) => {
				if (!socket) {
					reject(new Error(`cannot listen on ${host}:${port}: the port is taken or not permitted`));
					return;
				}
				this.listenSocket = socket;
				const bound = uWS.us_socket_local_port(socket);
				this.listening = { host, port: bound, shared };
				resolve(bound);
			};
			// The typings lack the form with both host and options, which the library has.
			const listen = app.listen as unknown as (host: string, port: number, options: number, cb: typeof done) => void;
			listen.call(app, host, port, shared ? 0 : LISTEN_EXCLUSIVE_PORT, done);
		});
	}

	pauseListening(): void {
		if (this.listenSocket) uWS.us_listen_socket_close(this.listenSocket);
		this.listenSocket = undefined;
	}

	async resumeListening(): Promise<void> {
		if (this.listening !== undefined && this.listenSocket === undefined) await this.bind(this.listening);
	}

	stopListening(): void {
		this.pauseListening();
		this.listening = undefined;
	}

	socketFigures(): SocketFigures {
		const { httpSockets, refused } = this.admission;
		return { httpSockets, refused, isPaused: this.listening !== undefined && this.listenSocket === undefined };
	}

	isOutOfDescriptors(): boolean {
		this.admission.sweep();
		return this.admission.isExhausted(this.listenSocket === undefined);
	}

	publish(topic: string, message: Uint8Array | string): void {
		if (!this.hasTopics) return;
		this.corked.isCalled = true;
		this.apps.publish(topic, message, typeof message !== "string");
		this.corked.isCalled = false;
	}

	subscriberCount(topic: string): number {
		return this.hasTopics ? this.apps.subscriberCount(topic) : 0;
	}

	close(): void {
		this.listenSocket = undefined;
		this.listening = undefined;
		this.apps.close();
	}

	/**
	 * A TCP connection was accepted (1), or one that is no WebSocket was closed (-1). The library says of the latter only that
	 * there was one; which one is known by `onAborted`, until a request comes, and from then on by its only reply.
	 */
	private socketChanged(generation: AppGeneration<uWS.TemplatedApp>, res: uWS.HttpResponse, change: number): void {
		this.admission.httpSockets += change;
		if (change < 0) {
			this.apps.socketClosed(generation);
			return;
		}
		generation.sockets++;
		const remote = this.addresses.of(res);
		const reason = this.admission.rejectionReason(remote);
		if (reason === undefined) {
			res.onAborted(() => this.admission.closed(remote));
			return;
		}
		this.admission.refused[reason]++;
		res.close();
	}

	private behavior(
		generation: AppGeneration<uWS.TemplatedApp>,
		events: SocketEvents<Session>,
		http: HttpExchange,
	): uWS.WebSocketBehavior<SocketData<Session>> {
		// Undefined after a socket was closed during its own `open`.
		const session = (ws: uWS.WebSocket<SocketData<Session>>): Session | undefined => (ws as RawSocket<Session>).session;
		return {
			maxPayloadLength: this.options.maxPayloadBytes,
			maxBackpressure: this.options.maxBackpressureBytes,
			closeOnBackpressureLimit: false,
			// Pings and idle closing are the gateway's: it can name the reason in a close frame, uWebSockets.js does not.
			idleTimeout: 0,
			sendPingsAutomatically: false,
			upgrade: (res, req, context) => this.upgrade(res, req, context, { events, http }),
			open: (ws) => {
				const raw = ws as RawSocket<Session>;
				const request = raw.request as UpgradeRequest;
				raw.request = undefined;
				this.admission.httpSockets--;
				raw.session = events.open(new UwsSocket(ws, this.corked), request);
				events.opened(raw.session, request);
			},
			message: (ws, message, isBinary) => {
				const target = session(ws);
				if (target === undefined) return;
				const socket = target.socket as UwsSocket;
				socket.isHandling = true;
				events.message(target, new Uint8Array(message), isBinary);
				socket.isHandling = false;
			},
			drain: (ws) => {
				const target = session(ws);
				if (target !== undefined) events.drain(target);
			},
			dropped: (ws) => {
				const target = session(ws);
				if (target !== undefined) events.dropped(target);
			},
			// The library answers a ping after this, unless the socket was closed here.
			ping: (ws, message) => {
				const target = session(ws);
				if (target !== undefined) events.ping(target, message.byteLength);
			},
			pong: (ws, message) => {
				const target = session(ws);
				if (target !== undefined) events.pong(target, message.byteLength);
			},
			close: (ws, code) => {
				this.apps.socketClosed(generation);
				const target = session(ws);
				if (target === undefined) return;
				(target.socket as UwsSocket).raw = undefined;
				events.close(target, code);
			},
		};
	}

	private upgrade(
		res: uWS.HttpResponse,
		req: uWS.HttpRequest,
		context: uWS.us_socket_context_t,
		{ events, http }: { readonly events: SocketEvents<Session>; readonly http: HttpExchange },
	): void {
		const { head, peer } = this.requestBegan(res, req);
		const { headers } = head;
		const error = http.headError(head) ?? handshakeError(head);
		if (error !== undefined) {
			http.refuse(res, head, peer, error);
			return;
		}
		const bearer = bearerToken(head);
		const queryToken = req.getQuery("token") ?? "";
		const request: UpgradeRequest = {
			ip: peer.ip,
			userAgent: headers.get("user-agent") ?? "",
			origin: headers.get("origin") ?? "",
			protocols: listHeader(headers.get("sec-websocket-protocol")),
			token: bearer === "" ? queryToken : bearer,
			isTokenInQuery: bearer === "" && queryToken !== "",
		};
		const decision = events.upgrade(request);
		if (decision instanceof GatewayError) {
			http.refuse(res, head, peer, decision);
			return;
		}
		this.admission.release(peer.remote);
		res.upgrade<SocketData<Session>>(
			{ session: undefined, request },
			headers.get("sec-websocket-key") ?? "",
			decision.protocol,
			headers.get("sec-websocket-extensions") ?? "",
			context,
		);
	}

	/** Reads who sends what. */
	private requestBegan(res: uWS.HttpResponse, req: uWS.HttpRequest): { head: ReceivedHead; peer: HttpPeer } {
		const remote = this.addresses.of(res);
		this.admission.requestBegan(remote);
		const head = readHead(req);
		return { head, peer: this.peer(res, remote, head) };
	}

	private peer(res: uWS.HttpResponse, remote: string, { headers }: HttpHead): HttpPeer {
		const { address } = this.options;
		const proxied = address.proxyProtocol ? textDecoder.decode(res.getProxiedRemoteAddressAsText()) : "";
		const ip = clientAddress(address, remote, proxied, headers.get("x-forwarded-for") ?? "");
		// The library takes a PROXY header before each request: before a second one, it would be the client's.
		return { remote, ip, isSingle: sendsProxyHeaders(address, remote) };
	}
}

/** uSockets' flag for a port that no other process may share; without it a taken port is silently shared. */
const LISTEN_EXCLUSIVE_PORT = 1;

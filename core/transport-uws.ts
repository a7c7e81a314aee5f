// The transport on uWebSockets.js, the only module of the product that imports it; bench/ has its own, bare use of it.
import * as uWS from "uWebSockets.js";
import { type AddressPolicy, clientAddress } from "./client-address.ts";
import { bodyTooLarge, listHeader, tooManyRequests, wantsClose, writeReply } from "./http-reply.ts";
import { handshakeError, requestFault } from "./request-rules.ts";
import { SocketAdmission, type SocketAdmissionOptions } from "./socket-admission.ts";
import { CorkedSender, UwsSocket } from "./socket-uws.ts";
import type {
	HttpReply,
	HttpService,
	ListenOptions,
	Socket,
	SocketEvents,
	SocketFigures,
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
	/** Takes a token for an HTTP request of an address. @returns 0, or how many milliseconds it has to wait. */
	readonly takeRequest: (ip: string) => number;
	readonly tls?: TlsFiles;
	readonly address: AddressPolicy;
	/** Which TCP connections are taken. */
	readonly admission: Omit<SocketAdmissionOptions, "isTrustedHop">;
}

export interface TlsFiles {
	readonly certFile: string;
	readonly keyFile: string;
	readonly passphrase?: string;
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
	private readonly app: uWS.TemplatedApp;
	private readonly options: UwsTransportOptions;
	private readonly corked = new CorkedSender();
	private readonly admission: SocketAdmission;
	private listenSocket: uWS.us_listen_socket | undefined;
	/** Replies that close their connection and are written at the end of this turn of the event loop. */
	private lastReplies = 0;
	/** What `resumeListening` listens on; undefined before the first time and after the last. */
	private listening: ListenOptions | undefined;

	constructor(options: UwsTransportOptions) {
		this.options = options;
		this.app = options.tls ? secureApp(options.tls) : uWS.App();
		const { trusted } = options.address;
		this.admission = new SocketAdmission({ ...options.admission, isTrustedHop: (hop) => trusted.has(hop) });
		this.app.filter((res, change) => this.socketChanged(res, change));
	}

	listen(options: ListenOptions, { events, http }: TransportHandlers<Session>): Promise<number> {
		if (events) this.app.ws<SocketData<Session>>(this.options.path, this.behavior(events));
		this.app.any("/*", (res, req) => this.serve(res, req, http));
		return this.bind(options);
	}

	private bind({ host, port, shared }: ListenOptions): Promise<number> {
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
			const listen = this.app.listen as unknown as (
				host: string,
				port: number,
				options: number,
				cb: typeof done,
			) => void;
			listen.call(this.app, host, port, shared ? 0 : LISTEN_EXCLUSIVE_PORT, done);
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
		this.corked.isCalled = true;
		this.app.publish(topic, message, typeof message !== "string", false);
		this.corked.isCalled = false;
	}

	subscriberCount(topic: string): number {
		return this.app.numSubscribers(topic);
	}

	close(): void {
		this.listenSocket = undefined;
		this.listening = undefined;
		this.app.close();
	}

	/**
	 * A TCP connection was accepted (1), or one that is no WebSocket was closed (-1). The library says of the latter only that
	 * there was one; which one is known by `onAborted`, until a request comes, and from then on by its only reply.
	 */
	private socketChanged(res: uWS.HttpResponse, change: number): void {
		this.admission.httpSockets += change;
		if (change < 0) return;
		const remote = this.remote(res);
		const reason = this.admission.rejectionReason(remote);
		if (reason === undefined) {
			res.onAborted(() => this.admission.release(remote));
			return;
		}
		this.admission.refused[reason]++;
		res.close();
	}

	private behavior(events: SocketEvents<Session>): uWS.WebSocketBehavior<SocketData<Session>> {
		// Undefined after a socket was closed during its own `open`.
		const session = (ws: uWS.WebSocket<SocketData<Session>>): Session | undefined => (ws as RawSocket<Session>).session;
		return {
			maxPayloadLength: this.options.maxPayloadBytes,
			maxBackpressure: this.options.maxBackpressureBytes,
			closeOnBackpressureLimit: false,
			// Pings and idle closing are the gateway's: it can name the reason in a close frame, uWebSockets.js does not.
			idleTimeout: 0,
			sendPingsAutomatically: false,
			upgrade: (res, req, context) => this.upgrade(res, req, context, events),
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
		events: SocketEvents<Session>,
	): void {
		const remote = this.remote(res);
		this.admission.requestBegan(remote);
		const errorStatus = requestFault(req) === undefined ? handshakeError(req) : "400 Bad Request";
		if (errorStatus !== undefined) {
			this.pendingReply(res, remote).end(() => {
				res.writeStatus(errorStatus).writeHeader("Upgrade", "websocket").writeHeader("Sec-WebSocket-Version", "13");
				res.writeHeader("Connection", "close");
				res.end(undefined, true);
			});
			return;
		}
		const bearer = /^bearer\s+(\S+)\s*$/i.exec(req.getHeader("authorization"))?.[1];
		const request: UpgradeRequest = {
			ip: this.address(res, remote, req.getHeader("x-forwarded-for")),
			userAgent: req.getHeader("user-agent"),
			origin: req.getHeader("origin"),
			protocols: listHeader(req.getHeader("sec-websocket-protocol")),
			// Another scheme is somebody else's, such as a proxy's.
			token: bearer ?? req.getQuery("token") ?? "",
		};
		const decision = events.upgrade(request);
		if (decision === undefined) {
			this.pendingReply(res, remote).end(() => {
				res.writeStatus("503 Service Unavailable").writeHeader("Retry-After", "5");
				res.writeHeader("Connection", "close").end(undefined, true);
			});
			return;
		}
		this.admission.release(remote);
		res.upgrade<SocketData<Session>>(
			{ session: undefined, request },
			req.getHeader("sec-websocket-key"),
			decision.protocol,
			req.getHeader("sec-websocket-extensions"),
			context,
		);
	}

	/**
	 * Answers one request. The connection is kept for the next one, unless the client wants it closed, the request is unsound or
	 * has a body that nobody reads: where the next one begins must not be anybody's guess (RFC 9112 sections 9.6 and 11.2).
	 */
	private serve(res: uWS.HttpResponse, req: uWS.HttpRequest, http: HttpService): void {
		const remote = this.remote(res);
		this.admission.requestBegan(remote);
		const pending = this.pendingReply(res, remote);
		const isAsked = wantsClose(req.getHeader("connection"));
		const end = (reply: HttpReply, withoutBody = false) => {
			pending.end(() => writeReply(res, reply, { withoutBody, isLast: true, isAsked }));
		};
		const fault = requestFault(req);
		if (fault !== undefined) {
			end({ status: 400, body: `${fault}\n`, headers: { "content-type": "text/plain" } });
			return;
		}
		const path = req.getUrl();
		const ip = this.address(res, remote, req.getHeader("x-forwarded-for"));
		const waitMs = this.options.takeRequest(ip);
		if (waitMs > 0) {
			end(tooManyRequests(path, waitMs));
			return;
		}
		const headers = new Map<string, string>();
		req.forEach((key, value) => {
			headers.set(key, value);
		});
		const method = req.getMethod().toUpperCase();
		const query = req.getQuery() ?? "";
		const maxBodyBytes = http.maxBodyBytes(method, path);
		const hasBody = headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
		const isLast = isAsked || (hasBody && maxBodyBytes === 0);
		const answer = async (body: Uint8Array): Promise<void> => {
			const reply = await http.handle({ method, path, query, headers, ip, body });
			const withoutBody = method === "HEAD";
			if (isLast) end(reply, withoutBody);
			else pending.keep((isLast) => writeReply(res, reply, { withoutBody, isLast }));
		};
		if (maxBodyBytes === 0) {
			// A body would not be read: answered by the header alone.
			void answer(new Uint8Array(0));
			return;
		}
		if (Number(headers.get("content-length") ?? 0) > maxBodyBytes) {
			end(bodyTooLarge(path, maxBodyBytes));
			return;
		}
		const chunks: Uint8Array[] = [];
		let length = 0;
		res.onData((chunk, isLast) => {
			if (pending.isOver()) return;
			length += chunk.byteLength;
			if (length > maxBodyBytes) {
				end(bodyTooLarge(path, maxBodyBytes));
				return;
			}
			// The chunk's memory is uWebSockets.js' own, and dead after this callback.
			if (chunk.byteLength > 0) chunks.push(new Uint8Array(chunk.slice(0)));
			if (isLast) void answer(chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
		});
	}

	/**
	 * The reply to a request, and what is counted for it. The last one on a connection (`end`) is written after the library has
	 * gone through all that it read: it takes a second request behind one that is not answered yet for an end of the
	 * connection, and would answer it behind one that is.
	 */
	private pendingReply(res: uWS.HttpResponse, remote: string) {
		let isOver = false;
		const over = () => {
			if (!isOver) this.admission.release(remote);
			isOver = true;
		};
		res.onAborted(over);
		const end = (write: () => void) => {
			this.lastReplies++;
			setImmediate(() => {
				this.lastReplies--;
				if (isOver) return;
				over();
				res.cork(write);
			});
		};
		const keep = (write: (isLast: boolean) => void) => {
			// Behind what closes the connection, if it is the same one: then there is nothing left to write to.
			if (this.lastReplies > 0) setImmediate(() => keepNow(write));
			else keepNow(write);
		};
		const keepNow = (write: (isLast: boolean) => void) => {
			if (isOver) return;
			if (this.admission.keep(remote)) {
				isOver = true;
				res.cork(() => write(false));
			} else end(() => write(true));
		};
		return { isOver: () => isOver, end, keep };
	}

	/** The TCP peer, which may be a proxy. */
	private remote(res: uWS.HttpResponse): string {
		return textDecoder.decode(res.getRemoteAddressAsText());
	}

	private address(res: uWS.HttpResponse, remote: string, forwardedFor: string): string {
		const proxied = this.options.address.proxyProtocol ? textDecoder.decode(res.getProxiedRemoteAddressAsText()) : "";
		return clientAddress(this.options.address, remote, proxied, forwardedFor);
	}
}

/** uSockets' flag for a port that no other process may share; without it a taken port is silently shared. */
const LISTEN_EXCLUSIVE_PORT = 1;

// The transport on uWebSockets.js, the only module of the product that imports it; bench/ has its own, bare use of it.
import * as uWS from "uWebSockets.js";
import { type AddressPolicy, clientAddress } from "./client-address.ts";
import { CorkedSender, UwsSocket } from "./socket-uws.ts";
import type {
	HttpHandler,
	HttpReply,
	ListenOptions,
	Socket,
	SocketEvents,
	Transport,
	UpgradeRequest,
} from "./transport.ts";

export interface UwsTransportOptions {
	/** Where WebSockets are served; every other path is plain HTTP. */
	readonly path: string;
	/** Largest message that reaches `message`; the events decide what to say about those over the real limit. */
	readonly maxPayloadBytes: number;
	/** Bytes that may wait for one client before messages to it are dropped. */
	readonly maxBackpressureBytes: number;
	/** Longest body that a request may have; 0 for those that take none. Asked for each, so that it can change. */
	readonly maxHttpBodyBytes: (method: string, path: string) => number;
	readonly tls?: TlsFiles;
	readonly address: AddressPolicy;
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
/** Statuses that the product uses, with their reason phrases (RFC 9110). */
const REASONS: Readonly<Record<number, string>> = {
	200: "OK",
	204: "No Content",
	400: "Bad Request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	409: "Conflict",
	410: "Gone",
	412: "Precondition Failed",
	413: "Content Too Large",
	422: "Unprocessable Content",
	426: "Upgrade Required",
	429: "Too Many Requests",
	500: "Internal Server Error",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
};

/** Serves WebSockets on one path and HTTP on all others. */
export class UwsTransport<Session extends { readonly socket: Socket }> implements Transport {
	private readonly app: uWS.TemplatedApp;
	private readonly options: UwsTransportOptions;
	private readonly corked = new CorkedSender();
	private listenSocket: uWS.us_listen_socket | undefined;

	constructor(options: UwsTransportOptions, events: SocketEvents<Session> | undefined, http: HttpHandler) {
		this.options = options;
		this.app = options.tls ? secureApp(options.tls) : uWS.App();
		if (events) this.app.ws<SocketData<Session>>(options.path, this.behavior(events));
		this.app.any("/*", (res, req) => this.serve(res, req, http));
	}

	listen({ host, port, shared }: ListenOptions): Promise<number> {
		return new Promise((resolve, reject) => {
			const done = (socket: uWS.us_listen_socket | false) => {
				if (!socket) {
					reject(new Error(`cannot listen on ${host}:${port}: the port is taken or not permitted`));
					return;
				}
				this.listenSocket = socket;
				resolve(uWS.us_socket_local_port(socket));
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

	stopListening(): void {
		if (this.listenSocket) uWS.us_listen_socket_close(this.listenSocket);
		this.listenSocket = undefined;
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
		this.app.close();
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
			pong: (ws) => {
				const target = session(ws);
				if (target !== undefined) events.pong(target);
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
		const refusal = handshakeRefusal(req);
		if (refusal !== undefined) {
			res.writeStatus(refusal).writeHeader("Upgrade", "websocket").writeHeader("Sec-WebSocket-Version", "13").end();
			return;
		}
		const bearer = /^bearer\s+(\S+)\s*$/i.exec(req.getHeader("authorization"))?.[1];
		const request: UpgradeRequest = {
			ip: this.address(res, req.getHeader("x-forwarded-for")),
			userAgent: req.getHeader("user-agent"),
			origin: req.getHeader("origin"),
			protocols: listHeader(req.getHeader("sec-websocket-protocol")),
			// Another scheme is somebody else's, such as a proxy's.
			token: bearer ?? req.getQuery("token") ?? "",
		};
		const decision = events.upgrade(request);
		if (decision === undefined) {
			res.writeStatus("503 Service Unavailable").writeHeader("Retry-After", "5").end();
			return;
		}
		res.upgrade<SocketData<Session>>(
			{ session: undefined, request },
			req.getHeader("sec-websocket-key"),
			decision.protocol,
			req.getHeader("sec-websocket-extensions"),
			context,
		);
	}

	private serve(res: uWS.HttpResponse, req: uWS.HttpRequest, handler: HttpHandler): void {
		const headers = new Map<string, string>();
		let isAmbiguous = false;
		req.forEach((key, value) => {
			isAmbiguous ||= key === "content-length" && headers.has(key) && headers.get(key) !== value;
			isAmbiguous ||= key === "transfer-encoding" && value.toLowerCase() !== "chunked";
			headers.set(key, value);
		});
		if (isAmbiguous) {
			// Where the next request begins is anybody's guess (RFC 9112 section 6.3), and a proxy in front may have guessed else.
			res.close();
			return;
		}
		const method = req.getMethod().toUpperCase();
		const path = req.getUrl();
		const query = req.getQuery() ?? "";
		const ip = this.address(res, headers.get("x-forwarded-for") ?? "");
		let aborted = false;
		res.onAborted(() => {
			aborted = true;
		});
		const answer = async (body: Uint8Array, closeConnection = false): Promise<void> => {
			const reply = await handler({ method, path, query, headers, ip, body });
			if (!aborted) res.cork(() => writeReply(res, reply, method === "HEAD", closeConnection));
		};
		const maxBodyBytes = this.options.maxHttpBodyBytes(method, path);
		if (maxBodyBytes === 0) {
			// Nobody would read it: answered by the header alone, and closed if something comes behind.
			const hasBody = headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
			void answer(new Uint8Array(0), hasBody);
			return;
		}
		if (Number(headers.get("content-length") ?? 0) > maxBodyBytes) {
			writeReply(res, bodyTooLarge(path, maxBodyBytes), false, true);
			return;
		}
		const chunks: Uint8Array[] = [];
		let length = 0;
		res.onData((chunk, isLast) => {
			if (aborted) return;
			length += chunk.byteLength;
			if (length > maxBodyBytes) {
				aborted = true;
				res.cork(() => writeReply(res, bodyTooLarge(path, maxBodyBytes), false, true));
				return;
			}
			// The chunk's memory is uWebSockets.js' own, and dead after this callback.
			if (chunk.byteLength > 0) chunks.push(new Uint8Array(chunk.slice(0)));
			if (isLast) void answer(chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
		});
	}

	private address(res: uWS.HttpResponse, forwardedFor: string): string {
		const remote = textDecoder.decode(res.getRemoteAddressAsText());
		const proxied = this.options.address.proxyProtocol ? textDecoder.decode(res.getProxiedRemoteAddressAsText()) : "";
		return clientAddress(this.options.address, remote, proxied, forwardedFor);
	}
}

/** uSockets' flag for a port that no other process may share; without it a taken port is silently shared. */
const LISTEN_EXCLUSIVE_PORT = 1;

/**
 * RFC 6455 section 4.2.1 asks more of a handshake than uWebSockets.js looks at, which is a key of the right length.
 *
 * @returns the HTTP status to refuse it with.
 */
function handshakeRefusal(req: uWS.HttpRequest): string | undefined {
	if (req.getHeader("sec-websocket-version") !== "13") return "426 Upgrade Required";
	const isUpgrade =
		req.getHeader("upgrade").toLowerCase() === "websocket" &&
		/(^|[\s,])upgrade($|[\s,])/i.test(req.getHeader("connection")) &&
		KEY.test(req.getHeader("sec-websocket-key"));
	return isUpgrade ? undefined : "400 Bad Request";
}

/** 16 bytes as base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

function listHeader(value: string): string[] {
	return value === "" ? [] : value.split(",").map((item) => item.trim());
}

function bodyTooLarge(path: string, maxBytes: number): HttpReply {
	const error = `body is larger than ${maxBytes} bytes`;
	return {
		status: 413,
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ success: false, code: "PAYLOAD_TOO_LARGE", error, endpoint: path }),
	};
}

function writeReply(res: uWS.HttpResponse, reply: HttpReply, withoutBody: boolean, closeConnection = false): void {
	res.writeStatus(`${reply.status} ${REASONS[reply.status] ?? "Status"}`);
	for (const [key, value] of Object.entries(reply.headers ?? {})) res.writeHeader(key, value);
	const body = reply.body ?? "";
	const bytes = typeof body === "string" ? Buffer.from(body) : body;
	if (withoutBody || bytes.length === 0) res.endWithoutBody(bytes.length, closeConnection);
	else if (closeConnection) res.end(bytes, true);
	else writeBody(res, bytes);
}

/**
 * Writes as much as the client takes, and the rest as it reads on. Until then the reply is not done, and the client's next
 * request on the connection is not looked at: one who never reads costs one reply.
 */
function writeBody(res: uWS.HttpResponse, bytes: Uint8Array): void {
	const [, isDone] = res.tryEnd(bytes, bytes.length);
	if (isDone) return;
	res.onWritable((offset) => res.tryEnd(bytes.subarray(offset), bytes.length)[0]);
}

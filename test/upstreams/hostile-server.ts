// HTTP/2 servers that answer gRPC calls in ways that no library would, for tests.
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";

export interface HostileServer {
	readonly port: number;
	/** Connections so far, each by the time at which it came. */
	readonly sessions: readonly number[];
	close(): Promise<void>;
}

export interface HostileBehaviour {
	readonly onStream?: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;
	readonly onSession?: (session: http2.ServerHttp2Session) => void;
	readonly settings?: http2.Settings;
}

export async function hostileServer(behaviour: HostileBehaviour): Promise<HostileServer> {
	const server = http2.createServer({ settings: behaviour.settings ?? {}, maxSendHeaderBlockLength: 4_000_000 });
	const open = new Set<http2.ServerHttp2Session>();
	const sessions: number[] = [];
	server.on("session", (session) => {
		open.add(session);
		sessions.push(performance.now());
		session.on("close", () => open.delete(session));
		session.on("error", () => {});
		behaviour.onSession?.(session);
	});
	server.on("sessionError", () => {});
	server.on("stream", (stream, headers) => {
		stream.on("error", () => {});
		behaviour.onStream?.(stream, headers);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		port: (server.address() as AddressInfo).port,
		sessions,
		close: async () => {
			for (const session of open) session.destroy();
			server.close();
			await once(server, "close");
		},
	};
}

/** A server that is not one of HTTP/2. @param answer - to the first bytes of each connection. */
export async function plainServer(answer: string): Promise<HostileServer> {
	const open = new Set<net.Socket>();
	const sessions: number[] = [];
	const server = net.createServer((socket) => {
		open.add(socket);
		sessions.push(performance.now());
		socket.on("error", () => {});
		socket.on("close", () => open.delete(socket));
		socket.once("data", () => socket.end(answer));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		port: (server.address() as AddressInfo).port,
		sessions,
		close: async () => {
			for (const socket of open) socket.destroy();
			server.close();
			await once(server, "close");
		},
	};
}

export const OK_HEADERS = { ":status": 200, "content-type": "application/grpc" } as const;

/** A message as gRPC frames it. @param length - what its prefix says, by default its own. */
export function grpcMessage(bytes: Uint8Array, { flag = 0, length = bytes.length } = {}): Buffer {
	const prefix = Buffer.alloc(5);
	prefix.writeUInt8(flag, 0);
	prefix.writeUInt32BE(length, 1);
	return Buffer.concat([prefix, bytes]);
}

/** Answers with messages and a status in the trailers. */
export function answer(stream: http2.ServerHttp2Stream, body: Uint8Array, trailers: http2.OutgoingHttpHeaders): void {
	stream.respond(OK_HEADERS, { waitForTrailers: true });
	stream.on("wantTrailers", () => stream.sendTrailers(trailers));
	stream.end(body);
}

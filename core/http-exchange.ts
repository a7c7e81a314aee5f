// HTTP requests on responses of uWebSockets.js: which are refused before they reach the handler, how their content is gathered,
// and whether their connection is kept.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { type ReplyOptions, type ReplyTarget, sendReply } from "./http-reply.ts";
import { contentLength, hasContent, isChunked, type ReceivedHead, wantsClose } from "./http-request.ts";
import { requestFault } from "./request-rules.ts";
import type { SocketAdmission } from "./socket-admission.ts";
import type { HttpReply, HttpService } from "./transport.ts";

/** What is used of a response of uWebSockets.js. */
export interface RawResponse extends ReplyTarget {
	onAborted(handler: () => void): unknown;
	onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): unknown;
}

/** Who has sent a request. */
export interface HttpPeer {
	/** The TCP peer, which may be a proxy. */
	readonly remote: string;
	/** The client, behind trusted proxies. */
	readonly ip: string;
	/** Its connection takes no second request. */
	readonly isSingle: boolean;
}

export interface HttpExchangeLimits {
	/** Largest request line and header section, in bytes. */
	readonly maxHeaderBytes: number;
	/** Takes the tokens of a request from an address. @returns 0, or how many milliseconds it has to wait. */
	readonly takeRequest: (ip: string) => number;
	/** Connections are kept for a next request, where nothing else speaks against it. */
	readonly keepsConnections: boolean;
	/** Content of all requests that are not answered yet, in bytes; a request that would exceed it is refused. */
	readonly maxGatheredBytes: number;
}

/** A request that has not been answered yet. */
interface PendingReply {
	readonly res: RawResponse;
	readonly head: ReceivedHead;
	readonly peer: HttpPeer;
	/** The connection is closed behind it. */
	readonly isLast: boolean;
	/** Answered, or nobody waits for it. */
	isOver: boolean;
	/** Bytes of its content, which count in `gatheredBytes`. */
	gathered: number;
}

export class HttpExchange {
	private readonly limits: HttpExchangeLimits;
	private readonly service: HttpService;
	private readonly admission: SocketAdmission;
	/** Replies that close their connection and are written at the end of this turn of the event loop. */
	private lastReplies = 0;
	/** Content of the requests that are not answered yet. */
	private gatheredBytes = 0;

	constructor(limits: HttpExchangeLimits, service: HttpService, admission: SocketAdmission) {
		this.limits = limits;
		this.service = service;
		this.admission = admission;
	}

	/** @returns why a request is refused for its head alone; undefined for a sound one. */
	headError(head: ReceivedHead): GatewayError | undefined {
		const fault = requestFault(head);
		if (fault !== undefined) return new GatewayError(ErrorCode.BAD_REQUEST, fault);
		const { maxHeaderBytes } = this.limits;
		if (head.bytes <= maxHeaderBytes) return undefined;
		// RFC 6585 section 5.
		const message = `the request line and the headers are ${head.bytes} bytes, at most ${maxHeaderBytes} are taken`;
		return new GatewayError(ErrorCode.HEADERS_TOO_LARGE, message);
	}

	/** Refuses a request, and closes its connection. */
	refuse(res: RawResponse, head: ReceivedHead, peer: HttpPeer, error: GatewayError): void {
		const pending: PendingReply = { res, head, peer, isLast: true, isOver: false, gathered: 0 };
		res.onAborted(() => this.over(pending));
		this.end(pending, this.service.reject(head, error));
	}

	/**
	 * Answers one request. The connection is kept for the next one, unless the client wants it closed, the request is unsound or
	 * has content that nobody reads, or that comes in chunks: where the next one begins must not be anybody's guess (RFC 9112
	 * sections 9.6 and 11.2), and the library takes the trailers behind chunks for a request.
	 */
	serve(res: RawResponse, head: ReceivedHead, peer: HttpPeer): void {
		const error = this.headError(head) ?? this.rateError(peer.ip);
		if (error !== undefined) {
			this.refuse(res, head, peer, error);
			return;
		}
		const maxBodyBytes = this.service.maxBodyBytes(head.method, head.path);
		const hasUnread = maxBodyBytes === 0 && hasContent(head);
		const isLast =
			hasUnread ||
			isChunked(head) ||
			peer.isSingle ||
			!this.limits.keepsConnections ||
			head.isClosedByLibrary ||
			wantsClose(head);
		const pending: PendingReply = { res, head, peer, isLast, isOver: false, gathered: 0 };
		res.onAborted(() => this.over(pending));
		if (maxBodyBytes === 0) {
			// Content would not be read: answered by the head alone.
			this.answer(pending, NO_CONTENT);
		} else if (contentLength(head.headers) > maxBodyBytes) {
			this.end(pending, this.service.reject(head, contentTooLarge(maxBodyBytes)));
		} else {
			this.gather(pending, maxBodyBytes);
		}
	}

	private answer(pending: PendingReply, body: Uint8Array): void {
		const { method, path, query, headers } = pending.head;
		const reply = this.service.handle({ method, path, query, headers, ip: pending.peer.ip, body });
		// Most calls are answered at once: they cost no promise.
		if (reply instanceof Promise) void reply.then((late) => this.send(pending, late));
		else this.send(pending, reply);
	}

	private send(pending: PendingReply, reply: HttpReply): void {
		if (pending.isLast) this.end(pending, reply);
		else this.keep(pending, reply);
	}

	/** Waits for the content of a request. */
	private gather(pending: PendingReply, maxBytes: number): void {
		const chunks: Uint8Array[] = [];
		pending.res.onData((chunk, isLast) => {
			if (pending.isOver) return;
			pending.gathered += chunk.byteLength;
			this.gatheredBytes += chunk.byteLength;
			const error =
				pending.gathered > maxBytes
					? contentTooLarge(maxBytes)
					: this.gatheredBytes > this.limits.maxGatheredBytes
						? tooMuchContent()
						: undefined;
			if (error !== undefined) {
				this.end(pending, this.service.reject(pending.head, error));
				return;
			}
			// The chunk's memory is uWebSockets.js' own, and dead after this callback.
			if (chunk.byteLength > 0) chunks.push(new Uint8Array(chunk).slice());
			if (isLast) this.answer(pending, chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
		});
	}

	private rateError(ip: string): GatewayError | undefined {
		const retryAfterMs = this.limits.takeRequest(ip);
		if (retryAfterMs === 0) return undefined;
		return new GatewayError(ErrorCode.RATE_LIMITED, "too many requests from this address", { retryAfterMs });
	}

	/**
	 * Writes a reply, and closes the connection when the client has read it: after the library has gone through all that it read. It
	 * takes a second request behind one that is not answered yet for an end of the connection, and would answer it behind one that is.
	 */
	private end(pending: PendingReply, reply: HttpReply): void {
		this.lastReplies++;
		setImmediate(() => {
			this.lastReplies--;
			if (pending.isOver) return;
			this.over(pending);
			const { isClosedByLibrary, method } = pending.head;
			sendReply(pending.res, reply, { isHead: method === "HEAD", isLast: true, isClosedByLibrary });
		});
	}

	/** Writes a reply, and keeps the connection if it may be. */
	private keep(pending: PendingReply, reply: HttpReply): void {
		// Behind what closes the connection, if it is the same one: then there is nothing left to write to.
		if (this.lastReplies > 0) setImmediate(() => this.keepNow(pending, reply));
		else this.keepNow(pending, reply);
	}

	private keepNow(pending: PendingReply, reply: HttpReply): void {
		if (pending.isOver) return;
		if (!this.admission.keep(pending.peer.remote)) {
			this.end(pending, reply);
			return;
		}
		// Its connection is counted as one that waits for a next request.
		this.settle(pending);
		sendReply(pending.res, reply, pending.head.method === "HEAD" ? KEPT_HEAD : KEPT);
	}

	/** Nobody waits for the reply any more, or it is about to be written as the last one. */
	private over(pending: PendingReply): void {
		if (pending.isOver) return;
		this.admission.release(pending.peer.remote);
		this.settle(pending);
	}

	private settle(pending: PendingReply): void {
		pending.isOver = true;
		this.gatheredBytes -= pending.gathered;
		pending.gathered = 0;
	}
}

const KEPT: ReplyOptions = { isHead: false, isLast: false, isClosedByLibrary: false };
const KEPT_HEAD: ReplyOptions = { ...KEPT, isHead: true };
const NO_CONTENT = new Uint8Array(0);
const GATHERING_RETRY_MS = 1000;

function tooMuchContent(): GatewayError {
	const message = "too much content of requests is being received on this node";
	return new GatewayError(ErrorCode.UNAVAILABLE, message, { retryAfterMs: GATHERING_RETRY_MS });
}

function contentTooLarge(maxBytes: number): GatewayError {
	return new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, `the body is larger than ${maxBytes} bytes`);
}

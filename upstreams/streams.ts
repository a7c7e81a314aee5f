// Streams that are open on connections: their messages go out as pushes, as fast as the client reads, and end with the connection.

import { isPermitted } from "../common/identity.ts";
import type { ConnectionListener, LiveSubscriber } from "../messaging/live-audience.ts";
import { ErrorCode } from "../protocol/codes.ts";
import type { JsonForm } from "../protocol/contract.ts";
import { fieldError, GatewayError, unavailable } from "../protocol/error.ts";
import type { BackendStream, RouteCall, StreamBackend } from "./routes/route-backend.ts";

/** One push of a stream. */
export interface StreamPush {
	readonly streamId: number;
	readonly body: Uint8Array;
	readonly end: boolean;
	readonly error: GatewayError | undefined;
}

export interface StreamsOptions {
	readonly maxStreams: number;
	readonly maxPerConnection: number;
	/** Bytes that a client may leave unread before its streams are paused. */
	readonly maxUnreadBytes: number;
	/**
	 * Sends a push to a client.
	 *
	 * @param form - of the message in it.
	 * @returns false when it is larger than what the gateway sends, and was not sent.
	 */
	readonly send: (subscriber: LiveSubscriber, push: StreamPush, form: JsonForm) => boolean;
}

/** The route of a stream. */
export interface StreamRoute {
	readonly permission: string;
	readonly backend: StreamBackend;
	/** Of its messages. */
	readonly form: JsonForm;
}

interface OpenStream {
	readonly streamId: number;
	readonly permission: string;
	/** Undefined while it is being opened. */
	stream: BackendStream | undefined;
	/** Its request was answered. */
	isStarted: boolean;
	isPaused: boolean;
}

/** When a client should try again that found too many streams. */
const RETRY_MS = 1000;
const NO_BYTES = new Uint8Array(0);

export class Streams implements ConnectionListener {
	/** Counted since the start. */
	readonly figures = { opened: 0, messages: 0, pauses: 0, refused: 0 };
	private readonly options: StreamsOptions;
	private readonly bySubscriber = new Map<LiveSubscriber, Map<number, OpenStream>>();
	private count = 0;

	constructor(options: StreamsOptions) {
		this.options = options;
	}

	get size(): number {
		return this.count;
	}

	/**
	 * Opens a stream. Its first message is sent after the reply to this request.
	 *
	 * @throws GatewayError what the backend says, BAD_REQUEST, ALREADY_EXISTS, RATE_LIMITED, UNAVAILABLE.
	 */
	async open(subscriber: LiveSubscriber, streamId: number, route: StreamRoute, call: RouteCall): Promise<void> {
		const open: OpenStream = {
			streamId,
			permission: route.permission,
			stream: undefined,
			isStarted: false,
			isPaused: true,
		};
		this.admit(subscriber, open);
		try {
			const stream = await route.backend.open(call, {
				onMessage: (bytes) => this.onMessage(subscriber, open, bytes, route.form),
				onEnd: (error) => this.onEnd(subscriber, open, error, route.form),
			});
			// The connection may have gone meanwhile.
			if (!this.has(subscriber, open)) {
				stream.cancel();
				throw new GatewayError(ErrorCode.UNAVAILABLE, "the stream was cancelled before it was open");
			}
			open.stream = stream;
			this.figures.opened++;
		} catch (error) {
			this.remove(subscriber, open);
			throw error;
		}
		// Behind the reply, which is sent in the microtasks of this turn.
		setImmediate(() => {
			open.isStarted = true;
			if (this.has(subscriber, open)) this.flow(subscriber, open);
		});
	}

	/** @returns false when there is no such stream. */
	cancel(subscriber: LiveSubscriber, streamId: number): boolean {
		const open = this.bySubscriber.get(subscriber)?.get(streamId);
		if (open === undefined) return false;
		this.remove(subscriber, open);
		open.stream?.cancel();
		return true;
	}

	onClosed(subscriber: LiveSubscriber): void {
		for (const streamId of [...(this.bySubscriber.get(subscriber)?.keys() ?? [])]) this.cancel(subscriber, streamId);
	}

	onDrained(subscriber: LiveSubscriber): void {
		const streams = this.bySubscriber.get(subscriber);
		if (streams === undefined) return;
		for (const open of streams.values()) if (open.isStarted) this.flow(subscriber, open);
	}

	/** Ends what a client may not have any more. */
	revalidate(subscriber: LiveSubscriber): void {
		const { identity } = subscriber;
		for (const open of [...(this.bySubscriber.get(subscriber)?.values() ?? [])]) {
			const { streamId, permission } = open;
			if (permission === "public" || (identity !== undefined && isPermitted(identity, permission))) continue;
			this.cancel(subscriber, streamId);
			const error = new GatewayError(ErrorCode.PERMISSION_DENIED, `the permission ${permission} is required`);
			this.options.send(subscriber, { streamId, body: NO_BYTES, end: true, error }, NO_FORM);
		}
	}

	close(): void {
		for (const subscriber of [...this.bySubscriber.keys()]) this.onClosed(subscriber);
	}

	private admit(subscriber: LiveSubscriber, open: OpenStream): void {
		const { maxStreams, maxPerConnection } = this.options;
		if (open.streamId === 0)
			throw fieldError("seq", "must not be 0: it names the stream", { code: ErrorCode.BAD_REQUEST });
		const streams = this.bySubscriber.get(subscriber) ?? new Map<number, OpenStream>();
		if (streams.has(open.streamId)) {
			throw new GatewayError(ErrorCode.ALREADY_EXISTS, `a stream with the seq ${open.streamId} is open`);
		}
		if (streams.size >= maxPerConnection) {
			this.figures.refused++;
			const message = `more than ${maxPerConnection} streams on this connection`;
			throw new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: RETRY_MS });
		}
		if (this.count >= maxStreams) {
			this.figures.refused++;
			throw unavailable("another stream on this node", RETRY_MS);
		}
		streams.set(open.streamId, open);
		this.bySubscriber.set(subscriber, streams);
		this.count++;
	}

	private has(subscriber: LiveSubscriber, open: OpenStream): boolean {
		return this.bySubscriber.get(subscriber)?.get(open.streamId) === open;
	}

	private remove(subscriber: LiveSubscriber, open: OpenStream): void {
		if (!this.has(subscriber, open)) return;
		const streams = this.bySubscriber.get(subscriber);
		streams?.delete(open.streamId);
		if (streams?.size === 0) this.bySubscriber.delete(subscriber);
		this.count--;
	}

	private onMessage(subscriber: LiveSubscriber, open: OpenStream, body: Uint8Array, form: JsonForm): void {
		if (!this.has(subscriber, open)) return;
		const { streamId } = open;
		if (this.options.send(subscriber, { streamId, body, end: false, error: undefined }, form)) {
			this.figures.messages++;
			this.flow(subscriber, open);
			return;
		}
		open.stream?.cancel();
		const error = new GatewayError(ErrorCode.UPSTREAM_FAILED, "a message of the stream is larger than what is sent");
		this.onEnd(subscriber, open, error, form);
	}

	private onEnd(subscriber: LiveSubscriber, open: OpenStream, error: GatewayError | undefined, form: JsonForm): void {
		if (!this.has(subscriber, open)) return;
		this.remove(subscriber, open);
		this.options.send(subscriber, { streamId: open.streamId, body: NO_BYTES, end: true, error }, form);
	}

	/** Lets a stream go on, or stops it, by what its client has not read. */
	private flow(subscriber: LiveSubscriber, open: OpenStream): void {
		const isPaused = subscriber.bufferedBytes() > this.options.maxUnreadBytes;
		if (isPaused === open.isPaused) return;
		open.isPaused = isPaused;
		if (!isPaused) open.stream?.resume();
		else {
			this.figures.pauses++;
			open.stream?.pause();
		}
	}
}

const NO_FORM: JsonForm = { fields: [], schema: {}, description: "" };

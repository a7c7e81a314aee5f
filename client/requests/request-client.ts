// Requests and replies over whichever connection there is: encodes, queues, sends, and matches replies to requests.

import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { Envelope } from "../../protocol/gen/codec/envelope.ts";
import type { Link } from "../connection/link.ts";
import { endsSession } from "../connection/session.ts";
import { errorOfReply } from "../errors.ts";
import type { Settings } from "../options.ts";
import { arm, type Call, CallTable, type RequestDeadline } from "./calls.ts";
import { requestFrame } from "./request-frame.ts";
import type { RequestOptions, TraceOptions } from "./routes.ts";

export interface RequestClientListener {
	/** A request succeeded; called before its promise is fulfilled. */
	onSuccess(contract: AnyWireRoute, reply: unknown): void;
	/** A request ended, with a reply or an error. */
	onSettled(): void;
	/** Renews the access token; undefined when there is nothing to renew it with. */
	refresh(): Promise<unknown> | undefined;
}

/** Bytes handed to the WebSocket and not sent yet, above which `send` drops. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const EMPTY = new Uint8Array(0);

export class RequestClient {
	private readonly calls: CallTable;
	private readonly timeoutMs: number;
	private readonly listener: RequestClientListener;
	private link: Link | undefined;
	private gateOpen = false;
	/** Largest message that the gateway takes; 0 while unknown. */
	maxMessageBytes = 0;

	constructor(settings: Settings, listener: RequestClientListener) {
		this.calls = new CallTable(settings);
		this.timeoutMs = settings.requestTimeoutMs;
		this.listener = listener;
	}

	/** Whether queued requests may go: not while signing in, nor while leaving a node. */
	get isOpen(): boolean {
		return this.gateOpen;
	}

	get inFlightCount(): number {
		return this.calls.inFlightCount;
	}

	/** From now on internal requests go over this connection; the others wait for `open`. */
	attach(link: Link): void {
		this.link = link;
	}

	/** Whether there is a connection, for internal requests at least. */
	get isAttached(): boolean {
		return this.link !== undefined;
	}

	/** Lets queued requests go. */
	open(): void {
		this.gateOpen = true;
		this.flush();
	}

	/** Holds queued requests back. */
	hold(): void {
		this.gateOpen = false;
	}

	/** The connection is gone, or about to be closed. */
	detach(): void {
		this.link = undefined;
		this.gateOpen = false;
	}

	/** After `detach`: requeues what may be repeated, fails what may not. */
	connectionLost(): void {
		this.calls.connectionLost();
	}

	failAll(error: GatewayError): void {
		this.calls.failAll(error);
	}

	/**
	 * Makes a request; see `Client.request`.
	 *
	 * @param internal - goes ahead of the queue, and over the present connection or not at all.
	 */
	call(
		contract: AnyWireRoute,
		properties: unknown,
		options: RequestOptions & Pick<RequestDeadline, "leftMs">,
		internal: boolean,
	): Promise<unknown> {
		return new Promise((resolve, reject) => {
			options.signal?.throwIfAborted();
			const seq = this.calls.nextSeq();
			const call: Call = {
				seq,
				contract,
				frame: this.encode(contract, seq, properties, options),
				internal,
				attempts: 0,
				tokenRetried: false,
				settled: false,
				resolve,
				reject,
				release: () => {},
			};
			this.dispatch(call);
			if (call.settled) return;
			const { timeoutMs = this.timeoutMs, leftMs, signal } = options;
			call.release = arm({ timeoutMs, leftMs, signal }, contract.name, (error) => {
				this.calls.fail(call, error);
				this.afterSettled();
			});
		});
	}

	/** Sends a message that wants no reply; see `Client.send`. */
	send(contract: AnyWireRoute, properties: unknown): boolean {
		if (this.link === undefined || !this.gateOpen || this.link.bufferedBytes > MAX_BUFFERED_BYTES) return false;
		this.link.send(this.encode(contract, 0, properties, {}));
		return true;
	}

	onReply(envelope: Envelope): void {
		const call = this.calls.answered(envelope.seq);
		// The reply to a request that was given up.
		if (call === undefined) return;
		if (envelope.code) this.onErrorReply(call, errorOfReply(envelope, call.contract.name));
		else this.onSuccess(call, envelope.body ?? EMPTY);
		this.afterSettled();
	}

	private onSuccess(call: Call, body: Uint8Array): void {
		let reply: unknown;
		try {
			reply = call.contract.reply.decode(body);
		} catch (cause) {
			const error = new GatewayError(ErrorCode.INTERNAL, `${call.contract.name}: undecodable reply`, { cause });
			this.calls.fail(call, error);
			return;
		}
		this.listener.onSuccess(call.contract, reply);
		this.calls.settle(call, () => call.resolve(reply));
	}

	private onErrorReply(call: Call, error: GatewayError): void {
		const expired = error.code === ErrorCode.TOKEN_EXPIRED && !call.internal && !call.tokenRetried;
		const refreshed = expired ? this.listener.refresh() : undefined;
		if (refreshed === undefined || !this.calls.setAside(call)) {
			this.calls.fail(call, error);
			return;
		}
		// Refused before anything was done, so that any request may be repeated with a fresh token.
		call.tokenRetried = true;
		refreshed.then(
			() => this.repeat(call),
			(reason: unknown) => (endsSession(reason) ? this.calls.fail(call, error) : this.repeat(call)),
		);
	}

	private repeat(call: Call): void {
		if (call.settled) return;
		try {
			this.dispatch(call);
		} catch (error) {
			this.calls.fail(call, error);
		}
	}

	/** @throws GatewayError PAYLOAD_TOO_LARGE, or BAD_REQUEST when the properties cannot be encoded. */
	private encode(
		contract: AnyWireRoute,
		seq: number,
		properties: unknown,
		trace: TraceOptions,
	): Uint8Array<ArrayBuffer> {
		const frame = requestFrame(contract, seq, properties, trace);
		if (this.maxMessageBytes > 0 && frame.length > this.maxMessageBytes) {
			const problem = `${contract.name}: ${frame.length} bytes, the gateway takes ${this.maxMessageBytes}`;
			throw new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, problem);
		}
		return frame;
	}

	/** @throws GatewayError UNAVAILABLE when it can neither go nor wait. */
	private dispatch(call: Call): void {
		if (!call.internal) {
			this.calls.enqueue(call);
			this.flush();
			return;
		}
		if (this.link === undefined) throw new GatewayError(ErrorCode.UNAVAILABLE, "there is no connection");
		this.calls.sent(call);
		this.link.send(call.frame);
	}

	private flush(): void {
		while (this.gateOpen && this.link !== undefined) {
			const call = this.calls.dequeue();
			if (call === undefined) return;
			this.calls.sent(call);
			this.link.send(call.frame);
		}
	}

	private afterSettled(): void {
		this.flush();
		this.listener.onSettled();
	}
}

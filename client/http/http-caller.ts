// One call after the other over HTTP, by the Connect protocol (https://connectrpc.com/docs/protocol): which attempts a call takes, with
// which token, and for how long.

import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { backoffMs } from "../connection/backoff.ts";
import { ReplyLostError } from "../errors.ts";
import { arm } from "../requests/calls.ts";
import { requestBody } from "../requests/request-frame.ts";
import { pause } from "../requests/retry.ts";
import type { RequestOptions, TraceOptions } from "../requests/routes.ts";
import { MAX_DELAY_MS } from "../timers.ts";
import { uniqueId } from "../unique-id.ts";
import { errorOfResponse } from "./http-errors.ts";
import type { FetchResponse, HttpSession, HttpSettings } from "./http-settings.ts";

export interface HttpRequestOptions extends RequestOptions {
	/**
	 * Makes a call that is not idempotent one that happens once however often it is made, for a day: 1 to 255 visible characters. With
	 * `retry` one is made up.
	 */
	readonly idempotencyKey?: string;
}

/** Called with every reply, before the call returns it. */
export type HttpReplyListener = (route: AnyWireRoute, reply: unknown) => void;

/** One call through all its attempts. */
interface Call {
	readonly route: AnyWireRoute;
	readonly body: Uint8Array<ArrayBuffer>;
	readonly key: string | undefined;
	readonly options: HttpRequestOptions;
	/** On the monotonic clock, in milliseconds. */
	readonly deadlineMs: number;
	attempts: number;
	tokenRetried: boolean;
}

export class HttpCaller {
	private readonly settings: HttpSettings;
	private readonly session: HttpSession;
	private readonly onSuccess: HttpReplyListener;
	/** Which address is called; the next one after a call was lost. */
	private address = 0;

	constructor(settings: HttpSettings, session: HttpSession, onSuccess: HttpReplyListener) {
		this.settings = settings;
		this.session = session;
		this.onSuccess = onSuccess;
	}

	/** @throws see `HttpClient.request`. */
	async call(route: AnyWireRoute, properties: unknown, options: HttpRequestOptions): Promise<unknown> {
		options.signal?.throwIfAborted();
		if (route.needsConnection) {
			throw new GatewayError(ErrorCode.PRECONDITION_FAILED, `${route.name} needs a connection`);
		}
		const canBeKept = !route.idempotent && route.permission !== "public";
		const call: Call = {
			route,
			body: requestBody(route, properties),
			key: options.idempotencyKey ?? (options.retry && canBeKept ? uniqueId() : undefined),
			options,
			deadlineMs: performance.now() + (options.timeoutMs ?? this.settings.requestTimeoutMs),
			attempts: 0,
			tokenRetried: false,
		};
		for (;;) {
			try {
				const reply = await this.attempt(call);
				this.onSuccess(route, reply);
				return reply;
			} catch (error) {
				await this.beforeNext(call, error);
			}
		}
	}

	/** Waits until the call may be made again. @throws the error, if it may not. */
	private async beforeNext(call: Call, error: unknown): Promise<void> {
		if (!(error instanceof GatewayError)) throw error;
		if (error.code === ErrorCode.TOKEN_EXPIRED && !call.tokenRetried && this.session.canRefresh) {
			// Refused before anything was done, so that any call may be repeated with a fresh token.
			call.tokenRetried = true;
			await this.session.refresh();
			return;
		}
		if (!this.mayRepeat(call, error)) throw error;
		const { backoff, random } = this.settings;
		const waitMs = Math.max(error.retryAfterMs, backoffMs(call.attempts - 1, backoff, random()));
		if (performance.now() + waitMs >= call.deadlineMs) throw error;
		await pause(waitMs, call.options.signal);
	}

	private mayRepeat({ route, key, options, attempts }: Call, error: GatewayError): boolean {
		if (!route.idempotent && key === undefined) return false;
		if (error instanceof ReplyLostError) return options.retry === true || attempts < this.settings.maxAttempts;
		// The first call under this key is running still.
		const isRunning = key !== undefined && error.code === ErrorCode.CONFLICT && error.retryAfterMs > 0;
		return isRunning ? attempts > 1 || options.retry === true : options.retry === true && error.retryable;
	}

	private async attempt(call: Call): Promise<unknown> {
		const { route, options } = call;
		const { fetch, urls } = this.settings;
		if (fetch === undefined) throw new TypeError("there is no global fetch: pass one as options.fetch");
		const token = route.permission === "public" ? undefined : await this.token();
		// Of a signal that fired meanwhile no event comes any more.
		options.signal?.throwIfAborted();
		const leftMs = Math.min(Math.max(1, Math.ceil(call.deadlineMs - performance.now())), MAX_DELAY_MS);
		const headers = checked(headersOf(call, token, leftMs), route.name);
		call.attempts++;
		const abortion = new AbortController();
		let expired: { readonly reason: unknown } | undefined;
		const { timeoutMs = this.settings.requestTimeoutMs, signal } = options;
		const disarm = arm({ timeoutMs, leftMs, signal }, route.name, (reason) => {
			expired = { reason };
			abortion.abort();
		});
		try {
			const url = `${urls[this.address % urls.length]}${route.rpcPath}`;
			const response = await fetch(url, {
				method: "POST",
				headers,
				body: call.body,
				signal: abortion.signal,
				cache: "no-store",
				credentials: "omit",
			});
			if (!response.ok) throw await errorOfResponse(response, route.name);
			return decoded(route, response, new Uint8Array(await response.arrayBuffer()));
		} catch (cause) {
			if (expired !== undefined) throw expired.reason;
			if (cause instanceof GatewayError && !(cause instanceof ReplyLostError)) throw cause;
			this.address++;
			if (cause instanceof GatewayError) throw cause;
			throw new ReplyLostError(ErrorCode.UNAVAILABLE, `${route.name}: no reply from the gateway`, { cause });
		} finally {
			disarm();
		}
	}

	private async token(): Promise<string | undefined> {
		await this.session.load();
		if (this.session.needsToken) await this.session.refresh();
		return this.session.tokens?.accessToken;
	}
}

function headersOf({ key, options }: Call, token: string | undefined, timeoutMs: number): Record<string, string> {
	return {
		"content-type": "application/proto",
		"connect-protocol-version": "1",
		"connect-timeout-ms": String(timeoutMs),
		...(token ? { authorization: `Bearer ${token}` } : {}),
		...(key === undefined ? {} : { "idempotency-key": key }),
		...traceHeaders(options),
	};
}

function traceHeaders({ traceId, traceparent, tracestate }: TraceOptions): Record<string, string> {
	if (traceparent) return { traceparent, ...(tracestate && { tracestate }) };
	// The gateway takes the trace only; the span has to be something.
	return traceId ? { traceparent: `00-${traceId}-${uniqueId().slice(0, 16)}-01` } : {};
}

/** @throws GatewayError BAD_REQUEST; fetch would fail as if the gateway had not been reached. */
function checked(headers: Record<string, string>, routeName: string): Record<string, string> {
	const wrong = Object.keys(headers).find((name) => !/^[\x20-\x7e]*$/.test(headers[name] ?? ""));
	if (wrong === undefined) return headers;
	throw new GatewayError(
		ErrorCode.BAD_REQUEST,
		`${routeName}: the header ${wrong} has characters other than printable ASCII`,
	);
}

function decoded(route: AnyWireRoute, response: FetchResponse, bytes: Uint8Array): unknown {
	const type = response.headers.get("content-type") ?? "no type";
	if (!type.startsWith("application/proto")) {
		throw new GatewayError(ErrorCode.INTERNAL, `${route.name}: the reply is ${type}, not application/proto`);
	}
	try {
		return route.reply.decode(bytes) as unknown;
	} catch (cause) {
		throw new GatewayError(ErrorCode.INTERNAL, `${route.name}: undecodable reply`, { cause });
	}
}

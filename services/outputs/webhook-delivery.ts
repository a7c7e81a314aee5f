// Delivers events to an HTTP endpoint of the operator's: one signed POST each. A redirect counts as a failure, and unless the endpoint is
// declared private its name must not resolve to an address of a private network.
import http from "node:http";
import https from "node:https";
import type { Clock } from "../../common/clock.ts";
import { isPrivateHost, publicLookup } from "../../common/public-lookup.ts";
import { SIGNATURE_HEADER, webhookSignature } from "../../common/webhook-signature.ts";
import type { Delivery, DeliveryResult } from "./delivery.ts";
import type { OutputEvent } from "./output-store.ts";

export interface WebhookOptions {
	readonly url: string;
	/** Key of the signature. */
	readonly secret: string;
	/** It may be in a private network. */
	readonly private: boolean;
	/** Longest wait for an answer. */
	readonly timeoutMs: number;
	/** Requests at once. */
	readonly concurrency: number;
}

const MAX_HEADER_BYTES = 16_384;
/** Of an answer, whose content nobody reads; beyond it the connection is closed. */
const MAX_ANSWER_BYTES = 65_536;
/** Below what servers wait for a next request before they close a connection, which is 5 s with Node.js and more with others. */
const IDLE_MS = 4000;
const PRIVATE = "its name leads to a private network; private: true permits that";
/** What is said of an event itself: the same bytes get the same answer. 400, 413, 414, 415, 422, 431. */
const REJECTIONS: ReadonlySet<number> = new Set([400, 413, 414, 415, 422, 431]);

export class WebhookDelivery implements Delivery {
	private readonly options: WebhookOptions;
	private readonly clock: Clock;
	private readonly url: URL;
	private readonly agent: http.Agent;

	constructor(options: WebhookOptions, clock: Clock) {
		this.options = options;
		this.clock = clock;
		this.url = new URL(options.url);
		const pool = { keepAlive: true, maxSockets: options.concurrency, timeout: IDLE_MS };
		this.agent = this.url.protocol === "https:" ? new https.Agent(pool) : new http.Agent(pool);
	}

	async deliver(event: OutputEvent, signal: AbortSignal): Promise<DeliveryResult> {
		if (!this.options.private && isPrivateHost(this.url.hostname)) return { outcome: "failed", error: PRIVATE };
		const limit = AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs)]);
		try {
			return await this.post(event, limit, true);
		} catch (error) {
			return { outcome: "failed", error: this.describe(error as Error, limit) };
		}
	}

	close(): void {
		this.agent.destroy();
	}

	private post(event: OutputEvent, signal: AbortSignal, mayRepeat: boolean): Promise<DeliveryResult> {
		return new Promise((resolve, reject) => {
			const request = this.request(event, signal);
			let isAnswered = false;
			request.on("error", (error: NodeJS.ErrnoException) => {
				// A connection that breaks behind the answer must not post the event again.
				if (isAnswered) return;
				// The endpoint closed a kept connection while the request was on its way.
				const isStale = request.reusedSocket && error.code === "ECONNRESET" && mayRepeat && !signal.aborted;
				if (isStale) resolve(this.post(event, signal, false));
				else reject(error);
			});
			// Without an error: an answer that switches to another protocol (101).
			request.on("close", () => reject(new Error("no answer")));
			request.on("response", (response) => {
				isAnswered = true;
				discard(response);
				resolve(resultOf(response.statusCode ?? 0, response.headers["retry-after"]));
			});
			request.end(event.body);
		});
	}

	private request(event: OutputEvent, signal: AbortSignal): http.ClientRequest {
		const { body } = event;
		const headers = {
			"content-type": "application/cloudevents+json; charset=utf-8",
			"content-length": body.length,
			"user-agent": "framegate",
			"x-framegate-event-id": event.id,
			"x-framegate-event": event.kind,
			"x-framegate-attempt": event.attempts + 1,
			[SIGNATURE_HEADER]: webhookSignature(this.options.secret, body, this.clock.now()),
		};
		return (this.url.protocol === "https:" ? https : http).request(this.url, {
			method: "POST",
			agent: this.agent,
			signal,
			headers,
			maxHeaderSize: MAX_HEADER_BYTES,
			...(this.options.private ? {} : { lookup: publicLookup(PRIVATE) }),
		});
	}

	/** Without the address, whose path may be a secret. */
	private describe(error: NodeJS.ErrnoException, signal: AbortSignal): string {
		if (signal.aborted) return `no answer within ${this.options.timeoutMs} ms`;
		if (error.message === PRIVATE) return PRIVATE;
		return error.code === undefined ? "no answer" : `no answer: ${error.code}`;
	}
}

/** Reads what it has to, so that the connection can be used again. */
function discard(response: http.IncomingMessage): void {
	let bytes = 0;
	response.on("error", () => undefined);
	response.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > MAX_ANSWER_BYTES) response.destroy();
	});
}

function resultOf(status: number, retryAfter: string | undefined): DeliveryResult {
	if (status >= 200 && status < 300) return { outcome: "delivered" };
	const error = `the answer is ${status}`;
	if (REJECTIONS.has(status)) return { outcome: "rejected", error };
	// RFC 9110, section 10.2.3; a date is not read.
	const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
	return { outcome: "failed", error, retryAfterMs: seconds === undefined ? undefined : seconds * 1000 };
}

// Notices go to an HTTP endpoint of the operator's, which sends them on: by text message, push, or a mail service.
// The body is signed, so that the endpoint can verify its origin and its age.
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../common/clock.ts";
import { SIGNATURE_HEADER, webhookSignature } from "../../common/webhook-signature.ts";
import type { Notice, Notifier } from "./notifier.ts";

export interface WebhookNotifierOptions {
	readonly url: string;
	/** Key of the signature. */
	readonly secret: string;
	/** Longest wait for one answer. */
	readonly timeoutMs?: number;
	/** Tries in all; only what may pass (no answer, 408, 429, 5xx) is tried again. */
	readonly attempts?: number;
	/** Pause before the second try; doubles with each further one. */
	readonly retryDelayMs?: number;
}

export class WebhookNotifier implements Notifier {
	private readonly options: Required<WebhookNotifierOptions>;
	private readonly clock: Clock;
	private readonly closing = new AbortController();

	constructor(options: WebhookNotifierOptions, clock: Clock) {
		this.options = { timeoutMs: 5000, attempts: 3, retryDelayMs: 500, ...options };
		this.clock = clock;
	}

	async send(notice: Notice): Promise<void> {
		const { to, subject, text } = notice;
		const body = JSON.stringify({ to, subject, text });
		for (let attempt = 1; ; attempt++) {
			const failure = await this.post(body);
			if (failure === undefined) return;
			if (!failure.mayPass || attempt >= this.options.attempts) throw failure.error;
			const pauseMs = this.options.retryDelayMs * 2 ** (attempt - 1);
			await delay(pauseMs, undefined, { signal: this.closing.signal });
		}
	}

	/** Gives up what is being sent. */
	async close(): Promise<void> {
		this.closing.abort(new Error("the notifier is closing"));
	}

	private async post(body: string): Promise<{ error: Error; mayPass: boolean } | undefined> {
		const signature = webhookSignature(this.options.secret, body, this.clock.now());
		try {
			const response = await fetch(this.options.url, {
				method: "POST",
				headers: { "content-type": "application/json", [SIGNATURE_HEADER]: signature },
				body,
				redirect: "error",
				signal: AbortSignal.any([AbortSignal.timeout(this.options.timeoutMs), this.closing.signal]),
			});
			await response.body?.cancel();
			if (response.ok) return undefined;
			const { status } = response;
			const mayPass = status === 408 || status === 429 || status >= 500;
			return { error: new Error(`the notification webhook answered ${status}`), mayPass };
		} catch (cause) {
			const error = new Error("the notification webhook did not answer", { cause });
			return { error, mayPass: !this.closing.signal.aborted };
		}
	}
}

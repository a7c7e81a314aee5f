// Whether what this process publishes comes back to it.
import { SingleFlight } from "../../common/single-flight.ts";

/** A message that came back proves the way for so long. */
const FRESH_MS = 5000;
/** Shorter than what a probe may take, so that the probe reports what is missing. */
const TIMEOUT_MS = 1500;

export interface EchoOptions {
	/** What does not arrive, for people: "node events". */
	readonly what: string;
	/** Publishes a message, whose arrival is to call `received` with the number. */
	readonly send: (id: number) => Promise<unknown>;
	/** A message was published and did not come back in time. */
	readonly onSilence?: (error: Error) => void;
	readonly freshMs?: number;
	readonly timeoutMs?: number;
}

export class Echo {
	private readonly options: EchoOptions;
	private lastId = 0;
	private provenAtMs = Number.NEGATIVE_INFINITY;
	private pending: { readonly id: number; readonly done: () => void } | undefined;
	private readonly checks = new SingleFlight(() => this.send());

	constructor(options: EchoOptions) {
		this.options = options;
	}

	/** What was proven counts no more. */
	invalidate(): void {
		this.provenAtMs = Number.NEGATIVE_INFINITY;
	}

	/** Callers at the same time share one message. @throws Error when none comes back in time. */
	check(): Promise<void> {
		if (performance.now() - this.provenAtMs < (this.options.freshMs ?? FRESH_MS)) return Promise.resolve();
		return this.checks.run();
	}

	received(id: number): void {
		if (this.pending?.id === id) this.pending.done();
	}

	private async send(): Promise<void> {
		const { what, send, onSilence, timeoutMs = TIMEOUT_MS } = this.options;
		const id = ++this.lastId;
		let timer: NodeJS.Timeout | undefined;
		const arrived = new Promise<boolean>((resolve) => {
			this.pending = { id, done: () => resolve(true) };
			timer = setTimeout(() => resolve(false), timeoutMs).unref();
		});
		try {
			await send(id);
			if (await arrived) {
				this.provenAtMs = performance.now();
				return;
			}
			const error = new Error(`${what} do not come back from Redis`);
			onSilence?.(error);
			throw error;
		} finally {
			clearTimeout(timer);
			this.pending = undefined;
		}
	}
}

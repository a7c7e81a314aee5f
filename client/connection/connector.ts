// Keeps one connection up: opens it, and after a loss opens the next one when the close code, the delay that the server
// requested and the back-off allow. Knows nothing of sessions and requests.
import { CloseCode, retryAfterOfReason } from "../../protocol/codes.ts";
import type { Settings } from "../options.ts";
import type { Timer } from "../timers.ts";
import { backoffMs } from "./backoff.ts";
import { type CloseInfo, Link } from "./link.ts";

export interface ConnectorListener {
	/** An attempt begins. */
	onConnecting(): void;
	onOpen(link: Link): void;
	onFrame(frame: Uint8Array, link: Link): void;
	/** The connection, or an attempt, is lost; the next attempt is `retryInMs` away. */
	onLost(info: CloseInfo, retryInMs: number): void;
	/** The server said not to come back unchanged; the connector has stopped. */
	onRefused(info: CloseInfo): void;
}

/** Close codes from here to 4999 are terminal, and the one for which older gateways sent another; see protocol/codes.ts. */
const FIRST_TERMINAL_CODE = 4500;
const LAST_CODE = 4999;
/** A connection that held this long was stable: the back-off starts again from its minimum. */
const STABLE_AFTER_MS = 10_000;

export class Connector {
	private readonly settings: Settings;
	private readonly listener: ConnectorListener;
	private link: Link | undefined;
	private running = false;
	private attempt = 0;
	/** Attempts since the client was made: which address comes next. */
	private opened = 0;
	private openedAtMs = 0;
	/** Wait before the next attempt, if one was requested; used once. */
	private preferredDelayMs: number | undefined;
	private retryTimer: Timer | undefined;

	constructor(settings: Settings, listener: ConnectorListener) {
		this.settings = settings;
		this.listener = listener;
	}

	get isRunning(): boolean {
		return this.running;
	}

	start(): void {
		if (this.running) return;
		this.running = true;
		this.attempt = 0;
		this.preferredDelayMs = undefined;
		this.open();
	}

	/** Ends everything, without notifying the listener. */
	stop(): void {
		this.running = false;
		clearTimeout(this.retryTimer);
		const link = this.link;
		this.link = undefined;
		link?.close();
	}

	/** Drops the connection and opens another after `delayMs`, or after a back-off when undefined. */
	reopen(reason: string, delayMs?: number): void {
		this.preferredDelayMs = delayMs;
		this.link?.abandon(reason, delayMs === undefined ? undefined : 1000);
	}

	/** How long to wait if the connection is lost from now on. */
	preferDelay(delayMs: number | undefined): void {
		this.preferredDelayMs = delayMs;
	}

	private open(): void {
		this.listener.onConnecting();
		// The listener may have stopped us.
		if (!this.running) return;
		this.openedAtMs = 0;
		const { WebSocket, urls, openTimeoutMs } = this.settings;
		const url = urls[this.opened++ % urls.length] as string;
		try {
			const link: Link = new Link(WebSocket, url, openTimeoutMs, {
				onOpen: () => {
					this.openedAtMs = performance.now();
					this.listener.onOpen(link);
				},
				onFrame: (frame) => this.listener.onFrame(frame, link),
				onClosed: (info) => {
					if (this.running && this.link === link) this.lost(info);
				},
			});
			this.link = link;
		} catch (error) {
			this.lost({ code: 1006, reason: error instanceof Error ? error.message : String(error) });
		}
	}

	private lost(info: CloseInfo): void {
		this.link = undefined;
		if (isTerminal(info.code)) {
			this.running = false;
			this.listener.onRefused(info);
			return;
		}
		if (this.openedAtMs > 0 && performance.now() - this.openedAtMs >= STABLE_AFTER_MS) this.attempt = 0;
		const delayMs = retryAfterOfReason(info.reason) ?? this.preferredDelayMs;
		this.preferredDelayMs = undefined;
		const retryInMs = delayMs ?? backoffMs(this.attempt, this.settings.backoff, this.settings.random());
		this.attempt++;
		// Keeps a Node process alive, as the connection did and the next one will.
		this.retryTimer = setTimeout(() => this.open(), retryInMs);
		this.listener.onLost(info, retryInMs);
	}
}

/** Whether the server asked not to come back unchanged. */
function isTerminal(code: number): boolean {
	return (code >= FIRST_TERMINAL_CODE && code <= LAST_CODE) || code === CloseCode.REPLACED;
}

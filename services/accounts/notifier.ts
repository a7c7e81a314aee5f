// Sends a short text to a person outside the gateway. Implementations: adapters/notifier-*.

export interface Notice {
	/** Email address, or whatever the receiving system routes by. */
	readonly to: string;
	readonly subject: string;
	/** Plain text; may hold a secret and is not to be logged, except by the log notifier, whose purpose that is. */
	readonly text: string;
}

export interface Notifier {
	/** @throws when the notice was not accepted, after the implementation's own bounded time and retries. */
	send(notice: Notice): Promise<void>;
	close(): Promise<void>;
}

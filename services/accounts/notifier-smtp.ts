// Notices go out by mail.
import { setTimeout as delay } from "node:timers/promises";
import { createTransport, type Transporter } from "nodemailer";
import type { Notice, Notifier } from "./notifier.ts";
import type { NotifierOptions } from "./options.ts";

export interface SmtpNotifierOptions extends Pick<NotifierOptions["smtp"], "from"> {
	/** `smtp://[user:password@]host[:port]` (STARTTLS when offered), `smtps://…` (TLS from the start). */
	readonly url: string;
	/** Refuse to send over a connection that is not encrypted. */
	readonly requireTls?: boolean;
	/** Longest wait for the connection, the greeting, and any single reply. */
	readonly timeoutMs?: number;
	/** Longest time for one notice, waiting for its turn included. */
	readonly sendTimeoutMs?: number;
	readonly maxConnections?: number;
}

export class SmtpNotifier implements Notifier {
	private readonly transport: Transporter;
	private readonly from: string;
	private readonly sendTimeoutMs: number;

	/** Connects with the first notice. */
	constructor(options: SmtpNotifierOptions) {
		const timeoutMs = options.timeoutMs ?? 10_000;
		const { hostname, port, protocol, username, password } = new URL(options.url);
		const secure = protocol === "smtps:";
		this.from = options.from;
		this.sendTimeoutMs = options.sendTimeoutMs ?? 30_000;
		this.transport = createTransport({
			pool: true,
			host: hostname.replace(/^\[|\]$/g, ""),
			port: port === "" ? (secure ? 465 : 587) : Number(port),
			secure,
			requireTLS: options.requireTls ?? false,
			maxConnections: options.maxConnections ?? 2,
			connectionTimeout: timeoutMs,
			greetingTimeout: timeoutMs,
			socketTimeout: timeoutMs,
			dnsTimeout: timeoutMs,
			// Notices are plain text: nothing in them is to be fetched from a file or an address.
			disableFileAccess: true,
			disableUrlAccess: true,
			...(username !== "" && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
		});
		// The caller of `send` gets the failure; an error event without a listener would end the process.
		this.transport.on("error", () => {});
	}

	async send(notice: Notice): Promise<void> {
		// As an object, the address is not parsed as a list, so that it stays one recipient whatever is in it.
		const to = { name: "", address: notice.to };
		const sent = this.transport.sendMail({ from: this.from, to, subject: notice.subject, text: notice.text });
		const timer = new AbortController();
		const late = delay(this.sendTimeoutMs, undefined, { signal: timer.signal }).then(() => {
			throw new Error("the mail server did not take the notice in time");
		});
		try {
			await Promise.race([sent, late]);
		} finally {
			timer.abort();
			// The timer's rejection must not count as an unhandled rejection.
			late.catch(() => {});
		}
	}

	async close(): Promise<void> {
		this.transport.close();
	}
}

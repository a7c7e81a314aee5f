// Notices go to the log: for development without a mail server. Anyone who can read the log can use the codes.
import type { Logger } from "../../common/logger.ts";
import type { Notice, Notifier } from "./notifier.ts";

export class LogNotifier implements Notifier {
	private readonly logger: Logger;

	constructor(logger: Logger) {
		this.logger = logger;
	}

	async send(notice: Notice): Promise<void> {
		this.logger.info({ to: notice.to, subject: notice.subject, text: notice.text }, "notice (not sent: logged)");
	}

	async close(): Promise<void> {}
}

// What sends notices to people, such as codes to reset a password.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { Notifier } from "../../services/accounts/notifier.ts";
import { LogNotifier } from "../../services/accounts/notifier-log.ts";
import { SmtpNotifier } from "../../services/accounts/notifier-smtp.ts";
import { WebhookNotifier } from "../../services/accounts/notifier-webhook.ts";
import type { Config } from "../config/config.ts";

export function openNotifier({ notifier }: Config, clock: Clock, logger: Logger): Notifier {
	switch (notifier.kind) {
		case "log":
			return new LogNotifier(logger);
		case "smtp":
			return new SmtpNotifier({ ...notifier.smtp, url: notifier.smtp.url ?? "" });
		case "webhook":
			return new WebhookNotifier({ url: notifier.webhook.url ?? "", secret: notifier.webhook.secret ?? "" }, clock);
		default:
			return notifier.kind satisfies never;
	}
}

// Why a call or a connection failed, in words.
import { CallError } from "../connection/session.ts";
import { isObject, replyCodeName, textOf } from "../protocol/catalog.ts";
import { EncodeError } from "../protocol/encode.ts";
import type { Translate } from "../text/texts.ts";

/** @throws what is no failure of a call: a mistake of the page. */
export function problemText(error: unknown, t: Translate): string {
	if (error instanceof EncodeError) return error.message;
	if (!(error instanceof CallError)) throw error;
	if (error.reply !== undefined) {
		const { code, error: detail } = error.reply.content;
		const violations = detail?.["violations"];
		const fields = Array.isArray(violations)
			? violations.filter(isObject).map(({ field, description }) => `${textOf(field)} ${textOf(description)}`)
			: [];
		return [`${replyCodeName(code)}: ${textOf(detail?.["message"])}`, ...fields].join("; ");
	}
	if (error.message === "notConnected") return t("notConnected");
	if (error.message === "timeout") return t("timeout");
	return error.message === "closed" ? t("connectionLost") : `${t("connectFailed")} ${error.message}`;
}

// Webhooks of the configuration, with the content of their secrets' files.
import type { OutputsOptions, Webhook } from "../../services/outputs/options.ts";
import { readSecretFile } from "./key-files.ts";
import { unseenCharacter, withoutLineEnd } from "./text-file.ts";

/** As many as HMAC-SHA256 gains by (RFC 2104, section 3). */
const MIN_SECRET_BYTES = 32;

/** @param report - gets what is wrong, in words for people; such a webhook is left out. */
export function resolveWebhooks(
	cwd: string,
	declared: OutputsOptions["webhooks"],
	report: (message: string) => void,
): Webhook[] {
	const webhooks: Webhook[] = [];
	for (const { secret, secretFile, ...webhook } of declared) {
		try {
			if (webhooks.some(({ name }) => name === webhook.name))
				throw new Error(`two of them are called "${webhook.name}"`);
			webhooks.push({ ...webhook, secret: secretOf(cwd, secret, secretFile) });
		} catch (error) {
			report(`webhook "${webhook.name}": ${(error as Error).message}`);
		}
	}
	return webhooks;
}

function secretOf(cwd: string, secret: string | undefined, file: string | undefined): string {
	if ((secret === undefined) === (file === undefined)) throw new Error("needs exactly one of secret, secretFile");
	const text = withoutLineEnd(secret ?? readSecretFile(cwd, file as string));
	const problem = unseenCharacter(text);
	if (problem !== undefined) throw new Error(`the secret ${problem}`);
	if (Buffer.byteLength(text) < MIN_SECRET_BYTES)
		throw new Error(`the secret is shorter than ${MIN_SECRET_BYTES} bytes`);
	return text;
}

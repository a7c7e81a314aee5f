// What a message may hold, kind by kind. Lengths of single fields are rules in the .proto file; this is about how they
// go together.

import { createHash } from "node:crypto";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError } from "../../protocol/error.ts";
import { MessageContent, type MessageContentProperties, MessageKind } from "../../protocol/gen/schema.ts";
import { keptLine } from "./chat-errors.ts";

export interface EncodedContent {
	/** An encoded MessageContent. */
	readonly bytes: Uint8Array;
	/** Of content and reply target, base64url. */
	readonly hash: string;
}

/** RFC 6838, section 4.2, without parameters. */
const MIME_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/i;
const CUSTOM_TYPE = /^[\w.:/-]+$/;

const MAX_FILE_NAME = 255;

/** Field names, in the .proto file's spelling, that only some kinds have. */
const references = ["url", "file_name", "file_bytes", "mime_type"] as const;

/**
 * Checks and encodes.
 *
 * @param maxBytes - of the encoded content.
 * @throws GatewayError VALIDATION_FAILED naming the field, PAYLOAD_TOO_LARGE.
 */
export function encodeContent(content: MessageContentProperties, replyToId: string, maxBytes: number): EncodedContent {
	check(content);
	const bytes = MessageContent.encode(content).finish();
	if (bytes.length > maxBytes) {
		throw fieldError("content", `must be at most ${maxBytes} bytes`, { code: ErrorCode.PAYLOAD_TOO_LARGE });
	}
	const hash = createHash("sha256").update(bytes).update("\n").update(replyToId).digest("base64url");
	return { bytes, hash };
}

/** What is stored, for the wire; undefined after a recall. */
export function decodeContent(bytes: Uint8Array): MessageContentProperties | undefined {
	return bytes.length === 0 ? undefined : MessageContent.decode(bytes);
}

function check(content: MessageContentProperties): void {
	const kind = content.kind ?? MessageKind.UNSPECIFIED;
	switch (kind) {
		case MessageKind.TEXT:
			if ((content.text ?? "").trim() === "") throw fieldError("content.text", "must not be empty");
			refuse(content, [...references, "custom_type", "custom"]);
			return;
		case MessageKind.IMAGE:
		case MessageKind.FILE:
		case MessageKind.LINK:
			checkUrl(content.url ?? "");
			if (content.mimeType && !MIME_TYPE.test(content.mimeType))
				throw fieldError("content.mime_type", "must be a media type, such as image/png");
			keptLine("content.file_name", content.fileName ?? "", MAX_FILE_NAME);
			refuse(content, ["custom_type", "custom"]);
			return;
		case MessageKind.CUSTOM:
			if (!CUSTOM_TYPE.test(content.customType ?? "")) {
				throw fieldError("content.custom_type", "must be of letters, digits and the characters . : / - _");
			}
			return;
		default:
			throw fieldError("content.kind", "must be a kind of message");
	}
}

function checkUrl(text: string): void {
	if (text === "") throw fieldError("content.url", "is empty");
	const url = URL.canParse(text) ? new URL(text) : undefined;
	// Clients open what they are given; `javascript:` and `file:` are not for opening.
	if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
		throw fieldError("content.url", "must be an http or https address");
	}
}

type Field = (typeof references)[number] | "custom_type" | "custom";

function refuse(content: MessageContentProperties, fields: readonly Field[]): void {
	const values: Record<Field, boolean> = {
		url: Boolean(content.url),
		file_name: Boolean(content.fileName),
		file_bytes: Number(content.fileBytes ?? 0) !== 0,
		mime_type: Boolean(content.mimeType),
		custom_type: Boolean(content.customType),
		custom: (content.custom?.length ?? 0) > 0,
	};
	const found = fields.find((field) => values[field]);
	if (found !== undefined) throw fieldError(`content.${found}`, "must not be set in this kind of message");
}

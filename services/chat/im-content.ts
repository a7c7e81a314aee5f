// What a message holds, as IM records have it: a number for the type, and one text. Both ways, for the IM dialect and for records of Kafka.
import { type MessageContentProperties, MessageKind } from "../../protocol/gen/schema.ts";

export interface ImContent {
	/** 1 is text, 2 image, 3 file, 4 link, 5 custom; others are the clients' own. */
	readonly messageType: number;
	/** The text of a text; of the protocol's other kinds a JSON object; of other types whatever the client sent. */
	readonly content: string;
}

/** Of types that the protocol does not have, and of those whose content is not as it has it. */
const FOREIGN_TYPE = /^im\.(\d{1,10})$/;
const utf8 = new TextDecoder();

export function imContent(content: MessageContentProperties): ImContent {
	const kind = content.kind ?? MessageKind.UNSPECIFIED;
	if (kind === MessageKind.TEXT) return { messageType: kind, content: content.text ?? "" };
	const [, foreign] = FOREIGN_TYPE.exec(content.customType ?? "") ?? [];
	if (kind === MessageKind.CUSTOM && foreign !== undefined) {
		return { messageType: Number(foreign), content: utf8.decode(content.custom ?? new Uint8Array(0)) };
	}
	return { messageType: kind, content: jsonContent(content) };
}

/** The reverse. What is no content of the protocol's kinds is carried as it is. */
export function contentOfIm({ messageType, content }: ImContent): MessageContentProperties {
	if (messageType === MessageKind.TEXT) return { kind: MessageKind.TEXT, text: content };
	const link = LINK_KINDS.has(messageType) ? linkOf(content) : undefined;
	if (link !== undefined) return { kind: messageType as MessageKind, ...link };
	return { kind: MessageKind.CUSTOM, customType: `im.${messageType}`, custom: Buffer.from(content) };
}

const LINK_KINDS: ReadonlySet<number> = new Set([MessageKind.IMAGE, MessageKind.FILE, MessageKind.LINK]);
const LINK_FIELDS: Readonly<Record<string, "string" | "number">> = {
	...{ text: "string", url: "string", file_name: "string", mime_type: "string" },
	file_bytes: "number",
};

/** Undefined when the text is anything else than a reference to something, so that nothing of it is lost. */
function linkOf(content: string): MessageContentProperties | undefined {
	const value = objectOf(content);
	if (value === undefined || typeof value["url"] !== "string") return undefined;
	for (const [name, field] of Object.entries(value)) {
		if (!Object.hasOwn(LINK_FIELDS, name) || typeof field !== LINK_FIELDS[name]) return undefined;
	}
	const { text, url, file_name: fileName, file_bytes: fileBytes, mime_type: mimeType } = value as unknown as Link;
	if (fileBytes !== undefined && (!Number.isSafeInteger(fileBytes) || fileBytes < 0)) return undefined;
	return {
		url,
		...(text !== undefined && { text }),
		...(fileName !== undefined && { fileName }),
		...(fileBytes !== undefined && { fileBytes }),
		...(mimeType !== undefined && { mimeType }),
	};
}

interface Link {
	readonly url: string;
	readonly text?: string;
	readonly file_name?: string;
	readonly file_bytes?: number;
	readonly mime_type?: string;
}

function objectOf(text: string): Record<string, unknown> | undefined {
	if (!text.startsWith("{")) return undefined;
	try {
		return JSON.parse(text) as Record<string, unknown>;
	} catch {
		return undefined;
	}
}

function jsonContent(content: MessageContentProperties): string {
	const { text, url, fileName, fileBytes, mimeType, customType, custom } = content;
	return JSON.stringify({
		...(text && { text }),
		...(url && { url }),
		...(fileName && { file_name: fileName }),
		...(fileBytes && { file_bytes: Number(fileBytes) }),
		...(mimeType && { mime_type: mimeType }),
		...(customType && { custom_type: customType }),
		...(custom && custom.length > 0 && { custom: Buffer.from(custom).toString("base64") }),
	});
}

// Keeps secrets out of the log, by field name at any depth and by shape inside texts, and what a terminal would obey.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";

const REDACTED = "[redacted]";
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_TEXT = 8192;

/** Compared without case, dashes and underscores. */
const SENSITIVE = [
	"password",
	"newPassword",
	"oldPassword",
	"currentPassword",
	"passwordHash",
	"passphrase",
	"pass",
	"token",
	"accessToken",
	"refreshToken",
	"idToken",
	"jwt",
	"authorization",
	"proxyAuthorization",
	"cookie",
	"setCookie",
	"secret",
	"clientSecret",
	"secWebSocketKey",
	"apiKey",
	"privateKey",
	"privateKeyPem",
	"resetCode",
	"codeHash",
];

const plain = (name: string): string => name.toLowerCase().replace(/[-_]/g, "");

/** `code` is a reset code in one place and ECONNREFUSED or a reply code in others. */
const CONSTANT = /^(ERR_\w+|[A-Z][A-Z_]*)$/;

// Every expression here takes time linear in the text, which others choose: what it begins with can be found in one
// place only, or what it runs over ends at the next beginning.
const CREDENTIALS = /(:\/\/[^\s/?#:@]*):[^\s/?#@]+@/g;
const PARAMETER = /([?&][\w.-]*(?:token|secret|password|code)=)[^&\s"]+/gi;
/** What a JWT may be part of; `hideJwts` looks closer. */
const DOTTED = /[\w.-]+/g;
const JWT_HEADER = /\beyJ[\w-]{5,}$/;
const JWT_PAYLOAD_MIN_LENGTH = 5;
/** The secret of an API key; the id before it says which key it was. */
const API_KEY = /(fgk_[0-9a-f]{16}_)[\w-]{43}/g;

/** Hides each `header.payload.signature` in texts joined by dots. */
function hideJwts(dotted: string): string {
	if (!dotted.includes("eyJ")) return dotted;
	const parts = dotted.split(".");
	const kept: string[] = [];
	for (let index = 0; index < parts.length; index++) {
		const part = parts[index] ?? "";
		const start = part.search(JWT_HEADER);
		const isJwt = start >= 0 && (parts[index + 1]?.length ?? 0) >= JWT_PAYLOAD_MIN_LENGTH && index + 2 < parts.length;
		kept.push(isJwt ? part.slice(0, start) + REDACTED : part);
		if (isJwt) index += 2;
	}
	return kept.join(".");
}

/**
 * What a terminal obeys, some of which JSON leaves as it is (U+009B begins an escape sequence as ESC [ does); line ends that
 * only some programs see; and characters that turn the direction of what stands around them.
 */
const OBEYED = /[^\P{Cc}\t\n\r]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** Where a reader that prints for people undoes what JSON has escaped, a line end would begin a line that nobody logged. */
const OBEYED_IN_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The message of a line: without secrets, and all on its line. */
export function redactMessage(message: string): string {
	return redactText(message).replace(OBEYED_IN_LINE, escaped);
}

function redactText(text: string): string {
	const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
	const short = cut.replace(OBEYED, escaped);
	const mayHold = short.includes("://") || short.includes("=") || short.includes("eyJ") || short.includes("fgk_");
	if (!mayHold) return short;
	return short
		.replace(CREDENTIALS, `$1:${REDACTED}@`)
		.replace(PARAMETER, `$1${REDACTED}`)
		.replace(API_KEY, `$1${REDACTED}`)
		.replace(DOTTED, hideJwts);
}

/** Causes are nearly always errors; a text is written as it is, any other value by its type. */
function describeCause(cause: unknown, depth: number, isOutage: boolean): unknown {
	if (cause instanceof Error) return depth < MAX_DEPTH ? describeError(cause, depth + 1, isOutage) : "[deeper]";
	return typeof cause === "string" ? redactText(cause) : `[${typeof cause}]`;
}

/**
 * Causes outside of the program: errors of the system, of name resolution and of mail servers (`ECONNREFUSED`), and all that made
 * something unavailable. Where in the program they were noticed says nothing, and would make a line a kilobyte.
 */
const OUTSIDE = /^E(?!RR_)[A-Z]{3,}/;
const isOutside = (code: unknown): boolean => typeof code === "string" && OUTSIDE.test(code);
const isUnavailable = (error: Error): boolean => error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE;
/** What only a mistake in the program throws, also behind something that is then unavailable. */
const isMistake = (error: Error): boolean =>
	error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** Of a connection that was tried at several addresses, whose own message is empty. */
function messageOf(error: Error): string {
	if (error.message !== "" || !(error instanceof AggregateError)) return error.message;
	return error.errors
		.slice(0, MAX_ITEMS)
		.map((each) => (each instanceof Error ? each.message : typeof each))
		.join("; ");
}

/** What is logged of an error. Its other properties stay out: a Redis error carries its command with all arguments. */
function describeError(error: Error, depth: number, isCauseOfOutage = false): object {
	const { name, message, stack, cause } = error;
	const { code } = error as { code?: unknown };
	const isOutage = isCauseOfOutage || isUnavailable(error);
	const hasStack = stack !== undefined && (isMistake(error) || !(isOutage || isOutside(code)));
	return {
		type: name,
		message: redactText(messageOf(error)),
		...(typeof code === "string" || typeof code === "number" ? { code } : {}),
		// The stack begins with the message, and has lines of its own.
		...(hasStack ? { stack: redactText(stack.replace(message, redactMessage)) } : {}),
		...(cause === undefined ? {} : { cause: describeCause(cause, depth, isOutage) }),
	};
}

/** A copy of logged fields without secrets. */
export type Redaction = (fields: object) => Record<string, unknown>;

/** Makes the function that every logged object goes through. @param further names hidden beside the built-in ones. */
export function createRedaction(further: readonly string[]): Redaction {
	const sensitive = new Set([...SENSITIVE, ...further].map(plain));

	const isHidden = (name: string, value: unknown): boolean => {
		const key = plain(name);
		if (key === "code") return typeof value === "string" && !CONSTANT.test(value);
		return sensitive.has(key);
	};

	const clean = (value: unknown, depth: number): unknown => {
		if (typeof value === "string") return redactText(value);
		if (typeof value === "bigint") return value.toString();
		if (typeof value !== "object" || value === null) return value;
		if (value instanceof Error) return describeError(value, depth);
		if (value instanceof Date) return value;
		if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
		if (depth >= MAX_DEPTH) return "[deeper]";
		if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => clean(item, depth + 1));
		return cleanFields(value, depth + 1);
	};

	const cleanFields = (fields: object, depth: number): Record<string, unknown> => {
		const entries = Object.entries(fields).slice(0, MAX_ITEMS);
		return Object.fromEntries(
			entries.map(([name, value]) => [redactText(name), isHidden(name, value) ? REDACTED : clean(value, depth)]),
		);
	};

	return (fields) => cleanFields(fields, 0);
}

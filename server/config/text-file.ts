// Text files that people write, on whatever system and with whatever editor. What nobody sees in a file must not decide what
// its first key is called, or whether two nodes have the same secret: UTF-8 with or without a byte order mark, and line ends
// of any system, are the same text. What is no UTF-8 is an error.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Unseen and unwritable: controls but for tabs and line feeds, format characters, ends of lines and paragraphs, fillers. */
const UNSEEN = /[^\P{Cc}\t\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Without a byte order mark, and with line feeds alone as line ends. */
function plainText(text: string): string {
	return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}

/**
 * The content of a text file.
 *
 * @throws Error with a message for people, when the file cannot be read or is no UTF-8.
 */
export function readTextFile(cwd: string, path: string): string {
	let bytes: Buffer;
	try {
		bytes = readFileSync(resolve(cwd, path));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw Object.assign(new Error(`cannot read ${path} (${code})`, { cause: error }), { code });
	}
	const [first, second] = bytes;
	// Without a mark, the zero bytes of letters and digits give UTF-16 away.
	const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.includes(0);
	if (isUtf16) throw new Error(`${path} is UTF-16 text, or no text: save it as UTF-8`);
	try {
		return plainText(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		throw new Error(`${path} is no UTF-8 text: save it as UTF-8`);
	}
}

/** A value without what editors, `echo` and manifests put around it unseen: a byte order mark, line ends behind it. */
export function withoutLineEnd(text: string): string {
	return plainText(text).replace(/\n+$/, "");
}

/** @returns what is wrong with a secret, without showing it; undefined when nothing is. */
export function unseenCharacter(secret: string): string | undefined {
	const unseen = UNSEEN.exec(secret);
	if (unseen !== null) {
		const code = (unseen[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
		return `holds a character that cannot be seen (U+${code}, at position ${unseen.index + 1})`;
	}
	return /^\s|\s$/u.test(secret) ? "begins or ends with white space" : undefined;
}

/**
 * Lines of a `.env` file that give nothing a value, such as `NAME: value`; Node.js passes over them without a word.
 *
 * @returns their numbers, from 1.
 */
export function linesWithoutName(text: string): readonly number[] {
	const found: number[] = [];
	let end = "";
	for (const [index, line] of text.split("\n").entries()) {
		if (end !== "") {
			// Within a value in quotes, which may have several lines.
			if (line.includes(end)) end = "";
			continue;
		}
		if (/^\s*(?:#|$)/.test(line)) continue;
		const [, quote = "", rest = ""] = /^[^=]*=\s*(["'`]?)(.*)$/.exec(line) ?? [];
		if (!line.includes("=")) found.push(index + 1);
		else if (quote !== "" && !rest.includes(quote) && hasQuoteBehind(text, index, quote)) end = quote;
	}
	return found;
}

/** A quote that is never closed is a character like others. */
function hasQuoteBehind(text: string, line: number, quote: string): boolean {
	return text
		.split("\n")
		.slice(line + 1)
		.some((later) => later.includes(quote));
}

// The one policy for text that other people read: names, lines and longer texts. What cannot be seen, what changes how the
// text around it is drawn, and what databases refuse is no part of a name (UAX #31, UTS #39). Names are compared and kept
// composed (NFC), so that one name has one spelling. What a message says is its sender's business and is not looked at.
import { isMixed } from "./scripts.ts";

/** Control characters but for tabs and line ends, halves of surrogate pairs, overrides of the writing direction. */
const UNFIT_IN_TEXT = /[^\P{Cc}\t\n\r]|[\p{Cs}\u202d\u202e]/u;

/**
 * Controls, format characters, halves of surrogate pairs, private use, what Unicode does not assign (all of them in C),
 * ends of lines and paragraphs, what is drawn as nothing, and the blank of Braille.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Emoji are sequences with joiners and selectors in them, and each is drawn as one picture (UTS #51, RGI_Emoji). TypeScript
 * takes no literal with this flag for its target.
 */
const EMOJI = new RegExp("\\p{RGI_Emoji}", ["g", "v"].join(""));

/** Joiners where spelling needs them: within Arabic script, and after a virama of an Indic one (UAX #31, A1 and A2). */
const SPELLED_JOINER =
	/(?<=\p{scx=Arab}\p{M}{0,4})\u200c(?=\p{scx=Arab})|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]\p{M}{0,2})[\u200c\u200d]/gu;

/** More marks on one letter than any spelling has (UTS #39, section 5.4), or one of them twice. */
const PILED_MARKS = /\p{Mn}{5}|(\p{Mn})\1/u;

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** The spelling of a name that is kept and compared: composed, with plain spaces, and none around it. */
export function canonicalName(text: string): string {
	return text
		.normalize("NFC")
		.replace(/\p{Zs}/gu, " ")
		.trim();
}

/** @returns what is wrong with a text of any length; undefined when nothing is. */
export function problemOfText(text: string): string | undefined {
	return UNFIT_IN_TEXT.test(text) ? "holds control characters" : undefined;
}

/** @returns what is wrong with a line that people read, which may be empty; undefined when nothing is. */
export function problemOfLine(text: string): string | undefined {
	// What follows is about spaces and characters that are seen; nearly every line is that.
	if (/^[ -~]*$/.test(text)) return undefined;
	const line = text.normalize("NFC").replace(EMOJI, "").replace(SPELLED_JOINER, "");
	if (UNSEEN.test(line)) return "holds characters that cannot be seen or that change the direction of writing";
	return PILED_MARKS.test(line) ? "holds too many marks on one letter" : undefined;
}

/** @returns what is wrong with the name of something; undefined when nothing is. */
export function problemOfName(text: string): string | undefined {
	const name = canonicalName(text);
	const problem = problemOfLine(name);
	if (problem !== undefined) return problem;
	if (!VISIBLE.test(name)) return "is empty";
	const mixed = (name.match(WORD) ?? []).find((word) => isMixed(word));
	return mixed === undefined ? undefined : "mixes scripts within a word";
}

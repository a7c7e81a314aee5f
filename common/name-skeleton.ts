// What names look like: two names with a common skeleton can be taken for each other (UTS #39, section 4). The data is
// Unicode's; scripts/confusables.ts writes it.
import { createHash } from "node:crypto";
import confusables from "./confusables.json" with { type: "json" };

const DOTTED_TWICE = /[ij]\p{Mn}*\u0307\p{Mn}*/gu;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Character → what it is drawn like. 6,565 entries, half a megabyte. */
const prototypes: ReadonlyMap<string, string> = new Map(
	confusables.table.split(";").flatMap((entry) => {
		const [prototype = "", sources = ""] = entry.split(":");
		const drawn = prototype.split(".").map(character).join("");
		return sources.split(",").map((source) => [character(source), drawn] as const);
	}),
);

function character(code: string): string {
	return String.fromCodePoint(Number.parseInt(code, 36));
}

/** The skeleton of a text: UTS #39, section 4, `internalSkeleton`. Case counts. */
export function skeleton(text: string): string {
	let drawn = "";
	for (const one of text.normalize("NFD").replace(IGNORABLE, "")) drawn += prototypes.get(one) ?? one;
	// The dot of these letters is drawn once, however it is written (Unicode, Soft_Dotted).
	return drawn.normalize("NFD").replace(DOTTED_TWICE, (letter) => letter.replaceAll("\u0307", ""));
}

/**
 * What a user name looks like in small letters, in capitals, and as its owner wrote it: no other account may look like
 * any of these. Hashed (SHA-256, base64url), since a database compares plain bytes the same everywhere.
 *
 * @param username - as written.
 */
export function nameSkeletons(username: string): readonly string[] {
	const name = username.normalize("NFKC");
	const drawn = new Set([name.toLowerCase(), name.toUpperCase(), name].map(skeleton));
	return [...drawn].map((text) => createHash("sha256").update(text).digest("base64url"));
}

// Which scripts a word is written in, and whether they go together: UTS #39, section 5.2, "highly restrictive".
import { skeleton } from "./name-skeleton.ts";

/** In everyday use: UAX #31, table 5. A letter may belong to several (Script_Extensions). */
const RECOMMENDED = [
	...["Latn", "Hani", "Hira", "Kana", "Bopo", "Hang", "Arab", "Armn", "Beng", "Cyrl", "Deva", "Ethi", "Geor", "Grek"],
	...["Gujr", "Guru", "Hebr", "Knda", "Khmr", "Laoo", "Mlym", "Mymr", "Orya", "Sinh", "Taml", "Telu", "Thaa", "Thai"],
	"Tibt",
] as const;

/** Belong to every script: digits, punctuation, marks. */
const SHARED = /[\p{scx=Zyyy}\p{scx=Zinh}]/u;

const tests = RECOMMENDED.map((script) => new RegExp(`\\p{scx=${script}}`, "u"));

/** One bit for each script. */
const bit = (script: (typeof RECOMMENDED)[number]) => 2 ** RECOMMENDED.indexOf(script);

/** Japanese, Chinese in Taiwan, and Korean are written with Latin words among the others. */
const mixes = [
	bit("Latn") + bit("Hani") + bit("Hira") + bit("Kana"),
	bit("Latn") + bit("Hani") + bit("Bopo"),
	bit("Latn") + bit("Hani") + bit("Hang"),
];

const profiles: readonly number[] = [...RECOMMENDED.map(bit), ...mixes];

/** What a user name has to do with scripts. */
export type ScriptProblem = "mixed" | "unusual";

/** @returns `unusual`: a letter of a script that hardly anybody writes today, or of none. */
export function problemOfScripts(text: string): ScriptProblem | undefined {
	const found = scriptsOf(text);
	if (found.includes(0)) return "unusual";
	return goTogether(found) ? undefined : "mixed";
}

/**
 * Whether a word that people read mixes scripts so that a letter could pass for another. Greek letters of physics (`ΔT`,
 * `kΩ`) that look like no Latin one may stand among Latin ones.
 */
export function isMixed(word: string): boolean {
	if (/^[\0-\u024f]*$/.test(word)) return false;
	const found = scriptsOf(word);
	if (goTogether(found)) return false;
	// A word of one unusual script only is nobody else's.
	if (found.every((scripts) => scripts === 0)) return false;
	return !goTogether(scriptsOf([...word].filter((letter) => !isSymbol(letter)).join("")));
}

function isSymbol(letter: string): boolean {
	return /\p{Script=Greek}/u.test(letter) && !/[\0-\u024f]/.test(skeleton(letter));
}

/** The scripts of each letter that has any. */
function scriptsOf(text: string): number[] {
	const found: number[] = [];
	for (const letter of text) {
		if (SHARED.test(letter)) continue;
		let scripts = 0;
		tests.forEach((test, index) => {
			if (test.test(letter)) scripts += 2 ** index;
		});
		found.push(scripts);
	}
	return found;
}

function goTogether(found: readonly number[]): boolean {
	return profiles.some((profile) => found.every((scripts) => (scripts & profile) !== 0));
}

// The languages of the pages.
import { en, type TextKey, type Texts } from "./en.ts";
import { routesZh } from "./routes-zh.ts";
import { zh } from "./zh.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a language is called in itself, and its tag for `lang` (BCP 47). */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };
export const languageTags: Readonly<Record<Language, string>> = { en: "en", zh: "zh-CN" };

const texts: Readonly<Record<Language, Texts>> = { en, zh };

const routeTexts: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en: {}, zh: routesZh };

export interface LocalText {
	readonly text: string;
	/** For `lang`. */
	readonly tag: string;
}

/** What a route does. @param comment - of the .proto file; shown as it is where there is no translation of it. */
export function routeText(language: Language, comment: string): LocalText {
	const english = comment.replaceAll("\n", " ");
	const text = routeTexts[language][english];
	return text === undefined ? { text: english, tag: languageTags.en } : { text, tag: languageTags[language] };
}

/** Gives a text, with what is in braces replaced: `t("rule.min", { limit: 3 })`. */
export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export function translator(language: Language): Translate {
	const table = texts[language];
	return (key, values = {}) => table[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

// What a person has chosen for the pages: language and theme, kept in the browser.
import { LANGUAGES, type Language, languageTags } from "../text/texts.ts";
import type { CallStorage } from "./saved-calls.ts";
import { Store } from "./store.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Settings {
	readonly language: Language;
	readonly theme: Theme;
}

const KEY = "framegate.settings";

/** What was chosen before, else what the browser prefers. */
export function loadSettings(storage: CallStorage, languages: readonly string[]): Store<Settings> {
	const preferred: Language =
		languages.some((tag) => tag.startsWith("zh")) && languages[0]?.startsWith("zh") ? "zh" : "en";
	let kept: string[] = [];
	try {
		kept = (storage.getItem(KEY) ?? "").split(" ");
	} catch {
		// A browser that keeps nothing.
	}
	return new Store({
		language: LANGUAGES.find((language) => language === kept[0]) ?? preferred,
		theme: THEMES.find((theme) => theme === kept[1]) ?? "auto",
	});
}

/** Applies settings to the document, and keeps them. */
export function applySettings({ language, theme }: Settings, root: HTMLElement, storage: CallStorage): void {
	root.lang = languageTags[language];
	if (theme === "auto") root.removeAttribute("data-theme");
	else root.setAttribute("data-theme", theme);
	try {
		storage.setItem(KEY, `${language} ${theme}`);
	} catch {
		// A browser that keeps nothing.
	}
}

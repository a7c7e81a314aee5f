// The call on the screen as a program, in the language that is chosen.
import { useState } from "preact/hooks";
import { useText } from "./context.tsx";

interface CodeSampleProps<Language extends string> {
	/** At least one. */
	readonly languages: readonly [Language, ...Language[]];
	readonly codeOf: (language: Language) => string;
}

export function CodeSample<Language extends string>({ languages, codeOf }: CodeSampleProps<Language>) {
	const t = useText();
	const [language, setLanguage] = useState<Language>(languages[0]);
	const [copied, setCopied] = useState("");
	const code = codeOf(language);
	return (
		<section aria-labelledby="code-title">
			<div class="row spread wrap">
				<h3 id="code-title">{t("code")}</h3>
				<div class="row">
					{languages.map((name) => (
						<button
							key={name}
							type="button"
							class="tab"
							aria-pressed={name === language}
							onClick={() => setLanguage(() => name)}
						>
							{name}
						</button>
					))}
				</div>
				<button
					type="button"
					class="quiet"
					onClick={() => {
						// A browser may forbid it; then the text can still be selected.
						navigator.clipboard?.writeText(code).then(
							() => setCopied(code),
							() => setCopied(""),
						);
					}}
				>
					{t(copied === code ? "copied" : "copy")}
				</button>
			</div>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard. */}
			<pre class="block" tabIndex={0}>
				<code>{code}</code>
			</pre>
		</section>
	);
}

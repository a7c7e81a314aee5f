// Messages of the older EMS JSON dialect: samples to begin from, as text.
import { useState } from "preact/hooks";
import { OLDER_LANGUAGES, olderSampleOf } from "../../code/older-samples.ts";
import { CodeSample } from "../../components/code-sample.tsx";
import { useApp, useText } from "../../components/context.tsx";
import { isObject } from "../../protocol/catalog.ts";
import { parseJson } from "../../protocol/frames.ts";
import { OLDER_TYPES, type OlderType, olderMessage, olderSamples } from "../../protocol/older-messages.ts";

const written = (type: OlderType): string => JSON.stringify(olderSamples[type], undefined, 2);

export function OlderCalls() {
	const t = useText();
	const app = useApp();
	const [type, setType] = useState<OlderType>("subscribe");
	const [text, setText] = useState(written("subscribe"));
	const [count, setCount] = useState(1);
	const [problem, setProblem] = useState("");
	const data = parseJson(text);
	const send = (): void => {
		if (!isObject(data)) {
			setProblem(t("ems.badJson"));
			return;
		}
		const isSent = app.sendText(olderMessage(type, `${type}_${count}`, Date.now(), data));
		setCount(count + 1);
		setProblem(isSent ? "" : t("notConnected"));
	};
	return (
		<section class="panel call" aria-labelledby="older-title">
			<h2 id="older-title">{t("dialect.ems")}</h2>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					send();
				}}
			>
				<div class="field">
					<label for="older-type">{t("ems.message")}</label>
					<select
						id="older-type"
						value={type}
						onChange={({ currentTarget }) => {
							const next = OLDER_TYPES.find((name) => name === currentTarget.value) ?? "subscribe";
							setType(next);
							setText(written(next));
						}}
					>
						{OLDER_TYPES.map((name) => (
							<option key={name} value={name}>
								{name}
							</option>
						))}
					</select>
				</div>
				<div class="field">
					<label for="older-data">data</label>
					<textarea
						id="older-data"
						class="mono"
						rows={8}
						spellcheck={false}
						value={text}
						onInput={({ currentTarget }) => setText(currentTarget.value)}
					/>
				</div>
				<button type="submit" class="primary">
					{t("send")}
				</button>
				<p class="problem" role="alert">
					{problem}
				</p>
			</form>
			<CodeSample
				languages={OLDER_LANGUAGES}
				codeOf={(language) => olderSampleOf(language, type, isObject(data) ? data : {}, app.webSocketUrl)}
			/>
		</section>
	);
}

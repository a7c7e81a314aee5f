// Messages of the older EMS JSON dialect: a form for the data of each, which is text as well, since not everything that the dialect
// takes fits in a form.
import { useState } from "preact/hooks";
import { OLDER_LANGUAGES, olderSampleOf } from "../../code/older-samples.ts";
import { CodeSample } from "../../components/code-sample.tsx";
import { useApp, useText } from "../../components/context.tsx";
import { MessageForm } from "../../components/message-form.tsx";
import { isObject, type JsonObject, messageNamed } from "../../protocol/catalog.ts";
import { parseJson } from "../../protocol/frames.ts";
import {
	OLDER_TYPES,
	type OlderType,
	olderMessage,
	olderMessageName,
	olderSamples,
} from "../../protocol/older-messages.ts";
import { violationsOf } from "../../protocol/rules.ts";

const written = (data: JsonObject): string => JSON.stringify(data, undefined, 2);

export function OlderCalls() {
	const t = useText();
	const app = useApp();
	const [type, setType] = useState<OlderType>("subscribe");
	const [text, setText] = useState(written(olderSamples.subscribe));
	const [count, setCount] = useState(1);
	const [problem, setProblem] = useState("");
	const [wasSent, setWasSent] = useState(false);
	const data = parseJson(text);
	const message = olderMessageName(type);
	const violations = wasSent && isObject(data) ? violationsOf(message, data) : [];
	const send = (): void => {
		setWasSent(true);
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
							setText(written(olderSamples[next]));
							setWasSent(false);
						}}
					>
						{OLDER_TYPES.map((name) => (
							<option key={name} value={name}>
								{name}
							</option>
						))}
					</select>
				</div>
				{messageNamed(message).fields.length > 0 && isObject(data) ? (
					<MessageForm
						id="older"
						message={message}
						value={data}
						onChange={(next) => setText(written(next))}
						violations={violations}
					/>
				) : null}
				<div class="field">
					<label for="older-data">data (JSON)</label>
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

// Who this page is to the gateway, in which dialect, and the state of its connection.
import { useState } from "preact/hooks";
import { DIALECTS, type Dialect } from "../protocol/frames.ts";
import { problemText } from "./call-problem.ts";
import { useApp, useStore, useText } from "./context.tsx";
import { inputType } from "./value-input.tsx";

export function ConnectionState() {
	const t = useText();
	const { phase, user } = useStore(useApp().connection);
	return (
		<p class="state" role="status">
			<span class={`dot ${phase}`} aria-hidden="true" />
			<span>{t(`phase.${phase}`)}</span>
			{user === "" || phase === "closed" ? null : (
				<span class="user">
					{t("signedInAs")} <bdi>{user}</bdi>
				</span>
			)}
		</p>
	);
}

export function ConnectionPanel() {
	const t = useText();
	const app = useApp();
	const { phase } = useStore(app.connection);
	const [dialect, setDialect] = useState<Dialect>("protobuf");
	const [username, setUsername] = useState("");
	const [password, setPassword] = useState("");
	const [nickname, setNickname] = useState("");
	const [problem, setProblem] = useState("");
	const [isUnfolded, setIsUnfolded] = useState(true);
	const attempt = async (action: () => Promise<void>): Promise<void> => {
		setProblem("");
		try {
			await action();
			// On a phone it would be all that one sees.
			if (matchMedia("(max-width: 759px)").matches) setIsUnfolded(false);
		} catch (error) {
			setProblem(problemText(error, t));
		}
	};
	const credentials = { username, password };
	const isOpen = phase === "open" || phase === "waiting" || phase === "connecting";
	return (
		<details class="panel" open={isUnfolded} onToggle={({ currentTarget }) => setIsUnfolded(currentTarget.open)}>
			<summary>
				<h2>{t("connection")}</h2>
			</summary>
			<div class="details-body">
				<form
					onSubmit={(event) => {
						event.preventDefault();
						void attempt(() => app.logIn(dialect, credentials));
					}}
				>
					<DialectField dialect={dialect} onChange={setDialect} />
					<TextField
						id="username"
						label={t("username")}
						value={username}
						onChange={setUsername}
						autocomplete="username"
					/>
					<TextField
						id="password"
						label={t("password")}
						value={password}
						onChange={setPassword}
						autocomplete="current-password"
						isSecret
					/>
					<TextField
						id="nickname"
						label={t("nickname")}
						value={nickname}
						onChange={setNickname}
						autocomplete="nickname"
					/>
					<div class="row wrap">
						<button type="submit" class="primary">
							{t("logIn")}
						</button>
						<button type="button" onClick={() => void attempt(() => app.register(dialect, credentials, nickname))}>
							{t("register")}
						</button>
						<button type="button" disabled={dialect === "ems"} onClick={() => void attempt(() => app.connect(dialect))}>
							{t("connect")}
						</button>
					</div>
				</form>
				{dialect === "ems" ? <p class="hint">{t("emsNeedsLogin")}</p> : null}
				<p class="problem" role="alert">
					{problem}
				</p>
				<div class="row wrap">
					<button type="button" disabled={!isOpen} onClick={() => app.disconnect()}>
						{t("disconnect")}
					</button>
					<button type="button" disabled={phase !== "open"} onClick={() => app.drop()}>
						{t("drop")}
					</button>
					<button type="button" disabled={phase !== "closed"} onClick={() => void attempt(() => app.connectAgain())}>
						{t("connectAgain")}
					</button>
				</div>
				<ReconnectSwitch />
			</div>
		</details>
	);
}

interface TextFieldProps {
	readonly id: string;
	readonly label: string;
	readonly value: string;
	readonly onChange: (value: string) => void;
	readonly autocomplete: string;
	readonly isSecret?: boolean;
}

function TextField({ id, label, value, onChange, autocomplete, isSecret = false }: TextFieldProps) {
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<input
				id={id}
				{...inputType(isSecret)}
				autocomplete={autocomplete}
				spellcheck={false}
				value={value}
				onInput={({ currentTarget }) => onChange(currentTarget.value)}
			/>
		</div>
	);
}

interface DialectFieldProps {
	readonly dialect: Dialect;
	readonly onChange: (dialect: Dialect) => void;
}

function DialectField({ dialect, onChange }: DialectFieldProps) {
	const t = useText();
	return (
		<div class="field">
			<label for="dialect">{t("dialect")}</label>
			<select
				id="dialect"
				value={dialect}
				onChange={({ currentTarget }) => onChange(DIALECTS.find((name) => name === currentTarget.value) ?? "protobuf")}
			>
				{DIALECTS.map((name) => (
					<option key={name} value={name}>
						{t(`dialect.${name}`)}
					</option>
				))}
			</select>
		</div>
	);
}

function ReconnectSwitch() {
	const t = useText();
	const app = useApp();
	const [isOn, setIsOn] = useState(true);
	return (
		<label class="check">
			<input
				type="checkbox"
				checked={isOn}
				onChange={() => {
					app.setReconnects(!isOn);
					setIsOn(!isOn);
				}}
			/>
			{t("reconnects")}
		</label>
	);
}

// Calls: a route of the protocol, a form for its request, the reply, and the same call as a program.
import { useState } from "preact/hooks";
import type { RouteDescription } from "../../../protocol/description.ts";
import { SAMPLE_LANGUAGES, sampleOf } from "../../code/samples.ts";
import { problemText } from "../../components/call-problem.ts";
import { CodeSample } from "../../components/code-sample.tsx";
import { useApp, useShared, useStore, useText } from "../../components/context.tsx";
import { MessageForm } from "../../components/message-form.tsx";
import { type Outcome, ReplyView } from "../../components/reply-view.tsx";
import { CallError } from "../../connection/session.ts";
import { type JsonObject, messageNamed, routeByName, routes } from "../../protocol/catalog.ts";
import { violationsOf } from "../../protocol/rules.ts";
import type { SavedCall } from "../../state/saved-calls.ts";
import { routeText } from "../../text/texts.ts";
import { OlderCalls } from "./older-calls.tsx";

interface CallsProps {
	/** From the address; the first one where it names none. */
	readonly routeName: string;
	readonly onRoute: (name: string) => void;
}

export function Calls({ routeName, onRoute }: CallsProps) {
	const t = useText();
	const { dialect } = useStore(useApp().connection);
	/** Values of forms by route: they stay while one looks at others. */
	const [bodies, setBodies] = useState<Readonly<Record<string, JsonObject>>>({});
	const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({});
	const route = routeByName(routeName) ?? (routes[0] as RouteDescription);
	if (dialect === "ems") return <OlderCalls />;
	return (
		<div class="calls">
			<RoutePicker current={route} onRoute={onRoute} />
			<CallView
				key={route.name}
				route={route}
				body={bodies[route.name] ?? {}}
				onBody={(body) => setBodies({ ...bodies, [route.name]: body })}
				outcome={outcomes[route.name]}
				onOutcome={(outcome) => setOutcomes((all) => ({ ...all, [route.name]: outcome }))}
			/>
			<section class="panel" aria-labelledby="saved-title">
				<h2 id="saved-title">{t("saved")}</h2>
				<SavedCalls
					onOpen={(call) => {
						setBodies({ ...bodies, [call.route]: call.body });
						onRoute(call.route);
					}}
				/>
			</section>
		</div>
	);
}

interface RoutePickerProps {
	readonly current: RouteDescription;
	readonly onRoute: (name: string) => void;
}

function RoutePicker({ current, onRoute }: RoutePickerProps) {
	const t = useText();
	const [filter, setFilter] = useState("");
	const wanted = filter.trim().toLowerCase();
	const matching = routes.filter(({ name, number }) => `${number} ${name}`.toLowerCase().includes(wanted));
	return (
		<nav class="panel routes" aria-label={t("routes")}>
			<div class="field">
				<label for="route-filter">{t("filter")}</label>
				<input
					id="route-filter"
					type="search"
					value={filter}
					onInput={({ currentTarget }) => setFilter(currentTarget.value)}
				/>
			</div>
			<ul>
				{matching.map(({ name, number }) => (
					<li key={name}>
						<button
							type="button"
							class="route"
							aria-current={name === current.name ? "true" : undefined}
							onClick={() => onRoute(name)}
						>
							<span class="mono">{number}</span> {name}
						</button>
					</li>
				))}
			</ul>
		</nav>
	);
}

interface CallViewProps {
	readonly route: RouteDescription;
	readonly body: JsonObject;
	readonly onBody: (body: JsonObject) => void;
	readonly outcome: Outcome | undefined;
	readonly onOutcome: (outcome: Outcome) => void;
}

function CallView({ route, body, onBody, outcome, onOutcome }: CallViewProps) {
	const t = useText();
	const app = useApp();
	const { user } = useStore(app.connection);
	const { language } = useStore(useShared().settings);
	const about = routeText(language, route.comment ?? "");
	const [wasSent, setWasSent] = useState(false);
	const violations = wasSent ? violationsOf(route.request, body) : [];
	const send = async (): Promise<void> => {
		setWasSent(true);
		try {
			onOutcome({ reply: await app.call(route, body), problem: "" });
		} catch (error) {
			const reply = error instanceof CallError ? error.reply : undefined;
			onOutcome({ reply, problem: problemText(error, t) });
		}
	};
	const hasFields = messageNamed(route.request).fields.length > 0;
	return (
		<section class="panel call" aria-labelledby="call-title">
			<h2 id="call-title">
				<span class="mono">{route.number}</span> {route.name}
			</h2>
			<p lang={about.tag}>{about.text}</p>
			<p class="facts">
				{t("needs")} <code>{route.permission}</code> · {t("cost")} {route.cost}
				{route.idempotent ? ` · ${t("idempotent")}` : ""}
				{route.needsConnection ? ` · ${t("needsConnection")}` : ""}
			</p>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					void send();
				}}
			>
				{hasFields ? (
					<MessageForm id="call" message={route.request} value={body} onChange={onBody} violations={violations} />
				) : (
					<p class="empty">{t("noFields")}</p>
				)}
				<div class="row wrap">
					<button type="submit" class="primary">
						{t("send")}
					</button>
					<button
						type="button"
						onClick={() => {
							setWasSent(false);
							onBody({});
						}}
					>
						{t("reset")}
					</button>
				</div>
			</form>
			<SaveForm onSave={(name) => app.saveCall({ name, route: route.name, body })} />
			<ReplyView outcome={outcome} />
			<CodeSample
				languages={SAMPLE_LANGUAGES}
				codeOf={(language) =>
					sampleOf(language, {
						route,
						body,
						username: user === "" ? "ada" : user,
						httpUrl: location.origin,
						webSocketUrl: app.webSocketUrl,
					})
				}
			/>
		</section>
	);
}

function SaveForm({ onSave }: { readonly onSave: (name: string) => void }) {
	const t = useText();
	const [name, setName] = useState("");
	return (
		<form
			class="row wrap save"
			onSubmit={(event) => {
				event.preventDefault();
				if (name.trim() === "") return;
				onSave(name.trim());
				setName("");
			}}
		>
			<div class="field grow">
				<label for="save-name">{t("saveName")}</label>
				<input
					id="save-name"
					maxLength={80}
					value={name}
					onInput={({ currentTarget }) => setName(currentTarget.value)}
				/>
			</div>
			<button type="submit">{t("save")}</button>
		</form>
	);
}

function SavedCalls({ onOpen }: { readonly onOpen: (call: SavedCall) => void }) {
	const t = useText();
	const app = useApp();
	const saved = useStore(app.saved);
	if (saved.length === 0) return <p class="empty">{t("noneSaved")}</p>;
	return (
		<ul class="saved">
			{saved.map((call) => (
				<li key={call.name} class="row spread">
					<button type="button" class="route" onClick={() => onOpen(call)}>
						<bdi>{call.name}</bdi> <span class="hint">{call.route}</span>
					</button>
					<button
						type="button"
						class="quiet"
						aria-label={`${t("remove")} ${call.name}`}
						onClick={() => app.removeCall(call.name)}
					>
						×
					</button>
				</li>
			))}
		</ul>
	);
}

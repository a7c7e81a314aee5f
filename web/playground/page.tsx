// The page: what is around the views.

import { ConnectionPanel, ConnectionState } from "../components/connection-panel.tsx";
import { useShared, useStore, useText } from "../components/context.tsx";
import { FrameList } from "../components/frame-list.tsx";
import { THEMES } from "../state/settings.ts";
import type { Store } from "../state/store.ts";
import { LANGUAGES, languageNames, languageTags } from "../text/texts.ts";
import { hashOf, type Place, VIEWS, type View } from "./location.ts";
import { Calls } from "./views/calls.tsx";
import { TelemetryView } from "./views/telemetry.tsx";
import { TimelineView } from "./views/timeline.tsx";

interface PageProps {
	readonly place: Store<Place>;
	/** Goes to a place, as a link does. */
	readonly onGo: (place: Place) => void;
}

export function Page({ place, onGo }: PageProps) {
	const t = useText();
	const { view, detail } = useStore(place);
	return (
		<>
			<a class="skip" href="#content">
				{t("skip")}
			</a>
			<Header />
			<Views current={view} />
			<div class="layout">
				<div class="side">
					<ConnectionPanel />
				</div>
				<main id="content" tabIndex={-1}>
					<Content view={view} detail={detail} onGo={onGo} />
				</main>
				{view === "frames" ? null : (
					<aside class="wide-only" aria-label={t("frames")}>
						<FrameList />
					</aside>
				)}
			</div>
		</>
	);
}

interface ContentProps extends Place {
	readonly onGo: (place: Place) => void;
}

function Content({ view, detail, onGo }: ContentProps) {
	switch (view) {
		case "calls":
			return <Calls routeName={detail} onRoute={(name) => onGo({ view: "calls", detail: name })} />;
		case "frames":
			return <FrameList />;
		case "telemetry":
			return <TelemetryView />;
		case "timeline":
			return <TimelineView />;
		default:
			return view satisfies never;
	}
}

function Views({ current }: { readonly current: View }) {
	const t = useText();
	return (
		<nav class="views" aria-label={t("views")}>
			{VIEWS.map((view) => (
				<a key={view} href={hashOf({ view, detail: "" })} aria-current={view === current ? "page" : undefined}>
					{t(`view.${view}`)}
				</a>
			))}
		</nav>
	);
}

function Header() {
	const t = useText();
	const { settings } = useShared();
	const { language, theme } = useStore(settings);
	return (
		<header class="header">
			<h1>{t("title")}</h1>
			<ConnectionState />
			<div class="row">
				<select
					aria-label={t("language")}
					value={language}
					onChange={({ currentTarget }) => {
						const chosen = LANGUAGES.find((name) => name === currentTarget.value) ?? "en";
						settings.update((before) => ({ ...before, language: chosen }));
					}}
				>
					{LANGUAGES.map((name) => (
						<option key={name} value={name} lang={languageTags[name]}>
							{languageNames[name]}
						</option>
					))}
				</select>
				<select
					aria-label={t("theme")}
					value={theme}
					onChange={({ currentTarget }) => {
						const chosen = THEMES.find((name) => name === currentTarget.value) ?? "auto";
						settings.update((before) => ({ ...before, theme: chosen }));
					}}
				>
					{THEMES.map((name) => (
						<option key={name} value={name}>
							{t(`theme.${name}`)}
						</option>
					))}
				</select>
			</div>
		</header>
	);
}

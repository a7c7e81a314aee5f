// Begins the playground: the state, the settings of the browser, and the page.
import { render } from "preact";
import { SharedContext } from "../components/context.tsx";
import "../components/style.css";
import { App } from "../state/app.ts";
import { applySettings, loadSettings } from "../state/settings.ts";
import { translator } from "../text/texts.ts";
import { hashOf, placeStore } from "./location.ts";
import { Page } from "./page.tsx";

const webSocketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
const app = new App(webSocketUrl, localStorage);
const settings = loadSettings(localStorage, navigator.languages);
const apply = (): void => {
	applySettings(settings.value, document.documentElement, localStorage);
	document.title = translator(settings.value.language)("title");
};
settings.onChange(apply);
apply();

const place = placeStore(window);
const root = document.getElementById("root");
if (root !== null) {
	render(
		<SharedContext.Provider value={{ app, settings }}>
			<Page
				place={place}
				onGo={(next) => {
					location.hash = hashOf(next);
				}}
			/>
		</SharedContext.Provider>,
		root,
	);
}

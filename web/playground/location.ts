// Which view the address names: `#/calls/chat.sendMessage`, `#/telemetry`. What is behind the # never reaches the server.
import { Store } from "../state/store.ts";

export const VIEWS = ["calls", "frames", "telemetry", "timeline"] as const;
export type View = (typeof VIEWS)[number];

export interface Place {
	readonly view: View;
	/** Behind the view: the name of a route. */
	readonly detail: string;
}

export function placeOf(hash: string): Place {
	const [, name = "", detail = ""] = hash.split("/");
	return { view: VIEWS.find((view) => view === name) ?? "calls", detail };
}

export const hashOf = ({ view, detail }: Place): string => `#/${view}${detail === "" ? "" : `/${detail}`}`;

/** The place of a window, kept up to date with its address. */
export function placeStore(window: Window): Store<Place> {
	const store = new Store(placeOf(window.location.hash));
	window.addEventListener("hashchange", () => store.set(placeOf(window.location.hash)));
	return store;
}

// What every component may use: the state, and texts in the chosen language.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { App } from "../state/app.ts";
import type { Settings } from "../state/settings.ts";
import type { Store } from "../state/store.ts";
import { type Translate, translator } from "../text/texts.ts";

export interface Shared {
	readonly app: App;
	readonly settings: Store<Settings>;
}

export const SharedContext = createContext<Shared | undefined>(undefined);

/** @throws Error outside of the page's root: a mistake of the page. */
export function useShared(): Shared {
	const shared = useContext(SharedContext);
	if (shared === undefined) throw new Error("there is no shared state here");
	return shared;
}

export const useApp = (): App => useShared().app;

/** The value of a store; the component is drawn again when it changes. */
export function useStore<Value>(store: Store<Value>): Value {
	const [, setCount] = useState(0);
	useEffect(() => {
		const redraw = (): void => setCount((count) => count + 1);
		// It may have changed between drawing and now.
		redraw();
		return store.onChange(redraw);
	}, [store]);
	return store.value;
}

export function useText(): Translate {
	const { language } = useStore(useShared().settings);
	return translator(language);
}

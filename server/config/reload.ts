// What a new configuration changes in a running process: some keys take effect at once, the others at the next start.
import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config.ts";
import { valueAt } from "./describe.ts";
import { configKeys } from "./keys.ts";

export interface Reload {
	/** The current configuration with the reloadable keys of the next. */
	readonly config: Config;
	/** Keys that changed and take effect. */
	readonly applied: readonly string[];
	/** Keys that changed and need a restart. */
	readonly ignored: readonly string[];
}

/** What became of a request to read the configuration again. */
export interface ConfigReload {
	/** Keys that changed and take effect. */
	readonly applied: readonly string[];
	/** Keys that changed and need a restart. */
	readonly ignored: readonly string[];
	/** Why nothing was applied. */
	readonly problems: readonly { readonly key: string; readonly message: string; readonly source: string }[];
}

/** A copy of nested objects with the value at a path replaced. */
function replaceAt(value: unknown, [name, ...rest]: readonly string[], replacement: unknown): unknown {
	if (name === undefined) return replacement;
	const group = value as Readonly<Record<string, unknown>>;
	return Object.freeze({ ...group, [name]: replaceAt(group[name], rest, replacement) });
}

/** Takes from `next` what can change while the process runs. */
export function reloadConfig(current: Config, next: Config): Reload {
	const changed = configKeys.filter(({ path }) => !isDeepStrictEqual(valueAt(current, path), valueAt(next, path)));
	const reloadable = changed.filter(({ meta }) => meta.reloadable);
	const config = reloadable.reduce<unknown>((value, { path }) => replaceAt(value, path, valueAt(next, path)), current);
	return {
		config: config as Config,
		applied: reloadable.map(({ key }) => key),
		ignored: changed.filter(({ meta }) => !meta.reloadable).map(({ key }) => key),
	};
}

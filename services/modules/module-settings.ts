// Settings of modules: what the operator gives, held to what the module declares.
import * as z from "zod";
import { ModuleConfig } from "../../module/index.ts";

/**
 * @param isEarlier - of code that is gone back to: the settings may have keys that only later code knows, and those are left out.
 * @throws Error that names the key. A value that may be a secret is not shown.
 */
export function checkedSettings(module: string, config: unknown, given: unknown, isEarlier = false): unknown {
	if (!(config instanceof ModuleConfig)) throw new Error("config is not what defineConfig returns");
	if (!(config.schema instanceof z.ZodObject)) throw new Error("config must be defineConfig(z.object({ … }))");
	const { schema } = config;
	// An unknown key is a misspelled one.
	const checked = (schema.def.catchall === undefined && !isEarlier ? schema.strict() : schema).safeParse(given ?? {});
	if (checked.success) return checked.data;
	const [first] = checked.error.issues;
	const keys = first?.code === "unrecognized_keys" ? first.keys : [];
	const key = ["modules.config", module, ...(first?.path ?? []).map(String), ...keys.slice(0, 1)].join(".");
	throw new Error(`${key}: ${keys.length > 0 ? "unknown key" : first?.message}`);
}

/** Settings as a text, by which a change is seen. */
export function settingsText(given: unknown): string {
	return given === undefined ? "" : JSON.stringify(given);
}

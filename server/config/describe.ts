// The effective configuration for people: complete, with everything secret hidden.
import { stringify } from "yaml";
import type { Config, ConfigKey } from "./config.ts";
import { type ConfigKeyInfo, configKeys } from "./keys.ts";

const REDACTED = "[redacted]";

/** The value of a key in a configuration. */
export function valueAt(config: Config, path: readonly string[]): unknown {
	let value: unknown = config;
	for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
	return value;
}

/** A URL without its password, and without parameters that are named like one. */
export function redactUrl(url: string): string {
	return url
		.replace(/^([a-z+]+:\/\/[^/?#]*?):[^/?#]*@/i, `$1:${REDACTED}@`)
		.replace(/([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*/gi, `$1${REDACTED}`);
}

function describeKey({ id, file, secret, privateKeyPem }: ConfigKey): object {
	if (secret !== undefined) return { id, secret: REDACTED, ...(file === undefined ? {} : { file }) };
	return { id, [privateKeyPem === undefined ? "publicKeyFile" : "privateKeyFile"]: file };
}

function describeValue({ key, meta }: ConfigKeyInfo, value: unknown): unknown {
	if (key === "auth.keys") return (value as readonly ConfigKey[]).map(describeKey);
	if (value === undefined) return undefined;
	if (meta.secret) return REDACTED;
	return meta.url && typeof value === "string" ? redactUrl(value) : value;
}

/** The effective configuration as YAML, secrets hidden. */
export function describeConfig(config: Config): string {
	const root: Record<string, unknown> = {};
	for (const key of configKeys) {
		const value = describeValue(key, valueAt(config, key.path));
		if (value === undefined) continue;
		let group = root;
		for (const name of key.path.slice(0, -1)) {
			group[name] ??= {};
			group = group[name] as Record<string, unknown>;
		}
		group[key.path.at(-1) as string] = value;
	}
	return stringify(root, { aliasDuplicateObjects: false });
}

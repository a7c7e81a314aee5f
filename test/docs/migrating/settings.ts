// Rows of settings and of environment variables: what is accepted changes the configuration as the row says, and what is not changes
// nothing.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type Config, ConfigError } from "../../../server/config/config.ts";
import { valueAt } from "../../../server/config/describe.ts";
import { configKeys } from "../../../server/config/keys.ts";
import { loadConfig } from "../../../server/config/load.ts";
import type { Row } from "./rows.ts";

const byKey = new Map(configKeys.map((key) => [key.key, key]));
/** Files that values come from, which the page of the configuration names. */
const FILES = [".env", "framegate.yaml"];

/** What a cell sets: variables of the environment, and keys of a YAML file. */
interface Given {
	readonly env: Readonly<Record<string, string>>;
	readonly file: Readonly<Record<string, unknown>>;
}

function nested(path: readonly string[], value: unknown): unknown {
	return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

/** `NAME=value`, and `a.b: value`. */
export function given({ code }: Row): Given {
	const env: Record<string, string> = {};
	let file: Record<string, unknown> = {};
	for (const text of code.older) {
		const [, name, value = ""] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
		if (name !== undefined) env[name] = value;
		const [, path, content = ""] = /^([a-z_]+(?:\.[a-z_]+)+): (.*)$/.exec(text) ?? [];
		if (path !== undefined) file = { ...file, ...(nested(path.split("."), parse(content)) as object) };
	}
	return { env, file };
}

/** The configuration; undefined where it is refused. */
function load({ env, file }: Given, dotEnv?: string): Config | undefined {
	const cwd = mkdtempSync(join(tmpdir(), "framegate-migrating-"));
	try {
		writeFileSync(join(cwd, "framegate.yaml"), stringify(file));
		if (dotEnv !== undefined) writeFileSync(join(cwd, ".env"), dotEnv);
		const { dataDir: _place, database, ...rest } = loadConfig({ env, cwd, nodeId: "n" });
		return { ...rest, dataDir: "", database: { ...database, url: database.url.replace(cwd, "") } };
	} catch (error) {
		if (error instanceof ConfigError) return undefined;
		throw error;
	} finally {
		rmSync(cwd, { recursive: true });
	}
}

const NOTHING: Given = { env: {}, file: {} };

/** The keys that a row names, each with the value that it claims. */
export function claimed({ code }: Row): readonly { readonly key: string; readonly value?: unknown }[] {
	return code.here
		.filter((text) => !FILES.includes(text))
		.map((text) => {
			const [, key = text, value] = /^([A-Za-z.]+): (.*)$/.exec(text) ?? [];
			return value === undefined ? { key } : { key, value: parse(value) };
		});
}

export function checkSetting(row: Row): void {
	const keys = claimed(row);
	for (const { key } of keys) assert.ok(byKey.has(key), `there is no key ${key}`);
	const base = load(NOTHING);
	assert.ok(base);
	const settings = given(row);
	const isExample = Object.keys(settings.env).length + Object.keys(settings.file).length > 0;
	const loaded = isExample ? load(settings) : base;
	if (row.claim === "other" || row.claim === "not here") {
		// Refused, or without any effect.
		if (loaded !== undefined) assert.deepEqual(loaded, base, "has an effect here: its row claims otherwise");
		if (row.claim === "other") assert.ok(row.code.here.length > 0, "names nothing of this gateway");
		return;
	}
	assert.ok(loaded, "is refused");
	if (isExample && keys.length > 0) assert.notDeepEqual(loaded, base, "has no effect");
	if (row.older === ".env") assert.equal(load(NOTHING, "LOG_LEVEL=trace\n")?.log.level, "trace");
	for (const { key, value } of keys) {
		if (value !== undefined) assert.deepEqual(valueAt(loaded, byKey.get(key)?.path ?? []), value, key);
	}
}

/** Whether a row sets an address of another server, or what the test of a page chooses itself. */
function isForTheTest(row: Row): boolean {
	const elsewhere = ["profile", "server.host", "server.port", "discovery.nacos.servers", "discovery.etcd.endpoints"];
	return claimed(row).some(({ key }) => elsewhere.includes(key) || byKey.get(key)?.meta.url === true);
}

/** What a gateway is started with to which everything applies that a page claims to be accepted. */
export function allSettings(rows: readonly Row[]): { readonly env: Record<string, string>; readonly yaml: string } {
	const env: Record<string, string> = {};
	const file: Record<string, Record<string, unknown>> = {};
	for (const row of rows) {
		const isAccepted = row.claim === "same" || row.claim === "alias";
		if (!isAccepted || isForTheTest(row)) continue;
		const settings = given(row);
		for (const [name, value] of Object.entries(settings.env)) env[name] ??= value;
		for (const [group, values] of Object.entries(settings.file))
			file[group] = { ...file[group], ...(values as object) };
	}
	return { env, yaml: stringify(file) };
}

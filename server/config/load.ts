// Loads the configuration: defaults < profile < file < .env < environment < command line, checked as a whole, with
// every error reported at once.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import type * as z from "zod";
import { canonicalWord, fieldMeta } from "../../common/option-fields.ts";
import { deepFreeze } from "../../common/options.ts";
import { completeIssuer, type IssuerOptions } from "../../services/accounts/issuers/options.ts";
import { type Config, ConfigError, type ConfigKey, type ConfigProblem, type Environment } from "./config.ts";
import { resolveFixedKeys } from "./fixed-keys.ts";
import { type DeclaredKey, resolveIssuerSecret, resolveKey } from "./key-files.ts";
import { type ConfigKeyInfo, configKeys } from "./keys.ts";
import { type Assignment, environmentLayer, fileLayer, objectLayer, readDotEnv, textOf } from "./layers.ts";
import { checkRules } from "./rules.ts";
import { configSchema, profileDefaults, profiles, profileVariables } from "./schema.ts";
import { unseenCharacter, withoutLineEnd } from "./text-file.ts";
import { resolveWebhooks } from "./webhook-secrets.ts";

export interface LoadOptions {
	/** The process's own when absent. */
	readonly env?: Environment;
	/** Where `.env`, `framegate.yaml` and relative paths are; the process's own when absent. */
	readonly cwd?: string;
	/** The YAML file; otherwise FRAMEGATE_CONFIG, otherwise `framegate.yaml` if there is one. */
	readonly file?: string | undefined;
	/** Values from the command line, nested as in the file. */
	readonly overrides?: object;
	/** What errors call the source of these; the command line unless given. */
	readonly overridesFrom?: string;
	/** Look for `.env` and `framegate.yaml`; a program that brings its configuration itself has neither read. */
	readonly findsFiles?: boolean;
	/** Name of this node when none is configured; random otherwise. A reload passes the one that is in use. */
	readonly nodeId?: string;
}

const DEFAULT_FILE = "framegate.yaml";

type Values = Map<string, Assignment>;

/** All values; the source with the highest precedence wins for each key. */
function gather(options: LoadOptions, problems: ConfigProblem[]): Values {
	const env = options.env ?? process.env;
	const cwd = options.cwd ?? process.cwd();
	const { findsFiles = true } = options;
	const dotEnv = findsFiles ? readDotEnv(cwd, problems) : {};
	const variable = (name: string) => textOf(env, name) ?? textOf(dotEnv, name);
	const named = options.file ?? variable("FRAMEGATE_CONFIG");
	const found = findsFiles && existsSync(resolve(cwd, DEFAULT_FILE)) ? DEFAULT_FILE : undefined;
	const file = named ?? found;
	const layers = [
		...(file === undefined ? [] : [fileLayer(file, cwd)]),
		environmentLayer(env, dotEnv, cwd),
		objectLayer(options.overrides, options.overridesFrom ?? "command line"),
	];
	const said: Values = new Map(layers.flatMap((layer) => [...layer.values]));
	problems.push(...layers.flatMap((layer) => layer.problems));
	const standIn = profileVariables.find((name) => variable(name) !== undefined);
	if (standIn !== undefined && !said.has("profile")) said.set("profile", { value: variable(standIn), source: standIn });
	const word = canonicalWord(fieldMeta(configSchema.shape.profile), said.get("profile")?.value);
	const profile = profiles.find((name) => name === word) ?? "development";
	const defaults = Object.entries(profileDefaults[profile]);
	return new Map([...defaults.map(([key, value]) => [key, { value, source: `profile ${profile}` }] as const), ...said]);
}

/** A value as text, for an error; never of a key that may be secret. */
function shown({ meta, kind }: ConfigKeyInfo, value: unknown): string {
	if (meta.secret || meta.url || kind === "json") return "";
	return `, got ${JSON.stringify(value)?.slice(0, 80)}`;
}

function issueText(issue: z.core.$ZodIssue): string {
	// The rule that a key of a map broke is an issue within the issue.
	const [broken] = issue.code === "invalid_key" ? issue.issues : [];
	if (broken !== undefined) return `${issue.path.map(String).join(".")}: ${broken.message}`;
	const inner = issue.path.map(String).join(".");
	// What was received is shown by value, or is not to be shown.
	const text = issue.message
		.replace(/, received \w+$/, "")
		.replace(/^Invalid input: /, "")
		.replace(/^Too (small|big): /, "");
	return inner === "" ? text : `${inner}: ${text}`;
}

/** A value without what its source put behind it unseen, where that would make another secret or address of it; a word as the list has it. */
function plain({ meta }: ConfigKeyInfo, value: unknown): unknown {
	const word = canonicalWord(meta, value);
	return (meta.secret || meta.url) && typeof word === "string" ? withoutLineEnd(word) : word;
}

/** What is wrong with a value of one key. */
function problemsOf(key: ConfigKeyInfo, value: unknown, error: z.ZodError | undefined): string[] {
	const issues = (error?.issues ?? []).map((issue) => issueText(issue) + shown(key, value));
	const unseen = (key.meta.secret || key.meta.url) && typeof value === "string" ? unseenCharacter(value) : undefined;
	return unseen === undefined ? issues : [unseen];
}

/** Checks each key by itself; one that is wrong gets its default for the time being, so that the rest can be checked. */
function parseValues(values: Values, problems: ConfigProblem[]): Map<string, unknown> {
	const parsed = new Map<string, unknown>();
	for (const key of configKeys) {
		const assignment = values.get(key.key);
		const value = plain(key, assignment?.value);
		const result = key.schema.safeParse(value);
		const wrong = assignment === undefined ? [] : problemsOf(key, value, result.error);
		parsed.set(key.key, result.success && wrong.length === 0 ? result.data : key.default);
		for (const message of wrong) problems.push({ key: key.key, message, source: assignment?.source ?? "default" });
	}
	return parsed;
}

/** The nested form of flat keys, typed by the schema. */
function nest(parsed: ReadonlyMap<string, unknown>): z.output<typeof configSchema> {
	const root: Record<string, unknown> = {};
	for (const { path, key } of configKeys) {
		let group = root;
		for (const name of path.slice(0, -1)) {
			group[name] ??= {};
			group = group[name] as Record<string, unknown>;
		}
		const value = parsed.get(key);
		if (value !== undefined) group[path.at(-1) as string] = value;
	}
	return configSchema.parse(root);
}

function resolveKeys(cwd: string, declared: readonly DeclaredKey[], report: (message: string) => void): ConfigKey[] {
	return declared.flatMap((key) => {
		try {
			return [resolveKey(cwd, key)];
		} catch (error) {
			report((error as Error).message);
			return [];
		}
	});
}

function resolveIssuers(
	cwd: string,
	declared: z.output<typeof configSchema>["auth"]["issuers"],
	report: (message: string) => void,
): IssuerOptions[] {
	return declared.map((issuer) => {
		try {
			return completeIssuer(issuer, resolveIssuerSecret(cwd, issuer));
		} catch (error) {
			report(`issuer "${issuer.name}": ${(error as Error).message}`);
			return completeIssuer(issuer, undefined);
		}
	});
}

function randomNodeId(): string {
	const host =
		hostname()
			.replace(/[^A-Za-z0-9._-]/g, "-")
			.slice(0, 64) || "node";
	return `${host}-${randomBytes(3).toString("hex")}`;
}

/** Fills in what depends on other keys or on files. */
function complete(
	{ auth, keys: apiKeys, node, database, dataDir, outputs, ...rest }: z.output<typeof configSchema>,
	{ cwd = process.cwd(), nodeId }: LoadOptions,
	report: (key: "auth.keys" | "auth.issuers" | "keys.fixed" | "outputs.webhooks", message: string) => void,
): Config {
	const { secret, keys: declared, activeKeyId, issuers: declaredIssuers, ...authRest } = auth;
	const all = secret === undefined ? declared : [{ id: "default", secret }, ...declared];
	const fixed = resolveFixedKeys(cwd, apiKeys.fixed, (message) => report("keys.fixed", message));
	const keys = resolveKeys(cwd, all, (message) => report("auth.keys", message));
	const issuers = resolveIssuers(cwd, declaredIssuers, (message) => report("auth.issuers", message));
	const webhooks = resolveWebhooks(cwd, outputs.webhooks, (message) => report("outputs.webhooks", message));
	const directory = resolve(cwd, dataDir);
	return {
		...rest,
		keys: { ...apiKeys, fixed },
		outputs: { ...outputs, webhooks },
		dataDir: directory,
		node: { id: node.id ?? nodeId ?? randomNodeId() },
		database: { ...database, url: database.url ?? `sqlite:${resolve(directory, "framegate.db")}` },
		auth: { ...authRest, issuers, keys, activeKeyId: activeKeyId ?? keys[0]?.id },
	};
}

/**
 * Loads, checks and freezes the configuration. Reads the file, `.env` and the key files; changes nothing.
 *
 * @throws ConfigError that lists everything that is wrong.
 */
export function loadConfig(options: LoadOptions = {}): Config {
	const problems: ConfigProblem[] = [];
	const values = gather(options, problems);
	const parsed = nest(parseValues(values, problems));
	const wrong = new Set(problems.map((problem) => problem.key));
	const source = (key: string): string => values.get(key)?.source ?? "default";
	const keySource = values.has("auth.keys") ? "auth.keys" : "auth.secret";
	const config = complete(parsed, options, (key, message) => {
		wrong.add(key);
		problems.push({ key, message, source: source(key === "auth.keys" ? keySource : key) });
	});
	checkRules({
		config,
		cwd: options.cwd ?? process.cwd(),
		isNodeNamed: values.has("node.id") || options.nodeId !== undefined,
		report: (keys, message) => {
			if (keys.some((key) => wrong.has(key))) return;
			problems.push({ key: keys[0], message, source: source(keys[0] === "auth.keys" ? keySource : keys[0]) });
		},
	});
	if (problems.length > 0) throw new ConfigError(problems);
	return deepFreeze(config);
}

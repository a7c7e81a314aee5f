// The configuration as the rest of the product sees it: complete, checked and frozen.
import type * as z from "zod";
import type { DeepReadonly } from "../../common/options.ts";
import type { IssuerOptions } from "../../services/accounts/issuers/options.ts";
import type { FixedKey } from "../../services/keys/key-credentials.ts";
import type { Webhook } from "../../services/outputs/options.ts";
import type { configSchema } from "./schema.ts";

type Parsed = z.output<typeof configSchema>;

/** One signing or verifying key, with the content of its files. */
export interface ConfigKey {
	readonly id: string;
	/** HS256. */
	readonly secret?: string;
	/** EdDSA, PKCS #8 PEM. Absent for a key that only verifies. */
	readonly privateKeyPem?: string;
	/** EdDSA, SPKI PEM. Derived from the private key if there is one. */
	readonly publicKeyPem?: string;
	/** Where the key came from, for people: a file name or undefined. */
	readonly file?: string;
}

/** The effective configuration. Files are read, defaults filled in. */
export type Config = DeepReadonly<
	Omit<Parsed, "auth" | "keys" | "node" | "database" | "outputs"> & {
		node: { id: string };
		/** `keys` is empty only outside production: then a development key is to be kept in `dataDir`. */
		auth: Omit<Parsed["auth"], "secret" | "keys" | "activeKeyId" | "issuers"> & {
			issuers: readonly IssuerOptions[];
			keys: readonly ConfigKey[];
			/** The id of the key that signs; undefined only when there are no keys. */
			activeKeyId: string | undefined;
		};
		/** With the content of files. */
		keys: Omit<Parsed["keys"], "fixed"> & { fixed: readonly FixedKey[] };
		outputs: Omit<Parsed["outputs"], "webhooks"> & { webhooks: readonly Webhook[] };
		database: Omit<Parsed["database"], "url"> & { url: string };
	}
>;

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing wrong with the configuration. */
export interface ConfigProblem {
	/** `limits.maxConnections`, or the name of an environment variable or file that is wrong as such. */
	readonly key: string;
	readonly message: string;
	/** Where the value came from: `framegate.yaml:12`, `PORT`, `command line`, `default`. */
	readonly source: string;
}

/** The configuration cannot be used. Lists everything that is wrong with it, not only the first. */
export class ConfigError extends Error {
	readonly problems: readonly ConfigProblem[];

	constructor(problems: readonly ConfigProblem[]) {
		const lines = problems.map(({ key, message, source }) => `  ${key}: ${message} (from ${source})`);
		super(`bad configuration, ${problems.length} ${problems.length === 1 ? "error" : "errors"}:\n${lines.join("\n")}`);
		this.name = "ConfigError";
		this.problems = problems;
	}
}

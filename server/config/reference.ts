// The reference page of the configuration, written from the schema.
import * as z from "zod";
import { type ConfigKeyInfo, configKeys, environmentNames } from "./keys.ts";
import { olderKeyNames } from "./older-keys.ts";
import { profileDefaults, profileVariables } from "./schema.ts";
import { secretVariables } from "./secret-files.ts";

/** One key in the reference. */
export interface ReferenceRow {
	readonly key: string;
	/** The key's own environment variable, then the others that set it. */
	readonly env: readonly string[];
	readonly type: string;
	/** As it would stand in the file; empty when there is none. */
	readonly default: string;
	readonly unit: string;
	readonly description: string;
	readonly reloadable: boolean;
}

interface JsonSchema {
	readonly type?: string;
	readonly enum?: readonly unknown[];
	readonly minimum?: number;
	readonly maximum?: number;
	readonly items?: JsonSchema;
}

function typeOf({ schema }: ConfigKeyInfo): string {
	const json = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
	if (json.enum !== undefined) return json.enum.join(" | ");
	if (json.minimum !== undefined && json.maximum !== undefined) return `${json.type} ${json.minimum}–${json.maximum}`;
	if (json.type === "array") return json.items?.type === "object" ? "list of maps" : "list";
	return json.type === "object" ? "map" : (json.type ?? "any");
}

function defaultOf(key: ConfigKeyInfo): string {
	if (key.meta.defaultText !== undefined) return key.meta.defaultText;
	return key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``;
}

function secondsNotes({ meta }: ConfigKeyInfo): string[] {
	return (meta.aliasesInSeconds ?? []).map((name) => `\`${name}\` counts in seconds.`);
}

/** Every key, in the order of the schema. */
export function configReference(): ReferenceRow[] {
	return configKeys.map((key) => ({
		key: key.key,
		env: environmentNames(key),
		type: typeOf(key),
		default: defaultOf(key),
		unit: key.meta.unit ?? "",
		description: [key.meta.description, ...secondsNotes(key)].join(" "),
		reloadable: key.meta.reloadable ?? false,
	}));
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

const INTRODUCTION = `# Configuration

This page is written by \`framegate config --reference\` from the schema; a test keeps the two equal.

Values come from, each overriding the one before:

1. the defaults below,
2. the defaults of the profile: \`development\`, \`production\` or \`test\`,
3. the YAML file: \`--config FILE\`, else \`FRAMEGATE_CONFIG\`, else \`framegate.yaml\` in the working directory if there is one,
4. the file \`.env\` in the working directory,
5. the environment,
6. options of the command line.

\`framegate config\` prints the effective configuration with secrets hidden; \`framegate config --check\` only checks it. Unknown keys and
unknown \`FRAMEGATE_*\` variables are errors, and all errors are reported at once, each with where its value came from. Variables by which
Kubernetes describes the Services of a namespace (\`FRAMEGATE_SERVICE_HOST\`, \`FRAMEGATE_PORT=tcp://…\`) are neither errors nor settings.

Every key has an environment variable. Lists are comma-separated or JSON there, maps are JSON, and an empty variable counts as not set.
Where more names are listed, the \`FRAMEGATE_\` one wins, and any name in the environment wins over those in \`.env\`. \`REDIS_HOST\`, \`REDIS_PORT\`, \`REDIS_PASSWORD\` and \`REDIS_DB\` stand in for \`REDIS_URL\`,
and \`DEBUG=1\` for \`LOG_LEVEL=debug\`. ${listed(profileVariables)} belong to no single program: the first that
is set stands in for \`profile\`, where neither \`FRAMEGATE_PROFILE\` nor the file names one. Relative paths start at the working directory.

The file may have these keys of an older IM gateway, where it has not ours: ${listed(olderKeyNames)};
[a page](../migrating/im-gateway.md) says what each becomes.

What may hold a secret can stand in a file: with \`_FILE\` behind the name, the variable names the file, whose content counts without the
line ends behind it: \`JWT_SECRET_FILE=/run/secrets/jwt\`. These are ${listed(secretVariables.map((name) => `${name}_FILE`))}.

Files are UTF-8, with line ends of any system and with or without a byte order mark; UTF-16 is an error. So is a secret or an address that
holds a character which cannot be seen, or white space at either end: two nodes would have two secrets that look the same.

On SIGHUP the file and \`.env\` are read again. Keys marked **reload** take effect at once; a change of any other is logged and waits for a restart.
A configuration with errors changes nothing.
`;

const ADDRESSES = `## Addresses

Addresses of Redis and SQL servers are taken as vendors hand them out. In a user name or password, \`/\` is written as \`%2F\`, \`?\` as \`%3F\`,
\`#\` as \`%23\` and \`%\` as \`%25\`. A parameter that is not understood is an error, and so is one that cannot be given.

| server | schemes | parameters |
|---|---|---|
| Redis | \`redis://\`, \`rediss://\` (TLS), with \`+cluster\` or \`+sentinel\`; \`valkey://\`, \`valkeys://\` | \`db\`, \`family\` (0, 4, 6), those of TLS; \`sentinelUsername\`, \`sentinelPassword\`, \`sentinelTls\` |
| PostgreSQL | \`postgres://\`, \`postgresql://\` | \`options\` (\`-csearch_path%3DNAME\`), \`application_name\`, \`channel_binding\`, \`host\`, \`port\`, \`user\`, \`password\`, \`dbname\`, those of TLS |
| MySQL, MariaDB | \`mysql://\`, \`mariadb://\` | \`socketPath\`, those of TLS |
| SQLite | \`sqlite:PATH\`, \`sqlite::memory:\` | |

TLS is asked for by \`sslmode\`, \`ssl-mode\` or \`ssl\`, which mean the same for every server; case, \`-\` and \`_\` make no difference. No connection
falls back to plain text.

| value | connection | who the server is |
|---|---|---|
| \`disable\`, \`false\`; the default but for \`rediss://\` | plain text | |
| \`prefer\`, \`require\`, \`no-verify\`, \`ssl_cert_reqs=none\` | encrypted, or none | is not checked, and a warning at the start says so; with \`sslrootcert\` as \`verify-ca\` |
| \`verify-ca\` | encrypted, or none | has a certificate of the authority in \`sslrootcert\` |
| \`verify-full\`, \`verify-identity\`, \`true\`; the default of \`rediss://\` | encrypted, or none | has a certificate of an authority that the system or \`sslrootcert\` knows, for the name in the address |

Files are PEM: \`sslrootcert\` (\`ssl-ca\`, \`ssl_ca_certs\`), and for servers that ask the client for a certificate \`sslcert\` (\`ssl-cert\`) and \`sslkey\`
(\`ssl-key\`). They are read when the process starts. Certificates in \`NODE_EXTRA_CA_CERTS\` are known besides.
\`sslmode=allow\` is refused, since it would begin in plain text. Where the address says nothing, \`PGSSLMODE\` holds for PostgreSQL, with the
driver's meaning: every mode but \`disable\` and \`no-verify\` is \`verify-full\`.
`;

function profileLines(): string {
	const rows = Object.entries(profileDefaults).flatMap(([profile, values]) =>
		Object.entries(values).map(([key, value]) => `- \`${profile}\`: \`${key}\` is \`${JSON.stringify(value)}\``),
	);
	return `## Profiles\n\n${rows.join("\n")}\n- \`production\` refuses to start without a signing key, or with a short or well-known secret\n`;
}

function table(rows: readonly ReferenceRow[]): string {
	const lines = rows.map(({ key, env, type, default: value, unit, description, reloadable }) => {
		const names = env.map((name) => `\`${name}\``).join(" ");
		const cells = [`\`${key}\``, names, type, value, unit, reloadable ? "reload" : "", description];
		return `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
	});
	return ["| key | environment | type | default | unit | | meaning |", "|---|---|---|---|---|---|---|", ...lines].join(
		"\n",
	);
}

function sectionOf({ key }: ReferenceRow): string {
	return key.includes(".") ? (key.split(".")[0] ?? "") : "general";
}

/** docs/reference/configuration.md, whole. */
export function configurationPage(): string {
	const rows = configReference();
	const names = new Set(rows.map(sectionOf));
	const sections = [...names].map((name) => {
		return `## ${name}\n\n${table(rows.filter((row) => sectionOf(row) === name))}\n`;
	});
	return [INTRODUCTION, ADDRESSES, profileLines(), ...sections].join("\n");
}

// Options of modules, the operator's own code: the section `modules` of the configuration.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, section, text, texts } from "../../common/option-fields.ts";
import { urlWith } from "../../common/option-urls.ts";
import type { OptionsOf } from "../../common/options.ts";

const moduleName = z.string().regex(/^[a-z][A-Za-z0-9_]{0,47}$/, "expected the name of a module");

export const modulesSection = section({
	dir: text({
		description: "Folder of modules: each file or folder in it is one. There need not be any.",
		default: "modules",
	}),
	watch: flag({
		description:
			"Reload a module when one of its files changes. In production off by default: /api/reload does it there.",
		default: true,
		aliases: ["HOT_RELOAD"],
	}),
	debounceMs: milliseconds({
		description: "Changes of files within this time are one reload.",
		min: 10,
		max: 60_000,
		default: 100,
	}),
	loadTimeoutMs: milliseconds({
		description: "A module that has not loaded within this time is not served; an endless loop in it is ended.",
		min: 10,
		max: 600_000,
		default: 5000,
	}),
	retireTimeoutMs: milliseconds({
		description:
			"Calls of a replaced generation may take this long; then their signal is aborted, and a second later they are UNAVAILABLE.",
		min: 0,
		max: 3_600_000,
		default: 10_000,
	}),
	contractChanges: field(z.enum(["refuse", "report"]).default("refuse"), {
		description:
			"A module whose functions or schemas are not compatible with those that are served: refused, and the generation before goes on " +
			"serving, or served, and the changes are logged. In development it is reported by default.",
	}),
	keptBundles: integer({
		description: "Bundles of each module that are kept in memory to be rolled back to; the oldest goes.",
		min: 0,
		max: 100,
		default: 3,
	}),
	maxModules: integer({
		description: "Modules in the folder; further ones are not loaded.",
		min: 1,
		max: 1000,
		default: 32,
	}),
	maxBundleBytes: bytes({
		description: "Longest text of a module with all that it imports, and its source map; a longer one is not loaded.",
		min: 1024,
		max: 64 * 1024 * 1024,
		default: 2 * 1024 * 1024,
	}),
	config: field(z.record(moduleName, z.record(z.string().max(128), z.json())).default({}), {
		description:
			"Settings of modules, by the name of the module. A module declares what it takes (`defineConfig`); one whose settings are none of " +
			"that is not served. A change loads the module again.",
		secret: true,
		reloadable: true,
	}),
	store: section({
		maxValueBytes: bytes({
			description: "Longest value that a module keeps under a key, as JSON; a longer one is PAYLOAD_TOO_LARGE.",
			min: 1024,
			max: 1024 * 1024,
			default: 64 * 1024,
		}),
		maxBytes: bytes({
			description:
				"All values that one module keeps, with their keys and 100 bytes for each; beyond it a write is PAYLOAD_TOO_LARGE.",
			min: 64 * 1024,
			max: 1024 * 1024 * 1024,
			default: 16 * 1024 * 1024,
		}),
	}),
	database: section({
		url: field(urlWith(["sqlite:", "postgres://", "postgresql://", "mysql://", "mariadb://"]).optional(), {
			description:
				"SQL database for the tables of modules; database.url unless given. With a user of its own that may only use a schema of its own, no statement of a module " +
				"reaches the gateway's tables.",
			url: true,
		}),
		poolSize: integer({
			description:
				"Connections for statements of modules, beside those of the gateway; opened when a module needs one.",
			min: 1,
			max: 100,
			default: 2,
		}),
		timeoutMs: milliseconds({
			description: "Longest wait of a module for a statement.",
			min: 10,
			max: 600_000,
			default: 3000,
		}),
		transactionTimeoutMs: milliseconds({
			description:
				"Longest transaction of a module; then it is rolled back. SQLite has one writer: the gateway's own writes to the same file wait meanwhile.",
			min: 10,
			max: 600_000,
			default: 2000,
		}),
	}),
	fetch: section({
		timeoutMs: milliseconds({
			description: "Longest `fetch` of a module that does not say otherwise, with its whole answer.",
			min: 10,
			max: 60_000,
			default: 5000,
		}),
		maxBytes: bytes({
			description: "Longest answer of a `fetch` of a module; a longer one fails.",
			min: 1024,
			max: 64 * 1024 * 1024,
			default: 1024 * 1024,
		}),
	}),
	external: texts({
		description:
			"Packages that modules import and that cannot be bundled, such as those with native code. They are loaded once.",
		default: [],
	}),
});

export type ModulesOptions = OptionsOf<typeof modulesSection>;

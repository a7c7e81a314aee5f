// Options of modules, the operator's own code: the section `modules` of the configuration.
import * as z from "zod";
import { bytes, field, flag, integer, milliseconds, section, text, texts } from "../../common/option-fields.ts";
import { urlWith } from "../../common/option-urls.ts";
import type { OptionsOf } from "../../common/options.ts";

const moduleName = z.string().regex(/^[a-z][A-Za-z0-9_]{0,47}$/, "expected the name of a module");
/** Names of modules, or `*` for those that are not named. */
const MODULE_OR_ALL = /^(?:\*|[a-z][A-Za-z0-9_]{0,47})$/;
const ACCESS =
	/^(?:network(?::(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)?|files|files:\/.+|processes|runtime|env:[A-Za-z_][A-Za-z0-9_]*)$/;

/** How one module runs in threads of its own. */
const isolatedModule = z.strictObject({
	threads: z.int().min(1).max(64).default(1),
	maxHeapMb: z.int().min(16).max(65_536).default(128),
	stallMs: z.int().min(100).max(600_000).default(2000),
	maxCalls: z.int().min(1).max(100_000).default(1000),
	access: z
		.array(
			z
				.string()
				.regex(
					ACCESS,
					"expected network, network:HOST, network:HOST:PORT, files, files:/PATH, processes, runtime or env:NAME",
				)
				.refine(
					(one) => !one.startsWith("network:") || URL.canParse(`http://${one.slice("network:".length)}`),
					"expected a host and a port",
				),
		)
		.max(100)
		.default([]),
});

export type IsolatedModule = OptionsOf<typeof isolatedModule>;

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
	barrierTimeoutMs: milliseconds({
		description:
			"With several processes: how long a reload waits for all of them to load; then all stay as they are. A process that has given no " +
			"life sign for six seconds is not waited for.",
		min: 1000,
		max: 3_600_000,
		default: 60_000,
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
	trial: section({
		calls: integer({
			description:
				"First calls of a new generation that are compared with those of the one before; where it does worse, the one before serves " +
				"again, on all processes. 0 compares nothing. In development off by default.",
			min: 0,
			max: 1_000_000,
			default: 200,
		}),
		minCalls: integer({
			description: "Calls after which it may be found worse, and that the one before needs for its durations to count.",
			min: 10,
			max: 1_000_000,
			default: 50,
		}),
		maxErrorIncrease: field(z.number().min(0).max(1).default(0.05), {
			description:
				"Share of calls that may fail beyond the share that failed before: 0.05 is one in twenty. Errors that are the caller's do not count.",
		}),
		maxSlowdown: field(z.number().min(0).max(1000).default(3), {
			description: "Its p99 may be this many times that of the one before. 0 compares no durations.",
		}),
	}),
	canary: section({
		share: field(z.number().gt(0).lt(1).default(0.05), {
			description:
				"Share of users that a canary answers, unless the one who begins it says another: 0.05 is one in twenty.",
		}),
		calls: integer({
			description:
				"Calls of a canary, on all processes, after which it serves all users, if they are as good as those of the generation beside it (the limits of modules.trial). 0: calls do not end it.",
			min: 0,
			max: 1_000_000_000,
			default: 1000,
		}),
		durationMs: milliseconds({
			description:
				"Time after which a canary serves all users, or goes back when it had fewer calls than modules.trial.minCalls. 0: time does not end it.",
			min: 0,
			max: 30 * 86_400_000,
			default: 3_600_000,
		}),
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
	isolated: field(
		z.record(z.string().regex(MODULE_OR_ALL, "expected the name of a module, or *"), isolatedModule).default({}),
		{
			description:
				"Modules that run in worker threads of their own, and `*` for all that are not named; the others run in the gateway's thread. " +
				'`{"pricing": {threads: 4, maxHeapMb: 128, stallMs: 2000, maxCalls: 1000, access: ["network", "env:API_KEY"]}}`: how many threads ' +
				"share its calls; the heap of each, beyond which it ends; how long a thread may answer nothing until it is ended; calls that wait " +
				"for a thread, beyond which they are UNAVAILABLE; and what the code may reach: `network`, `network:HOST` and `network:HOST:PORT` (by `context.fetch` alone), `files`, `files:/PATH` (below it), `processes`, " +
				"`runtime` (V8, the debugger, native add-ons), and variables of the environment. What is not given is its default, of `access` nothing.",
		},
	),
	maxRestarts: integer({
		description:
			"How often in a row a thread of a module that ended is started again, with growing waits; then the module is UNAVAILABLE on that " +
			"thread until it is reloaded.",
		min: 0,
		max: 1000,
		default: 5,
	}),
	holdReportMs: milliseconds({
		description:
			"When a module that runs in the gateway's thread has held the event loop this long, a line on standard error names it, its generation " +
			"and the place in its source, also if it never ends; none where errors are not logged. 0 reports nothing.",
		min: 0,
		max: 600_000,
		default: 1000,
	}),
	external: texts({
		description:
			"Packages that modules import and that cannot be bundled, such as those with native code. They are loaded once.",
		default: [],
	}),
});

export type ModulesOptions = OptionsOf<typeof modulesSection>;

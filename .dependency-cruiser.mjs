// The direction of imports as rules: every import runs downwards, type-only imports included. From top to bottom:
// server/ → handlers/, middleware/ → services/<domain> → core/ → messaging/ → stores/ → common/ → protocol/.
// scripts/check.ts runs this and asserts how many modules were seen, since a TypeScript that dependency-cruiser cannot load
// makes it pass without looking at anything.

const OURS =
	"^(protocol|common|module|stores|messaging|core|services|upstreams|middleware|handlers|server|client|web|bench|test|scripts)/";
const PRODUCTION =
	"^(protocol|common|module|stores|messaging|core|services|upstreams|middleware|handlers|server|client)/";
/** Files that implement an interface on a technology; only they may use drivers and `stores/`. */
const IMPLEMENTATION = "-(sql|redis|memory|smtp|webhook|log|mqtt|kafka)[a-z-]*\\.ts$";
/** Folders that are one implementation as a whole. */
const IMPLEMENTATION_FOLDERS = [
	"^services/edge/(redis|simulator)/",
	"^services/[a-z]+/store/",
	"^services/edge/control/store/",
];

/** The domains whose code another domain may use. Every other pair is a mistake: what both need belongs to common/. */
const DOMAIN_IMPORTS = {
	"services/accounts": ["services/storage"],
	"services/channels": [],
	"services/chat": ["services/accounts", "services/notifications", "services/presence", "services/storage"],
	"services/edge": [],
	"services/games": ["services/accounts", "services/storage"],
	"services/kafka": ["services/chat", "services/presence"],
	"services/keys": ["services/accounts"],
	"services/modules": [],
	"services/notifications": ["services/presence"],
	"services/outputs": [],
	"services/presence": [],
	"services/routes": [],
	"services/server": ["services/accounts", "services/chat", "services/notifications", "services/presence"],
	"services/storage": [],
};

/** What each folder of web/ may import beside itself. */
const WEB_IMPORTS = {
	protocol: [],
	code: ["protocol"],
	connection: ["protocol"],
	text: ["connection"],
	state: ["connection", "protocol", "text"],
	components: ["code", "connection", "protocol", "state", "text"],
	playground: ["code", "components", "connection", "protocol", "state", "text"],
};

/** @type {(name: string, comment: string, from: string, ...allowed: string[]) => object} */
const layer = (name, comment, from, ...allowed) => ({
	name,
	comment,
	severity: "error",
	from: { path: from },
	to: { path: OURS, pathNot: allowed },
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
	forbidden: [
		layer("protocol-alone", "protocol/ imports nothing of ours.", "^protocol/", "^protocol/"),
		layer("common-low", "common/ knows the protocol only.", "^common/", "^(common|protocol)/"),
		layer(
			"stores-know-no-domain",
			"stores/ holds drivers, pools, schema and migrations.",
			"^stores/",
			"^(stores|common|protocol)/",
		),
		layer("messaging-low", "messaging/ is below core.", "^messaging/", "^(messaging|stores|common|protocol)/"),
		layer(
			"core-pure",
			"core/ knows messaging, common and the protocol.",
			"^core/",
			"^(core|messaging|common|protocol)/",
		),
		layer(
			"services-pure",
			"A domain knows neither core nor handlers nor configuration files.",
			"^services/",
			"^(services|messaging|stores|common|protocol)/",
			"^module/index\\.ts$",
		),
		layer(
			"upstreams-low",
			"upstreams/ knows what a subscriber is, and no domain.",
			"^upstreams/",
			"^(upstreams|messaging|common|protocol)/",
		),
		layer(
			"module-alone",
			"module/ is what an operator's own code imports; it imports nothing of ours.",
			"^module/",
			"^module/",
		),
		{
			name: "module-interface",
			comment: "Only the domain of modules knows the interface that an operator's code is written against.",
			severity: "error",
			from: { path: "^", pathNot: "^(services/modules/|module/|server/library\\.ts$|test/|bench/|scripts/)" },
			to: { path: "^module/" },
		},
		{
			name: "bundler-and-watch-once",
			comment:
				"esbuild and chokidar are loaded when there are modules, by one file each; the plugin of .proto files has types of it.",
			severity: "error",
			from: {
				path: "^",
				pathNot: "^(services/modules/(module-(bundler|watch)|proto-plugin)\\.ts$|test/|bench/|scripts/)",
			},
			to: { path: "node_modules/(esbuild|chokidar)/" },
		},
		layer(
			"discovery-low",
			"Discovery knows what an endpoint is, and nothing of who calls it.",
			"^upstreams/discovery/",
			"^upstreams/(discovery/|(endpoint-source|tls-credentials)\\.ts$)",
			"^(common|protocol)/",
		),
		{
			name: "grpc-for-upstreams",
			comment: "The libraries of gRPC are loaded when an upstream or a discovery server is configured.",
			severity: "error",
			from: { path: "^", pathNot: "^(upstreams/|test/|bench/|scripts/|examples/)" },
			to: { path: "node_modules/@grpc/" },
		},
		layer(
			"middleware-pure",
			"middleware/ knows core and the interfaces of messaging.",
			"^middleware/",
			"^(middleware|core|messaging|common|protocol)/",
		),
		layer(
			"handlers-pure",
			"handlers/ knows services and the route helper.",
			"^handlers/",
			"^(handlers|services|core|common|protocol)/",
		),
		layer(
			"client-light",
			"client/ runs in browsers, within a size: of the protocol it takes the table-driven codec, the decoder of deltas and what is data.",
			"^client/",
			"^client/",
			"^protocol/(gen/)?codec/",
			"^protocol/gen/enums\\.ts$",
			"^protocol/(codes|close-codes|error|fossil-delta)\\.ts$",
		),
		layer(
			"web-light",
			"web/ runs in browsers under a strict policy, within a size: of the protocol it takes what is data.",
			"^web/",
			"^web/",
			"^protocol/(description|close-codes)\\.ts$",
			"^protocol/gen/description\\.json$",
		),
		...Object.entries(WEB_IMPORTS).map(([folder, allowed]) => ({
			name: `web-${folder}`,
			comment: "The folders of web/ import downwards: pages, components, state, connection and code, protocol.",
			severity: "error",
			from: { path: `^web/${folder}/` },
			to: { path: "^web/", pathNot: [folder, ...allowed].map((path) => `^web/${path}/`) },
		})),
		{
			name: "preact-for-components",
			comment: "State, connections and the codec of the pages know no library of components.",
			severity: "error",
			from: { path: "^", pathNot: "^web/(components|playground)/" },
			to: { path: "node_modules/preact/" },
		},
		...Object.entries(DOMAIN_IMPORTS).map(([domain, allowed]) => ({
			name: `${domain.replace("services/", "")}-domain`,
			comment: "A domain uses another one only where DOMAIN_IMPORTS says so.",
			severity: "error",
			from: { path: `^${domain}/` },
			to: { path: "^services/", pathNot: [domain, ...allowed].map((path) => `^${path}/`) },
		})),
		{
			name: "stores-for-implementations",
			comment: "Only an implementation imports drivers and stores/: rules of a domain know its interfaces.",
			severity: "error",
			from: { path: "^(services|messaging)/", pathNot: [IMPLEMENTATION, ...IMPLEMENTATION_FOLDERS] },
			to: {
				path: "^stores/|node_modules/(ioredis|pg|mysql2|better-sqlite3|kysely|nodemailer|rate-limiter-flexible|mqtt|@platformatic)/",
			},
		},
		{
			name: "drivers-low",
			comment: "core/, middleware/ and handlers/ know no driver.",
			severity: "error",
			from: { path: "^(core|middleware|handlers|common|protocol)/" },
			to: {
				path: "node_modules/(ioredis|pg|mysql2|better-sqlite3|kysely|nodemailer|rate-limiter-flexible|mqtt|@platformatic)/",
			},
		},
		{
			name: "stores-never-each-other",
			comment: "stores/sql/ and stores/redis/ stand alone.",
			severity: "error",
			from: { path: "^stores/([^/]+)/" },
			to: { path: "^stores/[^/]+/", pathNot: "^stores/$1/" },
		},
		{
			name: "production-without-tests",
			comment: "What runs in production imports neither tests, bench nor scripts.",
			severity: "error",
			from: { path: PRODUCTION },
			to: { path: "^(test|bench|scripts)/" },
		},
		{
			name: "handlers-take-core-types-only",
			comment: "A handler module can be replaced at run time, so it holds on to nothing of core but the route helper.",
			severity: "error",
			from: { path: "^handlers/" },
			to: { path: "^core/", pathNot: "^core/route\\.ts$", dependencyTypesNot: ["type-only"] },
		},
		{
			name: "options-by-zod",
			comment:
				"Options are declared where they belong and checked once, at the edge: nothing else knows the schema library.",
			severity: "error",
			from: {
				path: "^",
				pathNot:
					"^(common/option[a-z-]*\\.ts$|services/[a-z/]+/options\\.ts$|upstreams/[a-z/]*options\\.ts$|services/modules/(loaded-(function|games|pushes)|module-settings)\\.ts$|module/|server/(config/|library\\.ts$)|test/)",
			},
			to: { path: "node_modules/zod/" },
		},
		{
			name: "metrics-by-the-process",
			comment:
				"Metrics are declared by their domains (common/metrics.ts); only the process knows the library that serves them.",
			severity: "error",
			from: { path: "^", pathNot: "^(server/http/|test/)" },
			to: { path: "node_modules/prom-client/" },
		},
		{
			name: "open-telemetry-when-on",
			comment: "OpenTelemetry is loaded when tracing is switched on, by one file.",
			severity: "error",
			from: { path: "^", pathNot: "^(server/tracing/span-exporter-otlp\\.ts$|test/)" },
			to: { path: "node_modules/@opentelemetry/" },
		},
		{
			name: "one-transport",
			comment: "Only the transport imports uWebSockets.js, so that its official build can be swapped in.",
			severity: "error",
			from: { path: "^", pathNot: "^(core/transport-uws\\.ts$|bench/|test/)" },
			to: { path: "(^|/)(uWebSockets\\.js|uws-pack)(/|$)" },
		},
		{
			name: "no-cycle",
			comment: "No import cycle, types included.",
			severity: "error",
			from: {},
			to: { circular: true },
		},
		{
			name: "no-orphan",
			comment: "A module that nothing imports and that imports nothing is left over.",
			severity: "error",
			from: {
				orphan: true,
				pathNot: [
					...["\\.d\\.ts$", "\\.test\\.ts$", "^test/", "^scripts/require-node\\.mjs$", "^web/vite\\.config\\.ts$"],
					"^bench/servers/collect-on-signal\\.ts$",
					// They import the package by its name.
					"^examples/",
				],
			},
			to: {},
		},
		{
			name: "no-unresolvable",
			comment: "Every import resolves; examples import the package, which is built for the test that compiles them.",
			severity: "error",
			from: { pathNot: "^examples/" },
			to: { couldNotResolve: true },
		},
		{
			name: "no-dev-dependency",
			comment: "Production code may not need a package that a production install leaves out.",
			severity: "error",
			from: { path: PRODUCTION, pathNot: "^protocol/generate\\.ts$" },
			to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
		},
	],
	options: {
		doNotFollow: { path: "node_modules" },
		exclude: { path: "^(dist|docs|coverage|data|web/dist|client/dist)/" },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.json" },
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			conditionNames: ["import", "types", "node", "default"],
			mainFields: ["module", "main", "types"],
		},
	},
};

// The direction of imports as rules: protocol ← ports ← {core, services, stores, adapters, middleware} ← handlers ←
// composition root. Type-only imports count as well. scripts/check.ts runs this and asserts how many modules were seen,
// since a TypeScript that dependency-cruiser cannot load makes it pass without looking at anything.

/** @type {(name: string, comment: string, from: string, ...allowed: string[]) => object} */
const room = (name, comment, from, ...allowed) => ({
	name,
	comment,
	severity: "error",
	from: { path: from },
	to: {
		path: "^(protocol|ports|server|services|stores|adapters|middleware|handlers|client|bench|test|scripts)/",
		pathNot: allowed,
	},
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
	forbidden: [
		room("protocol-alone", "protocol/ imports nothing of ours.", "^protocol/", "^protocol/"),
		room("ports-small", "ports/ knows the protocol only.", "^ports/", "^(ports|protocol)/"),
		room("core-pure", "core/ knows ports and protocol only.", "^core/", "^(server/core|ports|protocol)/"),
		room("services-pure", "services/ knows ports and protocol only.", "^services/", "^(services|ports|protocol)/"),
		room("stores-apart", "stores/ implements ports.", "^stores/", "^(stores|ports|protocol)/"),
		room("adapters-apart", "adapters/ implements ports.", "^adapters/", "^(adapters|ports|protocol)/"),
		room("middleware-pure", "middleware/ knows core.", "^middleware/", "^(middleware|server/core|ports|protocol)/"),
		room(
			"handlers-pure",
			"handlers/ knows services, ports and core types.",
			"^handlers/",
			"^(handlers|services|server/core|ports|protocol)/",
		),
		room("client-pure", "client/ speaks the protocol and runs in browsers.", "^client/", "^(client|protocol)/"),
		{
			name: "stores-never-each-other",
			comment: "One store does not build on another: stores/sql/ and stores/redis/ stand alone.",
			severity: "error",
			from: { path: "^stores/([^/]+)/" },
			to: { path: "^stores/[^/]+/", pathNot: "^stores/$1/" },
		},
		{
			name: "production-without-tests",
			comment: "What runs in production imports neither tests, bench nor scripts.",
			severity: "error",
			from: { path: "^(protocol|ports|server|services|stores|adapters|middleware|handlers|client)/" },
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
			from: { orphan: true, pathNot: ["\\.d\\.ts$", "\\.test\\.ts$", "^test/"] },
			to: {},
		},
		{
			name: "no-unresolvable",
			comment: "Every import resolves.",
			severity: "error",
			from: {},
			to: { couldNotResolve: true },
		},
		{
			name: "no-dev-dependency",
			comment: "Production code may not need a package that a production install leaves out.",
			severity: "error",
			from: {
				path: "^(protocol|ports|server|services|stores|adapters|middleware|handlers|client)/",
				pathNot: "^protocol/generate\\.ts$",
			},
			to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
		},
	],
	options: {
		doNotFollow: { path: "node_modules" },
		exclude: { path: "^(dist|docs|coverage|data|web/dist)/" },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.json" },
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			conditionNames: ["import", "types", "node", "default"],
			mainFields: ["module", "main", "types"],
		},
	},
};

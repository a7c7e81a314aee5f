// `npm run build:client`: what the package `framegate-client` holds, in client/dist or in the folder that is given: its entries as ES
// modules with what they share beside them, all of it once more in one minified file for pages without a bundler, and the
// declarations. `npm pack` in client/ runs it.
import { rm } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import clientPackage from "../client/package.json" with { type: "json" };
import rootPackage from "../package.json" with { type: "json" };
import { writeClientTypes } from "./client-types.ts";

/** Entries of the package by the name of their file. */
const ENTRIES = {
	core: "client/core",
	chat: "client/chat/index",
	rooms: "client/games/index",
	edge: "client/edge/index",
	server: "client/server/index",
	full: "client/index",
} as const;

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = resolve(process.argv[2] ?? `${root}client/dist`);
if (clientPackage.version !== rootPackage.version) {
	throw new Error(`client/package.json has version ${clientPackage.version}, package.json ${rootPackage.version}`);
}

const shared: BuildOptions = {
	absWorkingDir: root,
	bundle: true,
	format: "esm",
	platform: "browser",
	target: "es2022",
	logLevel: "warning",
};
await rm(outdir, { recursive: true, force: true });
await build({
	...shared,
	entryPoints: Object.entries(ENTRIES).map(([out, path]) => ({ in: `${root}${path}.ts`, out })),
	outdir,
	chunkNames: "chunks/[name]-[hash]",
	splitting: true,
});
await build({
	...shared,
	entryPoints: [`${root}${ENTRIES.full}.ts`],
	outfile: `${outdir}/full.min.js`,
	minify: true,
});
await writeClientTypes(root, `${outdir}/types`, Object.values(ENTRIES));
console.log(`${relative(process.cwd(), outdir) || "."}: framegate-client ${clientPackage.version}`);

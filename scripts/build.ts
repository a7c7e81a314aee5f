// `npm run build`: production JavaScript. One executable, dist/framegate.js, and chunks beside it that are loaded when
// they are needed; everything is bundled but packages with native code, which stay in node_modules. Beside it the client
// library, dist/client.js, which runs in browsers as well, the gateway as a library, dist/index.js, and what modules import, dist/module.js, with
// declarations in dist/types; the pages of web/, and the
// licences of what is bundled. Another folder than dist may be given as an argument.
// `--image FOLDER` writes instead what a container image holds: the executable in FOLDER/dist, and its packages beside it. With
// `--with-node` the Node.js that builds is put there too, as FOLDER/bin/node: the packages hold native code for that one alone.
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { BUNDLER, copyNativePackages, nativePackages } from "./native-packages.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";
import { buildWeb } from "./web.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const entry = `${root}server/main.ts`;
const options = { image: { type: "string" }, "with-node": { type: "boolean", default: false } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const image = values.image === undefined ? undefined : resolve(values.image);
const outdir = image === undefined ? resolve(positionals[0] ?? `${root}dist`) : `${image}/dist`;

/** Native code, and what other packages only try to load. */
const external = [...nativePackages, BUNDLER, "pg-native", "cloudflare:sockets"];

/** Bundled CommonJS packages call `require`, which an ES module does not have. */
const requireShim =
	'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

// What root installs for a service has to be readable to the user that it runs as, whatever root's own mask is.
if (image !== undefined) process.umask(0o022);
const startedAtMs = performance.now();
const hasShebang = (await readFile(entry, "utf8")).startsWith("#!");
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
	entryPoints: [
		{ in: entry, out: "framegate" },
		// The gateway as a library, and what modules import: of the same chunks, so that a module is the same class in both.
		{ in: `${root}server/library.ts`, out: "index" },
		{ in: `${root}module/index.ts`, out: "module" },
		// What is loaded by its address lies beside the chunk that does so: see common/module-url.ts.
		{ in: `${root}stores/sql/sqlite-worker.ts`, out: "chunks/sqlite-worker" },
		{ in: `${root}services/modules/threads/module-worker.ts`, out: "chunks/module-worker" },
		{ in: `${root}services/modules/loop-watchdog-worker.ts`, out: "chunks/loop-watchdog-worker" },
		{ in: `${root}services/chat/store/chat-append-script.ts`, out: "chunks/chat-append-script" },
	],
	outdir,
	chunkNames: "chunks/[name]-[hash]",
	absWorkingDir: root,
	bundle: true,
	splitting: true,
	format: "esm",
	platform: "node",
	target: "node22",
	sourcemap: image === undefined ? "linked" : false,
	sourcesContent: false,
	external,
	// Of the Kafka library: the form that holds its WebAssembly, where the other one reads a file beside itself.
	alias: { "@platformatic/wasm-utils": "@platformatic/wasm-utils/bundled" },
	banner: { js: hasShebang ? requireShim : `#!/usr/bin/env node\n${requireShim}` },
	define: { "process.env.NODE_ENV": '"production"' },
	logLevel: "warning",
	metafile: true,
});
await Promise.all(Object.keys(metafile.outputs).map((path) => keepToAscii(resolve(root, path))));
if (image === undefined) {
	await build({
		entryPoints: [{ in: `${root}client/index.ts`, out: "client" }],
		outdir,
		absWorkingDir: root,
		bundle: true,
		format: "esm",
		platform: "browser",
		target: "es2022",
		sourcemap: "linked",
		sourcesContent: false,
		logLevel: "warning",
	});
	// What builds an image has no TypeScript compiler.
	const { writeClientTypes } = await import("./client-types.ts");
	await writeClientTypes(root, `${outdir}/types`, ["client/index", "module/index", "server/library"]);
} else {
	await copyNativePackages(image);
	await copyFile(`${root}package.json`, `${image}/package.json`);
	await copyFile(`${root}LICENSE`, `${image}/LICENSE`);
	if (values["with-node"]) {
		await mkdir(`${image}/bin`, { recursive: true });
		await copyFile(process.execPath, `${image}/bin/node`);
		await chmod(`${image}/bin/node`, 0o755);
	}
}
const pages = await buildWeb(`${outdir}/web`);
// The page of documentation is served as its package brings it.
const inputs = [...Object.keys(metafile.inputs), ...pages.inputs, "node_modules/swagger-ui-dist/package.json"];
await writeFile(`${outdir}/THIRD-PARTY-NOTICES.txt`, await thirdPartyNotices(root, inputs));
await chmod(`${outdir}/framegate.js`, 0o755);

const bytes = Object.entries(metafile.outputs)
	.filter(([path]) => path.endsWith(".js"))
	.reduce((sum, [, output]) => sum + output.bytes, 0);
const elapsedMs = Math.round(performance.now() - startedAtMs);
console.log(
	`${relative(process.cwd(), outdir)}/framegate.js: ${Math.round(bytes / 1024)} KiB with its chunks, built in ${elapsedMs} ms`,
);

/**
 * V8 keeps the text of a script while it is loaded, and takes two bytes for each character as soon as one is beyond Latin-1. esbuild
 * escapes those of the code; what is left is in comments.
 */
async function keepToAscii(path: string): Promise<void> {
	if (!path.endsWith(".js")) return;
	const text = await readFile(path, "utf8");
	// A unit for a unit: columns stay those of the source map.
	const ascii = text.replace(/[^\0-\x7f]/g, "?");
	if (ascii !== text) await writeFile(path, ascii);
}

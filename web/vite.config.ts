// How the pages are built; scripts/web.ts runs it. One page so far: the playground. `npx vite web` serves it for development,
// with the gateway of `npm start` behind it.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const inWeb = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
	root: inWeb("playground"),
	base: "/playground/",
	// The description of the protocol is outside of the root.
	server: { fs: { allow: [inWeb("..")] }, proxy: { "/ws": { target: "ws://localhost:8080", ws: true } } },
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	// A smaller file than data: addresses, which the content security policy forbids.
	build: {
		emptyOutDir: true,
		assetsInlineLimit: 0,
		modulePreload: false,
		target: "es2023",
		reportCompressedSize: false,
	},
});

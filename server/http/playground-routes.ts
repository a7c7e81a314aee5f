// The playground: the pages of web/, as they were built. They load nothing but their own files, and talk to this gateway only.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HttpRoute } from "./http-router.ts";
import { staticFiles } from "./static-files.ts";

export const PLAYGROUND_PATH = "/playground";

/**
 * No inline script or style, no eval, nothing from elsewhere, no frame around it; and no text of a user becomes HTML (Trusted
 * Types). `'self'` includes WebSockets of the same host (CSP level 3).
 */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self'",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
].join("; ");

const HEADERS = {
	"content-security-policy": POLICY,
	"referrer-policy": "no-referrer",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
};

/** Beside a built gateway, beside its chunks, and in a working copy. */
const FOLDERS = ["web/playground", "../web/playground", "../../dist/web/playground"];

/** @returns none where the pages are not built. */
export function playgroundRoutes(): HttpRoute[] {
	const folders = FOLDERS.map((path) => fileURLToPath(new URL(path, import.meta.url)));
	const folder = folders.find((path) => existsSync(`${path}/index.html`));
	if (folder === undefined) return [];
	return staticFiles({ folder, path: PLAYGROUND_PATH, summary: "The playground", headers: HEADERS });
}

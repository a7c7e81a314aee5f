// `/openapi.json`, and `/docs`: the page that shows it and calls routes by it. Everything comes from this port, and the page runs no
// script but its own.
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ServedRoutes } from "../../core/served-routes.ts";
import type { HttpReply, HttpRequest } from "../../core/transport.ts";
import { CODES_PATH, codesPage } from "./codes-page.ts";
import { gzipReply } from "./gzip-reply.ts";
import type { HttpRoute } from "./http-router.ts";
import { fileHandler, representation } from "./static-files.ts";

const compress = promisify(gzip);

/** Styles are inline in what the viewer makes; scripts never are. */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self' data:",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>framegate: calls over HTTP</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** A login that is tried out authorizes the calls after it. */
const START = `const ui = SwaggerUIBundle({
	url: "/openapi.json",
	dom_id: "#docs",
	deepLinking: true,
	validatorUrl: null,
	tryItOutEnabled: true,
	responseInterceptor(response) {
		const token = response.ok && /\\/auth\\/(login|refresh)$/.test(response.url) && response.body?.tokens?.access_token;
		if (token) ui.preauthorizeApiKey("bearer", token);
		return response;
	},
});
`;

/** How long a browser need not ask again, in seconds. */
const MAX_AGE_S = 3600;

export function docsRoutes(routes: ServedRoutes): HttpRoute[] {
	const openApi = routes.view(async (table): Promise<HttpReply> => {
		const headers = { "content-type": "application/json", "cache-control": "no-cache" };
		// Half a megabyte of text, and what it is parsed into: most processes are never asked for it.
		const { openApiOf } = await import("./open-api.ts");
		return { status: 200, headers, body: JSON.stringify(openApiOf(table)) };
	});
	return [
		{
			method: "GET",
			path: "/openapi.json",
			summary: "Description of the REST paths (OpenAPI 3.1)",
			handle: gzipReply(openApi),
		},
		file("/docs", "The same as a page that calls them", "text/html; charset=utf-8", () => PAGE),
		file("/docs/start.js", "Script of that page", "text/javascript; charset=utf-8", () => START),
		file("/docs/swagger-ui-bundle.js", "Script of that page", "text/javascript; charset=utf-8", () =>
			readFile(new URL(import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js"))),
		),
		file("/docs/swagger-ui.css", "Styles of that page", "text/css; charset=utf-8", () =>
			readFile(new URL(import.meta.resolve("swagger-ui-dist/swagger-ui.css"))),
		),
		file(CODES_PATH, "Reply codes, as a page", "text/html; charset=utf-8", codesPage),
	];
}

/** A file that does not change while the process runs: read when it is first asked for, compressed once. */
function file(path: string, summary: string, type: string, read: () => string | Promise<Uint8Array>): HttpRoute {
	let handler: Promise<(request: HttpRequest) => HttpReply> | undefined;
	const load = async () => {
		const body = Buffer.from(await read());
		const kinds = [representation("gzip", await compress(body)), representation("", body)];
		return fileHandler(kinds, {
			"content-type": type,
			"cache-control": `public, max-age=${MAX_AGE_S}`,
			"content-security-policy": POLICY,
			"referrer-policy": "no-referrer",
		});
	};
	return {
		method: "GET",
		path,
		summary,
		handle: async (request) => {
			handler ??= load().catch((error: unknown) => {
				handler = undefined;
				throw error;
			});
			return (await handler)(request);
		},
	};
}

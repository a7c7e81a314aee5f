// Serves the files of a folder as a static host does, under a Content-Security-Policy that allows nothing to be evaluated.
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export interface PageServer {
	readonly origin: string;
	/** @param folder - what is served from now on. @param gateway - where pages may connect to. */
	serve(folder: string, gateway: { readonly port: number }): void;
	stop(): Promise<void>;
}

export async function startPageServer(): Promise<PageServer> {
	let folder = "";
	let policy = "";
	const server = createServer((request, response) => {
		const path = normalize(new URL(request.url ?? "/", "http://page").pathname);
		const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
		if (!existsSync(file)) {
			// A browser asks for an icon by itself.
			response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
			return;
		}
		response.setHeader("content-security-policy", policy);
		response.setHeader("content-type", `${TYPES[extname(file)] ?? "application/octet-stream"}; charset=utf-8`);
		response.end(readFileSync(file));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		serve(served, { port }) {
			folder = served;
			const gateway = `ws://127.0.0.1:${port} http://127.0.0.1:${port}`;
			policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${gateway}`;
		},
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

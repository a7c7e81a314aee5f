// Keys over HTTP from issuers that mean no good, or do not know better.
import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { HttpKeySource } from "../../../../services/accounts/issuers/key-source-http.ts";

const servers: http.Server[] = [];
after(() => {
	for (const server of servers) {
		server.closeAllConnections();
		server.close();
	}
});

/** @returns its address. */
async function serve(listener: RequestListener): Promise<string> {
	const server = http.createServer(listener).listen(0, "127.0.0.1");
	servers.push(server);
	await once(server, "listening");
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (value: unknown): RequestListener => {
	return (_request, response) => response.end(JSON.stringify(value));
};
const NEVER = new AbortController().signal;
const fetchFrom = (jwksUrl: string, signal = NEVER) => new HttpKeySource({ issuer: "company", jwksUrl }).fetch(signal);

/** An issuer whose description is this. */
async function described(description: (issuer: string) => object): Promise<string> {
	const issuer = await serve((request, response) => {
		if (request.url === "/keys") json({ keys: [{ kty: "EC" }] })(request, response);
		else json(description(issuer))(request, response);
	});
	return issuer;
}

describe("keys over HTTP", () => {
	test("from an address, or by discovery, below the path of the issuer", async () => {
		const url = await serve(json({ keys: [{ kty: "EC" }, null, "x"] }));
		assert.deepEqual(await fetchFrom(url), [{ kty: "EC" }]);
		const asked: (string | undefined)[] = [];
		const host = await serve((request, response) => {
			asked.push(request.url);
			const isDescription = request.url?.endsWith("openid-configuration") ?? false;
			const issuer = `${host}/realms/game`;
			json(isDescription ? { issuer, jwks_uri: `${issuer}/certs` } : { keys: [{ kty: "RSA" }] })(request, response);
		});
		const source = new HttpKeySource({ issuer: `${host}/realms/game` });
		assert.deepEqual(await source.fetch(NEVER), [{ kty: "RSA" }]);
		assert.deepEqual(asked, ["/realms/game/.well-known/openid-configuration", "/realms/game/certs"]);
	});

	test("an answer that is none is refused: a redirect, an error, what is no key set", async () => {
		const target = await serve(json({ keys: [{ kty: "EC" }] }));
		const answers: Record<string, [listener: RequestListener, message: RegExp]> = {
			redirect: [(_request, response) => response.writeHead(302, { location: target }).end(), /the answer is 302/],
			error: [(_request, response) => response.writeHead(500).end(), /the answer is 500/],
			page: [(_request, response) => response.end("<html>"), /no JSON/],
			nothing: [json(null), /no key set/],
			"other JSON": [json({ keys: {} }), /no key set/],
			compressed: [
				(_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("x"),
				/compressed/,
			],
		};
		for (const [name, [listener, message]] of Object.entries(answers)) {
			await assert.rejects(fetchFrom(await serve(listener)), message, name);
		}
	});

	test("an answer without end is cut off", async () => {
		let sent = 0;
		const url = await serve((_request, response) => {
			const chunk = Buffer.alloc(65_536, " ");
			const more = () => {
				sent += chunk.length;
				if (!response.destroyed) response.write(chunk, more);
			};
			more();
		});
		await assert.rejects(fetchFrom(url), /longer than 262144 bytes/);
		// What was on its way in buffers, and no more.
		assert.ok(sent < 32 * 1024 * 1024, `${sent} bytes`);
	});

	test("a server that says nothing, or ever less, is given up", async () => {
		const silent = await serve(() => {});
		await assert.rejects(fetchFrom(silent, AbortSignal.timeout(50)), { name: /AbortError|TimeoutError/ });
		const dripping = await serve((_request, response) => {
			const timer = setInterval(() => response.write(" "), 10);
			response.on("close", () => clearInterval(timer));
		});
		await assert.rejects(fetchFrom(dripping, AbortSignal.timeout(100)));
	});

	test("a description of another issuer is none", async () => {
		for (const other of ["https://id.example.org", "", undefined]) {
			const issuer = await described((own) => ({ issuer: other, jwks_uri: `${own}/keys` }));
			await assert.rejects(new HttpKeySource({ issuer }).fetch(NEVER), /another issuer/);
		}
		const slash = await described((own) => ({ issuer: `${own}/`, jwks_uri: `${own}/keys` }));
		await assert.rejects(new HttpKeySource({ issuer: slash }).fetch(NEVER), /another issuer/);
	});

	test("a description leads to its own host, or to a public one by TLS", async () => {
		const own = await described((issuer) => ({ issuer, jwks_uri: `${issuer}/keys` }));
		assert.deepEqual(await new HttpKeySource({ issuer: own }).fetch(NEVER), [{ kty: "EC" }]);
		const inside = await serve(json({ keys: [{ kty: "EC" }] }));
		for (const [uri, message] of [
			[`${inside}/keys`, /not https/],
			["http://169.254.169.254/latest/meta-data", /not https/],
			["https://169.254.169.254/keys", /private network/],
			["https://10.0.0.1/keys", /private network/],
			["https://[::1]/keys", /private network/],
			["https://localhost/keys", /private network/],
			["file:///etc/passwd", /not https/],
			["no address", /names no jwks_uri/],
		] as const) {
			const issuer = await described((named) => ({ issuer: named, jwks_uri: uri }));
			await assert.rejects(new HttpKeySource({ issuer }).fetch(NEVER), message, uri);
		}
	});
});

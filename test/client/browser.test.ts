// The client must run in browsers: it bundles without a Node module, and works where there is no Buffer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import type { Client, createClient } from "../../client/index.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { FakeGateway } from "./fake-gateway.ts";

test("the browser bundle logs in without Node modules", async (context) => {
	const bundle = await build({
		entryPoints: [fileURLToPath(import.meta.resolve("../../client/index.ts"))],
		bundle: true,
		platform: "browser",
		format: "iife",
		globalName: "framegate",
		write: false,
		logLevel: "silent",
	});
	assert.deepEqual(bundle.errors, []);
	const gateway = await FakeGateway.start();
	context.after(() => gateway.stop());
	gateway.servesSessions().on(authRoutes.getUserInfo, (request) => ({ user: { id: request.userId, nickname: "Añ✓" } }));
	const { setTimeout, clearTimeout, URL, performance, console, TextDecoder, TextEncoder } = globalThis;
	const page = vm.createContext({ setTimeout, clearTimeout, URL, performance, console, TextDecoder, TextEncoder });
	// One realm's ArrayBuffer is not the other's: a page's own WebSocket gives the page's, so this one must as well.
	page["ArrayBuffer"] = ArrayBuffer;
	page["Uint8Array"] = Uint8Array;
	page["WebSocket"] = WebSocket;
	vm.runInContext(bundle.outputFiles[0]!.text, page);
	assert.equal(vm.runInContext("typeof Buffer", page), "undefined");
	const library = page["framegate"] as { createClient: typeof createClient };
	const client: Client = library.createClient({ url: gateway.url });
	context.after(() => client.close());
	await client.login({ username: "ann", password: "correct horse" });
	const reply = await client.auth.getUserInfo({ userId: "ünï✓ ".repeat(40) });
	assert.equal(reply.user?.nickname, "Añ✓");
	assert.equal(gateway.named("auth.getUserInfo")[0]?.body["userId"], "ünï✓ ".repeat(40));
});

// A gateway inside of a program: its configuration is an object, its modules and hooks are values, and the process is the program's.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import {
	CallError,
	ConfigError,
	createGateway,
	defineFunction,
	defineModule,
	definePush,
	type Gateway,
	type GatewayOptions,
	type GatewayResponse,
	z,
} from "../../server/library.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const greeting = definePush({ number: 7562, body: z.object({ text: z.string() }) });
const greeter = (word: string) =>
	defineModule({
		functions: {
			hello: defineFunction({
				number: 7061,
				permission: "public",
				input: z.object({ name: z.string() }),
				output: z.object({ message: z.string() }),
				run: async ({ name }, { context }) => {
					await context.store.set("last", name);
					return { message: `${word}, ${name}!` };
				},
			}),
		},
	});

const SIGNALS = [
	"SIGTERM",
	"SIGINT",
	"SIGHUP",
	"SIGUSR2",
	"uncaughtException",
	"unhandledRejection",
	"exit",
	"warning",
];
const listeners = () => SIGNALS.map((name) => process.listenerCount(name));

/** What a handler in JavaScript may give, and what is said of it. */
const BROKEN_REPLIES: Readonly<Record<string, { readonly reply: unknown; readonly problem: string }>> = {
	none: { reply: undefined, problem: "the reply of GET /hooks/none is no object" },
	null: { reply: null, problem: "GET /hooks/null is no object" },
	text: { reply: "fine", problem: "GET /hooks/text is no object" },
	"no-status": { reply: { body: "x" }, problem: "GET /hooks/no-status has no status" },
	"not-final": { reply: { status: 100 }, problem: "GET /hooks/not-final has no status" },
	number: { reply: { status: 200, body: 5 }, problem: "GET /hooks/number has a body" },
	object: { reply: { status: 200, body: {} }, problem: "GET /hooks/object has a body" },
	split: { reply: { status: 200, headers: { "x-a": "a\r\nx-other: b" } }, problem: "as its header x-a" },
	counted: { reply: { status: 200, headers: { "X-A": 5 } }, problem: "as its header x-a" },
	named: { reply: { status: 200, headers: { "x a": "b" } }, problem: 'has a header "x a"' },
	framed: {
		reply: { status: 200, headers: { "Content-Length": "9" } },
		problem: "content-length, which is the gateway's",
	},
};

describe("createGateway", () => {
	let dir: string;
	let gateway: Gateway;
	let http: string;
	const lines = quietLogger();
	const found = listeners();
	const environment = { ...process.env };
	const options = (more: GatewayOptions = {}): GatewayOptions => ({
		config: { profile: "test", dataDir: dir, server: { port: 0 } },
		...more,
	});

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), "framegate-library-"));
		gateway = await createGateway({
			...options(),
			logger: lines,
			modules: { greeter: greeter("Hello") },
			hooks: {
				register: ({ username }) => {
					if (username === "root") throw new CallError("PERMISSION_DENIED", "not that one");
				},
			},
			httpRoutes: [
				{
					method: "POST",
					path: "/hooks/echo",
					maxBodyBytes: 10,
					handle: ({ body, query, headers }) => ({
						status: 201,
						headers: { "x-of": headers.get("x-me") ?? "" },
						body: `${query} ${new TextDecoder().decode(body)}`,
					}),
				},
				{
					method: "GET",
					path: "/hooks/broken",
					handle: () => {
						throw new Error("in the program");
					},
				},
				...Object.entries(BROKEN_REPLIES).map(([name, { reply }]) => {
					return { method: "GET", path: `/hooks/${name}`, handle: () => reply as GatewayResponse } as const;
				}),
			],
		});
		const { host, port } = await gateway.start();
		http = `http://${host}:${port}`;
	});
	after(async () => {
		await gateway.close();
		rmSync(dir, { recursive: true, force: true });
	});

	it("serves functions, hooks and HTTP routes of the program", async () => {
		const answer = await fetch(`${http}/greeter/hello`, {
			method: "POST",
			body: '{"name":"Ada"}',
			headers: { "content-type": "application/json" },
		});
		assert.deepEqual(await answer.json(), {
			success: true,
			data: { message: "Hello, Ada!" },
			endpoint: "/greeter/hello",
		});
		const client = await WireClient.open(`${http.replace("http", "ws")}/ws`);
		const refused = await client.ask(authRoutes.register, { username: "root", password: PASSWORD });
		assert.deepEqual([refused.code, refused.error?.message], [ErrorCode.PERMISSION_DENIED, "not that one"]);
		await client.close();
		const echoed = await fetch(`${http}/hooks/echo?a=1`, { method: "POST", body: "hi", headers: { "x-me": "me" } });
		assert.deepEqual([echoed.status, echoed.headers.get("x-of"), await echoed.text()], [201, "me", "a=1 hi"]);
		assert.equal((await fetch(`${http}/hooks/echo`, { method: "POST", body: "x".repeat(11) })).status, 413);
		assert.equal((await fetch(`${http}/hooks/echo`)).status, 405);
		assert.equal((await fetch(`${http}/hooks/broken`)).status, 500);
		assert.ok(
			lines.lines.some(
				({ message, fields }) =>
					message === "http request failed" && String((fields as { err: Error }).err).includes("in the program"),
			),
		);
	});

	it("answers with 500 where a handler gives no reply, and says in the log what is wrong with it", async () => {
		for (const [name, { problem }] of Object.entries(BROKEN_REPLIES)) {
			const answer = await fetch(`${http}/hooks/${name}`);
			assert.deepEqual([answer.status, answer.headers.get("x-other")], [500, null], name);
			const isSaid = lines.lines.some(({ fields }) => String((fields as { err?: Error }).err).includes(problem));
			assert.ok(isSaid, problem);
		}
		assert.equal((await fetch(`${http}/hooks/echo`, { method: "POST", body: "on" })).status, 201);
	});

	it("reaches users from the program, with errors that a program can act on", async () => {
		const { client, login } = await WireClient.member(`${http.replace("http", "ws")}/ws`, "ann");
		const id = login.user?.id ?? "";
		assert.deepEqual(await gateway.online([id, "nobody"]), new Set([id]));
		await gateway.unicast(id, greeting, { text: "hi" });
		let push = await client.push();
		while (push.protocol !== 7562) push = await client.push();
		assert.equal(Buffer.from(push.body ?? []).toString(), '{"text":"hi"}');
		await assert.rejects(gateway.unicast(id, greeting, { text: 5 } as never), /text/);
		await assert.rejects(gateway.publish("none:here", {}), { name: "CallError", code: "NOT_FOUND" });
		await assert.rejects(gateway.notify([id], { type: "none" }), { name: "CallError", code: "VALIDATION_FAILED" });
		assert.match(await gateway.metrics(), /framegate_module_generation\{module="greeter"\} 1/);
		assert.equal(await gateway.disconnect(id), 1);
		await client.closed;
	});

	it("changes nothing of the process: no listener of signals or errors, no variable", () => {
		assert.deepEqual(listeners(), found);
		assert.deepEqual({ ...process.env }, environment);
	});

	it("says everything that is wrong with a configuration, and reads no file that is not named", async () => {
		const wrong = { config: { server: { port: 99_999, prot: 1 } } } as unknown as GatewayOptions;
		await assert.rejects(createGateway(wrong), (error: unknown) => {
			assert.ok(error instanceof ConfigError);
			assert.match(error.message, /server\.port[\s\S]*createGateway/);
			assert.match(error.message, /server\.prot/);
			return true;
		});
		const cwd = process.cwd();
		writeFileSync(join(dir, "framegate.yaml"), "server: { port: 99999 }\n");
		writeFileSync(join(dir, ".env"), "PORT=99999\n");
		process.chdir(dir);
		try {
			const unread = await createGateway(options());
			await unread.close();
		} finally {
			process.chdir(cwd);
		}
	});

	it("fails to start when a module of the program cannot be served, and takes no route of the gateway's", async () => {
		const clashing = await createGateway(options({ modules: { one: greeter("a"), two: greeter("b") } }));
		await assert.rejects(clashing.start(), /two.*number 7061 belongs to one\.hello/);
		await clashing.close();
		await assert.rejects(createGateway(options({ modules: { program: greeter("a") }, hooks: {} })), /modules\.program/);
		const stolen = { method: "GET", path: "/health", handle: () => ({ status: 200 }) } as const;
		await assert.rejects(createGateway(options({ httpRoutes: [stolen] })), /GET \/health belongs to the gateway/);
		for (const path of ["health", "/a#b", "/a?b", "/a b", "/{a}", "/ü"]) {
			await assert.rejects(createGateway(options({ httpRoutes: [{ ...stolen, path }] })), /no method and path/, path);
		}
		for (const path of [
			"/ws",
			"/metrics",
			"/api/v1/users/any",
			"/chat/sendMessage",
			"/framegate.v1.AuthService/Login",
		]) {
			const taken = createGateway(options({ httpRoutes: [{ ...stolen, path }] }));
			await assert.rejects(taken, /belongs to the gateway/, path);
		}
		const own = { ...stolen, path: "/own" };
		await assert.rejects(createGateway(options({ httpRoutes: [own, own] })), /GET \/own is there twice/);
	});

	it("has several gateways beside each other, each with its own modules, and ends one by itself", async () => {
		const other = await createGateway(options({ modules: { greeter: greeter("Servus") } }));
		const { port } = await other.start();
		assert.deepEqual(await other.start(), { host: "127.0.0.1", port }, "once");
		const say = async (at: string) => {
			const answer = await fetch(`${at}/greeter/hello`, {
				method: "POST",
				body: '{"name":"Eve"}',
				headers: { "content-type": "application/json" },
			});
			return ((await answer.json()) as { data: { message: string } }).data.message;
		};
		assert.deepEqual([await say(http), await say(`http://127.0.0.1:${port}`)], ["Hello, Eve!", "Servus, Eve!"]);
		const { client } = await WireClient.member(`ws://127.0.0.1:${port}/ws`, "dan");
		await other.drain("maintenance");
		await client.closed;
		await Promise.all([other.close(), other.close()]);
		await assert.rejects(other.start(), /closed/);
		await assert.rejects(say(`http://127.0.0.1:${port}`));
		assert.equal(await say(http), "Hello, Eve!");
	});
});

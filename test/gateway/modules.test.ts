// A module of the operator in a running gateway: one definition, served on every surface, reloaded by an administrator and by a change
// of its file.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { jsonMessage } from "../../protocol/json-message.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const ADMIN = "an-admin-token-of-a-test";
const form = { fields: [], schema: {}, description: "" };

/** What a client needs of a route with JSON bodies. */
const jsonRoute = (number: number) =>
	({
		number,
		name: "",
		request: jsonMessage("request", form),
		reply: jsonMessage("reply", form),
	}) as unknown as AnyRouteContract;

const SHOP = `import { CallError, defineFunction, defineModule, definePush, z } from "framegate/module";

const stock = new Map<string, number>([["apple", 3], ["pear", 5]]);

const sold = definePush({ number: 7501, body: z.object({ item: z.string() }) });

export default defineModule({
	pushes: { sold },
	functions: {
		hello: defineFunction({
			number: 7001,
			description: "Greets.",
			permission: "public",
			input: z.object({ name: z.string().max(64).default("World") }),
			output: z.object({ message: z.string() }),
			run: ({ name }) => ({ message: \`Hello, \${name}!\` }),
		}),
		buy: defineFunction({
			number: 7002,
			input: z.object({ item: z.string(), count: z.int().min(1).max(10) }),
			output: z.object({ item: z.string(), left: z.int(), buyer: z.string() }),
			rest: { method: "POST", path: "/api/v1/shop/{item}/purchases" },
			run: async ({ item, count }, call) => {
				const left = stock.get(item);
				if (left === undefined) throw new CallError("NOT_FOUND", "no such item", { field: "item" });
				if (left < count) throw new CallError("CONFLICT", "not so many are left", { retryAfterMs: 1000 });
				stock.set(item, left - count);
				call.log.info("sold", { item, count });
				if (call.user !== undefined) await call.context.unicast(call.user.id, sold, { item });
				return { item, left: left - count, buyer: call.user?.username ?? "", secret: "not declared" };
			},
		}),
		stock: defineFunction({
			number: 7003,
			cost: 2,
			idempotent: true,
			input: z.object({ item: z.string(), detailed: z.boolean().optional(), sizes: z.array(z.int()).optional() }),
			output: z.object({ left: z.int(), asked: z.string() }),
			rest: { method: "GET", path: "/api/v1/shop/{item}" },
			run: (input) => ({ left: stock.get(input.item) ?? 0, asked: JSON.stringify(input) }),
		}),
		audit: defineFunction({
			number: 7004,
			permission: "shop.audit",
			input: z.object({}),
			output: z.object({}),
			run: () => ({}),
		}),
		fail: defineFunction({
			number: 7005,
			permission: "public",
			input: z.object({ how: z.enum(["throw", "lie", "hang", "later", "timer"]) }),
			output: z.object({ n: z.number() }),
			timeoutMs: 50,
			run: async ({ how }): Promise<{ n: number }> => {
				if (how === "hang") return new Promise(() => {});
				if (how === "later") void Promise.resolve().then(() => { throw new Error("nobody waits"); });
				if (how === "timer") setTimeout(() => { throw new Error("in a timer"); }, 1);
				if (how === "later" || how === "timer") return { n: 1 };
				if (how === "lie") return { n: "text" } as never;
				throw new Error("the secret is 42");
			},
		}),
	},
});
`;

describe("modules in a gateway", () => {
	let dir: string;
	let gateway: GatewayProcess;
	let token: string;
	const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
	const at = (path: string) => `${gateway.httpUrl}${path}`;
	const reload = (body: object = { token: ADMIN }) => post(at("/api/reload"), body);

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		mkdirSync(join(dir, "_lib"));
		write("shop.ts", SHOP);
		gateway = await startGateway({
			env: { ...UNLIMITED, FRAMEGATE_MODULES_DIR: dir, FRAMEGATE_ADMIN_TOKENS: ADMIN, FRAMEGATE_LOG_LEVEL: "info" },
		});
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	it("answers POST /{module}/{function}, with the parameters alone or with a token beside them", async () => {
		assert.deepEqual((await post(at("/shop/hello"), { name: "Ada" })).body, {
			success: true,
			data: { message: "Hello, Ada!" },
			endpoint: "/shop/hello",
		});
		assert.deepEqual((await post(at("/shop/hello"), {})).body.data, { message: "Hello, World!" });
		const bought = await post(at("/shop/buy"), { token, body: { item: "apple", count: 1 } });
		assert.deepEqual(bought.body.data, { item: "apple", left: 2, buyer: "ann" }, "and sends only what it declares");
	});

	it("answers REST paths: fields of the path, of the query and of the content", async () => {
		const asked = await get(at("/api/v1/shop/apple?detailed=true&sizes=1&sizes=2"), token);
		assert.equal(asked.body.asked, '{"item":"apple","detailed":true,"sizes":[1,2]}');
		const bought = await post(at("/api/v1/shop/apple/purchases"), { count: 1 }, token);
		assert.deepEqual([bought.status, bought.body], [200, { item: "apple", left: 1, buyer: "ann" }]);
		const refused = await post(at("/api/v1/shop/apple/purchases"), { count: 9 }, token);
		assert.deepEqual([refused.status, refused.body.code, refused.headers.get("retry-after")], [409, "CONFLICT", "1"]);
	});

	it("answers frames, binary and text, with JSON bodies", async () => {
		const { client } = await WireClient.member(gateway.url, "bob");
		const reply = await client.ask(jsonRoute(7001), { name: "Bob" });
		assert.deepEqual(JSON.parse(Buffer.from(reply.body ?? []).toString()), { message: "Hello, Bob!" });
		const empty = await client.ask(jsonRoute(7001), {});
		assert.match(Buffer.from(empty.body ?? []).toString(), /World/);
		const missing = await client.ask(jsonRoute(7002), { item: "plum", count: 1 });
		assert.deepEqual([missing.code, missing.error?.violations?.[0]?.field], [ErrorCode.NOT_FOUND, "item"]);
		client.socket.close();
		const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
		const answer = new Promise<string>((resolve) => {
			socket.onmessage = ({ data }) => resolve(String(data));
		});
		await new Promise((resolve) => {
			socket.onopen = resolve;
		});
		socket.send('{"protocol":7001,"seq":5,"body":{"name":"Eve"}}');
		assert.deepEqual(JSON.parse(await answer), { protocol: 7001, seq: 5, body: { message: "Hello, Eve!" } });
		socket.close();
	});

	it("takes the body of a text frame as it takes that of a binary one: an object, nothing, or base64; not a list", async () => {
		const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
		const replies = new Map<number, { body?: object; code?: string }>();
		socket.onmessage = ({ data }) => {
			const reply = JSON.parse(String(data)) as { seq: number; body?: object; code?: string };
			replies.set(reply.seq, reply);
		};
		await new Promise((resolve) => {
			socket.onopen = resolve;
		});
		const bodies = [
			'{"name":"Eve"}',
			"null",
			`"${Buffer.from('{"name":"Bea"}').toString("base64")}"`,
			"[1]",
			"5",
			'{"nme":1}',
		];
		for (const [index, body] of bodies.entries()) socket.send(`{"protocol":7001,"seq":${index + 1},"body":${body}}`);
		await until(() => replies.size === bodies.length);
		const seen = bodies.map((_, index) => replies.get(index + 1)?.code ?? replies.get(index + 1)?.body);
		assert.deepEqual(seen, [
			{ message: "Hello, Eve!" },
			{ message: "Hello, World!" },
			{ message: "Hello, Bea!" },
			"ERROR_CODE_BAD_REQUEST",
			"ERROR_CODE_BAD_REQUEST",
			"ERROR_CODE_VALIDATION_FAILED",
		]);
		socket.close();
	});

	it("sends pushes of its own, as JSON in binary frames and in text", async () => {
		const { client } = await WireClient.member(gateway.url, "dan");
		const text = new WebSocket(gateway.url, ["framegate.v1.json"]);
		const frames: { protocol: number; body: object }[] = [];
		text.onmessage = ({ data }) => void frames.push(JSON.parse(String(data)));
		await new Promise((resolve) => {
			text.onopen = resolve;
		});
		text.send(`{"protocol":1001,"seq":1,"body":{"username":"dan","password":"${PASSWORD}"}}`);
		await until(() => frames.length > 0);
		const bought = await client.ask(jsonRoute(7002), { item: "pear", count: 1 });
		assert.equal(bought.code, ErrorCode.OK);
		const push = () => client.pushes.find(({ protocol }) => protocol === 7501);
		await until(() => push() !== undefined && frames.some(({ protocol }) => protocol === 7501));
		assert.deepEqual(JSON.parse(Buffer.from(push()?.body ?? []).toString()), { item: "pear" });
		assert.deepEqual(frames.find(({ protocol }) => protocol === 7501)?.body, { item: "pear" });
		text.close();
		client.socket.close();
	});

	it("holds inputs to their schema and names the field, unknown ones too", async () => {
		const wrong = await post(at("/shop/buy"), { item: 5, count: 11, colour: "red" }, token);
		assert.equal(wrong.status, 422);
		assert.deepEqual(wrong.body.violations.map(({ field }: { field: string }) => field).sort(), [
			"colour",
			"count",
			"item",
		]);
		const notJson = await post(at("/shop/buy"), "[]", token);
		assert.equal(notJson.status, 422);
	});

	it("holds calls to permission, rate limits and timeout", async () => {
		assert.equal((await post(at("/shop/stock"), { item: "apple" })).status, 401);
		assert.equal((await post(at("/shop/audit"), {}, token)).body.code, "PERMISSION_DENIED");
		assert.deepEqual((await post(at("/shop/fail"), { how: "hang" })).body.code, "TIMEOUT");
	});

	it("answers what a function throws, or what its output is not, as INTERNAL, and logs where it happened", async () => {
		for (const how of ["throw", "lie"]) {
			const { status, body } = await post(at("/shop/fail"), { how });
			assert.deepEqual([status, body.error], [500, "internal error"]);
		}
		await until(() => /the secret is 42[\s\S]*shop\.ts:\d+/.test(gateway.log()));
		await until(() => gateway.log().includes("shop.fail returned what its output is not: n"));
	});

	it("goes on when a promise that nothing waits for is rejected, or a timer of a module throws", async () => {
		for (const how of ["later", "timer"]) assert.equal((await post(at("/shop/fail"), { how })).status, 200);
		await until(() => gateway.log().includes("nobody waits") && gateway.log().includes("in a timer"));
		assert.equal((await post(at("/shop/hello"), {})).status, 200);
	});

	it("carries out a call with an Idempotency-Key once", async () => {
		write("till.ts", moduleSource({ number: 7010, top: "let sold = 0;", run: "return { version: ++sold };" }));
		assert.deepEqual(
			(await reload()).body.data.loaded.map(({ module }: { module: string }) => module),
			["till"],
		);
		const sell = (key: string) => post(at("/till/get"), {}, token, { "idempotency-key": key });
		const [one, again, other] = [await sell("a"), await sell("a"), await sell("b")];
		assert.deepEqual(
			[one, again, other].map(({ body }) => body.data.version),
			[1, 1, 2],
		);
	});

	it("is described: OpenAPI, the list of endpoints, statistics and metrics", async () => {
		const { paths } = (await get(at("/openapi.json"))).body;
		assert.equal(paths["/shop/hello"].post.summary, "Greets.");
		assert.equal(paths["/api/v1/shop/{item}"].get.parameters[0].name, "item");
		assert.deepEqual(
			paths["/api/v1/shop/{item}/purchases"].post.requestBody.content["application/json"].schema.required,
			["count"],
		);
		const { routes } = (await get(at("/"))).body;
		const listed = routes.find(({ protocol }: { protocol: number }) => protocol === 7002);
		assert.deepEqual(
			[listed.endpoint, listed.parameters[1]],
			["/shop/buy", { name: "count", type: "integer", required: true }],
		);
		const metrics = (await get(at("/metrics"))).body as string;
		assert.match(metrics, /framegate_http_calls_total\{route="shop\.buy",code="OK"\} [1-9]/);
		assert.match(metrics, /framegate_module_generation\{module="shop"\} 1/);
	});

	it("loads, changes and removes modules at /api/reload; what fails is answered with its place", async () => {
		write("later.ts", moduleSource({ number: 7020 }));
		assert.equal((await post(at("/later/get"), {}, token)).status, 404);
		const { body, status } = await reload();
		assert.deepEqual([status, body.success, body.endpoint], [200, true, "/api/reload"]);
		assert.deepEqual((await post(at("/later/get"), {}, token)).body.data, { version: 1 });
		write("later.ts", "const = 1");
		const [problem] = (await reload()).body.data.problems;
		assert.deepEqual([problem.file, problem.line], ["later.ts", 1]);
		assert.deepEqual((await post(at("/later/get"), {}, token)).body.data, { version: 1 });
		rmSync(join(dir, "later.ts"));
		assert.deepEqual((await reload()).body.data.removed, ["later"]);
		assert.equal((await post(at("/later/get"), {}, token)).status, 404);
		assert.equal((await get(at("/openapi.json"))).body.paths["/later/get"], undefined);
		const { client } = await WireClient.member(gateway.url, "cid");
		assert.equal((await client.ask(jsonRoute(7020), {})).code, ErrorCode.UNKNOWN_PROTOCOL);
		client.socket.close();
	});

	it("lists what serves, and goes back to what served before", async () => {
		write("till.ts", moduleSource({ number: 7010, run: "return { version: 100 };" }));
		await reload();
		assert.equal((await post(at("/till/get"), {}, token)).body.data.version, 100);
		const back = await post(at("/api/modules/rollback"), { token: ADMIN, module: "till" });
		assert.equal(back.body.data.loaded[0].generation, 3);
		assert.equal((await post(at("/till/get"), {}, token)).body.data.version, 1);
		const { data } = (await get(at("/api/modules"), ADMIN)).body;
		const till = data.find(({ name }: { name: string }) => name === "till");
		assert.deepEqual([till.generation, till.origin, till.functions], [3, "rollback", ["till.get (7010)"]]);
		assert.equal((await get(at("/api/modules"))).status, 401);
	});

	for (const path of ["/api/reload", "/api/reload-config"]) {
		it(`${path} wants an admin token, by GET and POST, and answers as the older server did`, async () => {
			const missing = {
				success: false,
				error: "Admin token is required for this operation",
				code: "MISSING_ADMIN_TOKEN",
				endpoint: path,
			};
			const invalid = {
				success: false,
				error: "Invalid admin token or insufficient permissions",
				code: "INVALID_ADMIN_TOKEN",
			};
			for (const answer of [await get(at(path)), await post(at(path), {})]) {
				assert.deepEqual([answer.status, answer.body], [401, missing]);
			}
			for (const answer of [
				await get(at(`${path}?token=x`)),
				await post(at(path), { token }),
				await get(at(path), token),
			]) {
				assert.deepEqual([answer.status, answer.body], [403, invalid]);
			}
			for (const answer of [await get(at(`${path}?token=${ADMIN}`)), await post(at(path), { token: ADMIN })]) {
				assert.deepEqual([answer.status, answer.body.success, answer.body.endpoint], [200, true, path]);
			}
		});
	}

	it("lets no module take a page of the gateway", async () => {
		const { http } = (await get(at("/"))).body as { http: { path: string }[] };
		const segments = new Set(
			http.map(({ path }) => path.split("/")[1] ?? "").filter((name) => /^[a-z]\w*$/.test(name)),
		);
		for (const name of segments) write(`${name}.ts`, moduleSource({ number: 7030 }));
		const { problems } = (await reload()).body.data;
		assert.deepEqual(
			problems.map(({ message }: { message: string }) => message).sort(),
			[...segments].map((name) => `the name ${name} belongs to the gateway`).sort(),
		);
		for (const name of segments) rmSync(join(dir, `${name}.ts`));
		for (const { path } of http.filter((page) => page.path.startsWith("/api/"))) {
			write("thief.ts", moduleSource({ number: 7030, options: `rest: { method: "GET", path: "${path}" },` }));
			const [problem] = (await reload()).body.data.problems;
			assert.match(problem?.message ?? path, /belongs to the gateway/);
		}
		rmSync(join(dir, "thief.ts"));
	});
});

describe("watched modules", () => {
	it("are reloaded when a file changes, two saves within 10 ms are one reload, and an editor's rename is a change", {
		timeout: 60_000,
	}, async () => {
		const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		const write = (file: string, version: number) =>
			writeFileSync(
				join(dir, file),
				moduleSource({ options: 'permission: "public",', run: `return { version: ${version} };` }),
			);
		write("shop.ts", 1);
		const env = { FRAMEGATE_MODULES_DIR: dir, HOT_RELOAD: "true", FRAMEGATE_LOG_LEVEL: "info" };
		const gateway = await startGateway({ env });
		const served = async (version: number): Promise<boolean> => {
			return (await post(`${gateway.httpUrl}/shop/get`, {})).body.data?.version === version;
		};
		try {
			assert.ok(await served(1));
			write("shop.ts", 2);
			write("shop.ts", 3);
			await until(() => served(3));
			assert.doesNotMatch(gateway.log(), /"generation":3/);
			write("shop.ts~", 4);
			const { renameSync } = await import("node:fs");
			renameSync(join(dir, "shop.ts~"), join(dir, "shop.ts"));
			await until(() => served(4));
			rmSync(join(dir, "shop.ts"));
			await until(async () => (await post(`${gateway.httpUrl}/shop/get`, {})).status === 404);
			write("shop.ts", 5);
			await until(() => served(5));
		} finally {
			await gateway.kill9();
			rmSync(dir, { recursive: true });
		}
	});
});

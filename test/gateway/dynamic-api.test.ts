// The document of the dynamic API server, line by line, on a real gateway: its functions, calls, answers, settings, reloads and logs.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";

const BUSINESS = "your-business-token-of-24-bytes";
const ADMIN = "your-admin-token";

/** `apis/template.py` of the document. */
const TEMPLATE = `import { setTimeout as sleep } from "node:timers/promises";
import { defineApi, defineModule } from "framegate/module";

export default defineModule({
	functions: {
		sync_hello: defineApi({
			number: 7001,
			permission: "authenticated",
			params: { name: "string?" },
			run: ({ name = "World" }) => ({ message: \`Hello, \${name}!\`, timestamp: Date.now(), type: "synchronous" }),
		}),
		async_hello: defineApi({
			number: 7002,
			permission: "authenticated",
			params: { name: "string?", delay: "number?" },
			run: async ({ name = "World", delay = 0.01 }) => {
				await sleep(delay * 1000);
				return { message: \`Hello, \${name}! (async)\`, timestamp: Date.now(), type: "asynchronous" };
			},
		}),
		types: defineApi({
			number: 7003,
			permission: "authenticated",
			params: { text: "string", count: "integer", ratio: "number", on: "boolean", map: "object", list: "array", names: "string[]", rest: "any?" },
			run: (params) => ({ ...params }),
		}),
		sync_function: defineApi({ number: 7004, permission: "authenticated", params: { param: "string" }, run: ({ param }) => ({ result: param }) }),
		fails: defineApi({ number: 7005, permission: "authenticated", params: {}, run: () => { throw new Error("the reason"); } }),
		undecorated: undefined as never,
	},
});
`.replace("\t\tundecorated: undefined as never,\n", "");

describe("the document of the dynamic API server", { timeout: 120_000 }, () => {
	const root = mkdtempSync(join(tmpdir(), "framegate-dynamic-"));
	const apis = join(root, "apis");
	const logs = join(root, "logs");
	let gateway: GatewayProcess;
	const at = (path: string) => `${gateway.httpUrl}${path}`;
	const call = (path: string, body: object, token = BUSINESS) => post(at(path), { token, body });

	before(async () => {
		mkdirSync(apis);
		writeFileSync(join(apis, "template.ts"), TEMPLATE);
		gateway = await startGateway({
			env: {
				HOST: "127.0.0.1",
				FRAMEGATE_MODULES_DIR: apis,
				FRAMEGATE_KEYS_FIXED: JSON.stringify([
					{ name: "business", secret: BUSINESS, permissions: ["channel.publish"], channels: ["public"] },
				]),
				ADMIN_TOKENS: JSON.stringify([ADMIN]),
				HOT_RELOAD: "True",
				DEBUG: "True",
				ENABLE_REQUEST_LOGGING: "True",
				LOG_TO_FILE: "True",
				LOG_REQUEST_BODY: "True",
				LOG_RESPONSE_DATA: "False",
				LOG_MAX_BODY_SIZE: "1000",
				LOG_FILE_PATH: join(logs, "api_{time:YYYY-MM-DD}.log"),
				LOG_ROTATION: "1 day",
				LOG_RETENTION: "30 days",
			},
		});
	});
	after(async () => {
		await gateway.kill9();
		rmSync(root, { recursive: true });
	});

	it("a synchronous and an asynchronous function answer {success, data, endpoint}", async () => {
		for (const [name, type] of [
			["sync_hello", "synchronous"],
			["async_hello", "asynchronous"],
		]) {
			const { status, body } = await call(`/template/${name}`, { name: "Ada" });
			assert.deepEqual([status, body.success, body.endpoint], [200, true, `/template/${name}`]);
			assert.match(body.data.message, /^Hello, Ada!/);
			assert.deepEqual([body.data.type, Number.isInteger(body.data.timestamp)], [type, true]);
		}
		assert.match((await call("/template/sync_hello", {})).body.data.message, /World/);
		assert.deepEqual((await call("/template/sync_function", { param: "p" })).body.data, { result: "p" });
	});

	it("checks the types of parameters, that all required ones are there, and that there are no others, by name", async () => {
		const all = { text: "a", count: 1, ratio: 0.5, on: true, map: { a: 1 }, list: [1, "b"], names: ["x"] };
		assert.deepEqual((await call("/template/types", all)).body.data, all);
		const wrong = { text: 1, count: 1.5, ratio: "x", on: "true", map: [], list: {}, names: [1] };
		const refused = async (body: object) => {
			const answer = await call("/template/types", body);
			assert.deepEqual([answer.status, answer.body.success, answer.body.code], [422, false, "VALIDATION_FAILED"]);
			assert.equal(answer.body.endpoint, "/template/types");
			return answer.body as { error: string; violations: { field: string; description: string }[] };
		};
		for (const [name, value] of Object.entries(wrong)) {
			const { violations } = await refused({ ...all, [name]: value });
			assert.equal(violations[0]?.field.split("[")[0], name);
			const rest = Object.fromEntries(Object.entries(all).filter(([other]) => other !== name));
			assert.equal((await refused(rest)).violations[0]?.field, name, "missing");
		}
		const { error, violations } = await refused({ ...all, colour: "red" });
		assert.deepEqual([violations, error], [[{ field: "colour", description: "is unknown" }], "colour: is unknown"]);
	});

	it("answers errors as {success, error, code, endpoint}", async () => {
		const failed = await call("/template/fails", {});
		assert.deepEqual(failed.body, {
			success: false,
			error: "internal error",
			code: "INTERNAL",
			endpoint: "/template/fails",
		});
		assert.equal((await call("/template/none", {})).status, 404);
	});

	it("wants a token, takes the business token for functions only, and the admin token for reloads only", async () => {
		const none = await post(at("/template/sync_hello"), { body: {} });
		assert.deepEqual([none.status, none.body.success, none.body.code], [401, false, "UNAUTHENTICATED"]);
		assert.equal((await call("/template/sync_hello", {}, "another-token")).status, 401);
		for (const path of ["/api/reload", "/api/reload-config"]) {
			assert.deepEqual((await get(at(path))).body, {
				success: false,
				error: "Admin token is required for this operation",
				code: "MISSING_ADMIN_TOKEN",
				endpoint: path,
			});
			const invalid = {
				success: false,
				error: "Invalid admin token or insufficient permissions",
				code: "INVALID_ADMIN_TOKEN",
			};
			assert.deepEqual((await get(at(`${path}?token=${BUSINESS}`))).body, invalid);
			assert.deepEqual((await post(at(path), { token: BUSINESS })).body, invalid);
			assert.equal((await get(at(`${path}?token=${ADMIN}`))).body.success, true);
			assert.equal((await post(at(path), { token: ADMIN })).body.success, true);
			const head = await fetch(at(`${path}?token=${ADMIN}`), { method: "HEAD" });
			assert.deepEqual([head.status, head.headers.get("allow")], [405, "GET, POST, OPTIONS"]);
			const misspelt = await post(at(path), { token: ADMIN, accept_contract_change: true });
			assert.deepEqual([misspelt.status, misspelt.body.violations[0].field], [422, "accept_contract_change"]);
			const inQuery = await get(at(`${path}?token=${ADMIN}&dry_run=1`));
			assert.deepEqual([inQuery.status, inQuery.body.violations[0].field], [422, "dry_run"]);
		}
	});

	it("shows its state and all endpoints at /", async () => {
		const { body } = await get(at("/"));
		const listed = body.routes.find(({ endpoint }: { endpoint: string }) => endpoint === "/template/types");
		assert.deepEqual(listed.parameters[0], { name: "text", type: "string", required: true });
		assert.deepEqual(listed.parameters[6], { name: "names", type: "list of string", required: true });
	});

	it("a file that is added, and one that is changed, is live without a restart; what is no function is named", async () => {
		const source = (text: string) =>
			`import { defineApi, defineModule } from "framegate/module";
export default defineModule({ functions: { get: defineApi({ number: 7010, permission: "authenticated", params: {}, run: () => ({ text: ${text} }) }) } });`;
		const textOf = async () => (await call("/added/get", {})).body.data?.text;
		writeFileSync(join(apis, "added.ts"), source('"one"'));
		await until(async () => (await textOf()) === "one");
		writeFileSync(join(apis, "added.ts"), source('"two"'));
		await until(async () => (await textOf()) === "two");
		writeFileSync(join(apis, "added.ts"), source('"x"').replace("defineApi({", "({"));
		await until(() => gateway.log().includes("get: not what defineFunction or defineMethod returns"));
		writeFileSync(join(apis, "added.ts"), source('"x"').replace("params: {}", 'params: { a: "text" }'));
		await until(() => /added\.ts:\d+:\d+: parameter a: text is no type/.test(gateway.log()));
		assert.equal(await textOf(), "two");
	});

	it("logs requests with their bodies, errors, events of the system and authentication, into a file with the date", async () => {
		await call("/template/sync_hello", { name: "in-the-log" });
		const text = () =>
			readdirSync(logs)
				.map((name) => {
					assert.match(name, /^api_\d{4}-\d{2}-\d{2}(?:\.\d+)?\.log$/);
					return readFileSync(join(logs, name), "utf8");
				})
				.join("");
		const has = (pattern: RegExp) => until(() => pattern.test(text()));
		await has(/"category":"request"[^\n]*template\.sync_hello[^\n]*in-the-log/);
		await has(/"category":"error"[^\n]*the reason/);
		await has(/"category":"system"[^\n]*framegate is listening/);
		await has(/"category":"auth"/);
		assert.doesNotMatch(text(), /your-business-token-of-24-bytes/);
		assert.doesNotMatch(text(), /"message":"Hello/);
	});
});

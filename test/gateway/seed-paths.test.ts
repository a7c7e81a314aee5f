// The paths, bodies and answers that the documents of the older systems name, on a real gateway: what their clients send works.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createRoleAccounts } from "../security/role-accounts.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { answerOf, bearer, get, post } from "../support/http-client.ts";
import { PASSWORD } from "../support/wire-client.ts";

describe("paths of older systems", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-seeds-"));
	const env = { FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}` };
	let gateway: GatewayProcess;
	let engineer: string;
	let admin: string;
	before(async () => {
		await createRoleAccounts(env, ["engineer", "admin"]);
		gateway = await startGateway({ env });
		[engineer, admin] = (await Promise.all(["engineer", "admin"].map(tokenOf))) as [string, string];
	});
	after(async () => {
		await gateway.kill9();
		rmSync(directory, { recursive: true });
	});

	const at = (path: string) => `${gateway.httpUrl}${path}`;

	async function tokenOf(username: string): Promise<string> {
		const { body } = await post(at("/auth/login"), { username, password: PASSWORD });
		return body.tokens.access_token as string;
	}

	describe("the gateway of an EMS (000)", () => {
		it("GET /health, /docs and /websocket/status", async () => {
			assert.deepEqual((await get(at("/health"))).body, { status: "ok" });
			const docs = await get(at("/docs"));
			assert.equal(docs.headers.get("content-type"), "text/html; charset=utf-8");
			const { body } = await get(at("/websocket/status"));
			assert.deepEqual([body.status, body.path, body.active_connections], ["ok", "/ws", 0]);
		});

		it("channels with their T, S, C and A values", async () => {
			const { body } = await get(at("/api/v1/channels"), engineer);
			const [first] = body.channels;
			assert.equal(first.channel, 1001);
			assert.deepEqual(
				first.data.map(({ data_type }: { data_type: string }) => data_type),
				["T", "S", "C", "A"],
			);
			for (const type of ["T", "S", "C", "A"]) {
				const values = await get(at(`/api/v1/channels/1001/values/${type}`), engineer);
				const [update] = values.body.updates;
				assert.deepEqual([update.channel_id, update.data_type], [1001, type]);
				assert.ok(update.points.length > 0);
			}
			const some = await get(at("/api/v1/channels/1001,1002/values?data_types=T&data_types=S&point_ids=1"), engineer);
			assert.equal(some.body.updates.length, 4);
			const many = await get(at(`/api/v1/channels/1001/values?${"point_ids=1&".repeat(257)}`), engineer);
			assert.deepEqual([many.status, many.body.violations[0].field], [422, "point_ids"]);
		});

		it("alarms, models, rules and control", async () => {
			const alarms = await get(at("/api/v1/alarms?status=ACTIVE"), engineer);
			assert.ok(Array.isArray(alarms.body.alarms));
			const { totals } = (await get(at("/api/v1/alarms/count"), engineer)).body;
			assert.equal(typeof totals.active, "number");
			const models = await get(at("/api/v1/models"), engineer);
			const [{ id }] = models.body.models;
			assert.equal((await get(at(`/api/v1/models/${id}`), engineer)).status, 200);
			assert.equal((await get(at(`/api/v1/models/${id}/values`), engineer)).status, 200);
			const [rule] = (await get(at("/api/v1/rules"), engineer)).body.rules;
			assert.equal((await get(at(`/api/v1/rules/${rule.id}`), engineer)).body.rule.id, rule.id);
			const command = { target: { channel: 1001, data_type: "C", point_id: 100 }, value: 1 };
			const written = await post(at("/api/v1/control"), command, engineer);
			assert.equal(written.body.stage, "ACCEPTED");
			const status = await get(at(`/api/v1/control/${written.body.command_id}`), engineer);
			assert.equal(status.body.command.command_id, written.body.command_id);
		});
	});

	describe("an IM gateway (001)", () => {
		it("POST /api/v1/auth/register, login and refresh", async () => {
			const account = { username: "testuser", password: "password123", nickname: "测试用户" };
			const registered = await post(at("/api/v1/auth/register"), account);
			assert.deepEqual([registered.status, registered.body.user.nickname], [200, "测试用户"]);
			const again = await post(at("/api/v1/auth/register"), account);
			assert.deepEqual([again.status, again.body.code], [409, "ALREADY_EXISTS"]);
			const login = { username: "testuser", password: "password123" };
			const { tokens } = (await post(at("/api/v1/auth/login"), login)).body;
			const refreshed = await post(at("/api/v1/auth/refresh"), { refresh_token: tokens.refresh_token });
			assert.ok(refreshed.body.tokens.access_token);
		});

		it("sessions and groups", async () => {
			const token = await tokenOf("admin");
			const { room } = (await post(at("/api/v1/groups"), { name: "team", is_public: true }, token)).body;
			const member = await tokenOf("engineer");
			assert.equal((await post(at(`/api/v1/groups/${room.id}/join`), {}, member)).body.member.username, "engineer");
			const message = { client_msg_id: "client123", content: { kind: "TEXT", text: "Hello World!" } };
			const sent = await post(at(`/api/v1/groups/${room.id}/messages`), message, member);
			assert.equal(sent.body.sequence, 1);
			const [seen] = (await get(at(`/api/v1/groups/${room.id}/messages`), token)).body.messages;
			assert.deepEqual([seen.content.text, seen.sequence], ["Hello World!", 1]);
			const [conversation] = (await get(at("/api/v1/conversations"), token)).body.conversations;
			assert.deepEqual([conversation.id, conversation.unread], [room.id, 1]);
			const put = { method: "PUT", headers: { "content-type": "application/json", ...bearer(token) } };
			const read = await fetch(at(`/api/v1/conversations/${room.id}/read`), { ...put, body: '{"sequence":1}' });
			assert.equal((await answerOf(read)).body.unread, 0);
			const { members } = (await get(at(`/api/v1/groups/${room.id}/members`), token)).body;
			assert.equal(members.length, 2);
			assert.equal((await post(at(`/api/v1/groups/${room.id}/leave`), {}, member)).status, 200);
			const recall = await fetch(at(`/api/v1/messages/${sent.body.message_id}`), {
				method: "DELETE",
				headers: bearer(token),
			});
			assert.equal(recall.status, 200);
		});
	});

	describe("a server of functions (003)", () => {
		it("POST /{module}/{function} with a token and a body", async () => {
			const call = { token: admin, body: { name: "hall", is_public: true } };
			const { status, body } = await post(at("/chat/createChatRoom"), call);
			assert.deepEqual([status, body.success, body.endpoint], [200, true, "/chat/createChatRoom"]);
			assert.equal(body.data.room.name, "hall");
			const plain = await post(at("/chat/listChatRooms"), { only_mine: true }, admin);
			assert.ok(plain.body.data.rooms.length > 0);
		});

		it("refuses unknown parameters by name, checks types, and asks for what is required", async () => {
			const call = async (body: object) => (await post(at("/chat/createChatRoom"), { token: admin, body })).body;
			const wrong = await call({ name: 7, nme: "x" });
			assert.deepEqual(
				[wrong.success, wrong.code, wrong.endpoint],
				[false, "VALIDATION_FAILED", "/chat/createChatRoom"],
			);
			assert.equal(wrong.error, "name must be a string; nme is unknown");
			assert.equal((await call({})).error, "name is required");
		});

		it("names what is wrong with the token", async () => {
			const { status, body } = await post(at("/chat/listChatRooms"), { token: "your-secret-token", body: {} });
			const { success, code, endpoint } = body;
			assert.deepEqual([status, success, code, endpoint], [401, false, "UNAUTHENTICATED", "/chat/listChatRooms"]);
			assert.equal(
				(await post(at("/chat/listChatRooms"), { token: 7, body: {} })).body.error,
				"token must be a string",
			);
			assert.equal((await post(at("/chat/nothing"), {})).body.code, "NOT_FOUND");
		});

		it("GET / lists every endpoint with its parameters", async () => {
			const { routes } = (await get(at("/"))).body;
			const send = routes.find(({ endpoint }: { endpoint?: string }) => endpoint === "/chat/sendMessage");
			assert.deepEqual(send.parameters[0], { name: "room_id", type: "string", required: true });
			const connect = routes.find(({ name }: { name: string }) => name === "auth.connect");
			assert.deepEqual([connect.endpoint, connect.needs_connection], [undefined, true]);
		});

		it("a path of REST as well answers as REST does, unless it is called as a function", async () => {
			const login = { username: "admin", password: PASSWORD };
			assert.ok((await post(at("/auth/login"), login)).body.tokens);
			assert.ok((await post(at("/auth/login"), { body: login })).body.data.tokens);
		});
	});

	describe("an API service (004)", () => {
		it("POST /auth/register and /auth/login", async () => {
			const account = { username: "testuser4", email: "test@example.com", password: "password123" };
			assert.equal((await post(at("/auth/register"), account)).body.user.email, "test@example.com");
			const login = { username: "testuser4", password: "password123" };
			const { tokens } = (await post(at("/auth/login"), login)).body;
			assert.ok((await post(at("/auth/refresh"), { refresh_token: tokens.refresh_token })).body.tokens);
		});

		it("PUT and DELETE /api/v1/users/<id>", async () => {
			const body = { username: "gone", password: "a long password" };
			const { user } = (await post(at("/auth/register"), body)).body;
			const call = async (method: "PUT" | "DELETE", content: object) => {
				const headers = { ...bearer(admin), "content-type": "application/json" };
				const path = at(`/api/v1/users/${user.id}`);
				return answerOf(await fetch(path, { method, headers, body: JSON.stringify(content) }));
			};
			assert.equal((await call("PUT", { nickname: "Gone" })).body.user.nickname, "Gone");
			assert.deepEqual((await call("DELETE", {})).body, { sessions_ended: 0 });
			assert.equal((await get(at(`/api/v1/users/${user.id}`), admin)).status, 404);
		});

		it("GET /api/v1/users, for those who may", async () => {
			const { users, next_cursor } = (await get(at("/api/v1/users?limit=1"), admin)).body;
			assert.equal(users.length, 1);
			const second = (await get(at(`/api/v1/users?limit=1&cursor=${next_cursor}`), admin)).body;
			assert.notEqual(second.users[0].id, users[0].id);
			assert.equal((await get(at(`/api/v1/users/${users[0].id}`), engineer)).body.user.username, users[0].username);
			const refused = await get(at("/api/v1/users"), engineer);
			assert.deepEqual([refused.status, refused.body.code], [403, "PERMISSION_DENIED"]);
		});

		it("GET /api/v1/health and /monitoring/metrics", async () => {
			assert.deepEqual((await get(at("/api/v1/health"))).body, { status: "ok" });
			const { cpu, memory, disk, process: own } = (await get(at("/monitoring/metrics"))).body;
			assert.ok(cpu.cores >= 1 && memory.rss_bytes > 0 && disk.total_bytes > 0);
			assert.equal(own.pid, gateway.pid);
		});
	});

	it("errors of REST are problem details that link to the page of codes", async () => {
		const { status, headers, body } = await get(at("/api/v1/groups?limit=many&foo=1"), admin);
		assert.deepEqual([status, headers.get("content-type")], [422, "application/problem+json"]);
		assert.equal(body.type, "/docs/codes#VALIDATION_FAILED");
		assert.match(body.detail, /^foo is no parameter of the query/);
		const typed = await get(at("/api/v1/groups?limit=many"), admin);
		assert.deepEqual(typed.body.violations, [
			{ field: "limit", description: "must be an integer from 0 to 4294967295" },
		]);
		const codes = await get(at("/docs/codes"));
		assert.match(codes.body as string, /<tr id="VALIDATION_FAILED">/);
	});
});

// Users as they manage their own accounts and as administrators manage those of others: on each database, over two nodes, with open
// connections on both.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	pushes,
	SessionRevoked,
	SessionRevoked_Reason,
	UserChanged,
	userRoutes,
} from "../../protocol/gen/schema.ts";
import { get } from "../support/http-client.ts";
import { until } from "../support/until.ts";
import { PASSWORD } from "../support/wire-client.ts";
import {
	backends,
	connected,
	loggedIn,
	type Member,
	member,
	pushOf,
	rest,
	startTwoNodes,
	type TwoNodes,
} from "./users-fixture.ts";

const fieldsOf = (body: { violations?: { field: string }[] }) => body.violations?.map(({ field }) => field);

for (const [name, start] of Object.entries(backends)) {
	describe(`users over two nodes on ${name}`, () => {
		let shared: TwoNodes;
		let admin: Member;
		let manager: Member;
		before(async () => {
			shared = await startTwoNodes(start);
			admin = await loggedIn(shared.nodes[0], "admin", PASSWORD);
			manager = await loggedIn(shared.nodes[1], "manager", PASSWORD);
		});
		after(() => shared.stop());

		it("users change what they show; sensitive fields need the password, and a new one ends other sessions", async () => {
			const [one, two] = shared.nodes;
			const ann = await member(one, "ann", "desk");
			const other = await connected(two, "ann", "phone");
			const first = await rest(one, "PUT", "/me", ann.token, {
				nickname: "Ann  B.",
				avatar_url: "https://example.org/a.png",
				metadata: { color: "blue", size: "XL" },
			});
			assert.equal(first.status, 200, JSON.stringify(first.body));
			const { version } = first.body.user;
			assert.deepEqual(first.body.user.metadata, { color: "blue", size: "XL" });
			const changed = UserChanged.decode((await pushOf(other, pushes.userChanged.number)).body ?? new Uint8Array());
			assert.deepEqual([changed.userId, changed.version, changed.roles], [ann.id, version, ["user"]]);
			const second = await rest(two, "PUT", `/users/${ann.id}`, ann.token, { metadata: { size: "", shape: "round" } });
			assert.deepEqual(second.body.user.metadata, { color: "blue", shape: "round" });
			const bad = [
				[{ nickname: "a\u202eb" }, 422, ["nickname"]],
				[{ avatar_url: "javascript:alert(1)" }, 422, ["avatar_url"]],
				[{ metadata: { big: "x".repeat(4096) } }, 422, ["metadata"]],
				[{ email: "a@b.example" }, 422, ["old_password"]],
				[{ password: "another password", old_password: "wrong password" }, 403, ["old_password"]],
				[{ username: "eve" }, 422, ["username"]],
			] as const;
			for (const [body, status, fields] of bad) {
				const refused = await rest(one, "PUT", "/me", ann.token, body);
				assert.deepEqual([refused.status, fieldsOf(refused.body)], [status, fields], JSON.stringify(refused.body));
			}
			const secured = { email: "ann@example.org", password: "another password", old_password: PASSWORD };
			assert.equal((await rest(one, "PUT", "/me", ann.token, secured)).status, 200);
			const revoked = SessionRevoked.decode(
				(await pushOf(other, pushes.sessionRevoked.number)).body ?? new Uint8Array(),
			);
			assert.equal(revoked.reason, SessionRevoked_Reason.PASSWORD_CHANGED);
			assert.equal((await other.closed).code, CloseCode.REVOKED);
			assert.equal(
				(await rest(two, "GET", "/me", ann.token)).body.user.email,
				"ann@example.org",
				"the own session stays",
			);
			await assert.rejects(loggedIn(two, "ann", PASSWORD));
			await loggedIn(two, "ann", "another password");
		});

		it("a version and an entity tag that are out of date change nothing", async () => {
			const [one, two] = shared.nodes;
			const bob = await member(one, "bob");
			const path = `/users/${bob.id}`;
			const seen = await rest(one, "GET", path, admin.token);
			const tag = seen.headers.get("etag") ?? "";
			const expected = { nickname: "B", expected_version: seen.body.user.version };
			const ifMatch = { "if-match": tag };
			assert.equal((await rest(two, "PUT", path, admin.token, { nickname: "Bob" }, ifMatch)).status, 200);
			assert.equal((await rest(one, "PUT", path, admin.token, { nickname: "B" }, ifMatch)).status, 412);
			assert.equal((await rest(one, "DELETE", path, admin.token, undefined, ifMatch)).status, 412);
			assert.equal((await rest(one, "PUT", path, admin.token, expected)).status, 409);
			const roles = { roles: ["manager"], expected_version: expected.expected_version };
			assert.equal((await rest(one, "PUT", `${path}/roles`, admin.token, roles)).status, 409);
			assert.equal((await rest(one, "GET", path, admin.token)).body.user.nickname, "Bob");
		});

		it("roles count at once on connections of both nodes and for tokens that say otherwise", async () => {
			const [one, two] = shared.nodes;
			const cat = await member(one, "cat", "desk");
			const clients = [await connected(one, "cat", "a"), await connected(two, "cat", "b")];
			const list = async () => (await get(`${two.httpUrl}/api/v1/users?limit=1`, cat.token)).status;
			assert.equal(await list(), 403);
			const changes = async () => {
				for (const client of clients) {
					const push = await pushOf(client, pushes.userChanged.number);
					const { permissions = [] } = UserChanged.decode(push.body ?? new Uint8Array());
					const asked = await client.ask(authRoutes.listUsers, { limit: 1 });
					assert.equal(asked.code ?? 0, permissions.includes("*") ? ErrorCode.OK : ErrorCode.PERMISSION_DENIED);
				}
			};
			const path = `/users/${cat.id}/roles`;
			const given = await rest(one, "PUT", path, admin.token, { roles: ["user", "admin", "admin"] });
			assert.deepEqual(given.body.user.roles, ["user", "admin"]);
			await changes();
			await until(async () => (await list()) === 200);
			const again = await connected(two, "cat", "c");
			assert.equal((await again.ask(authRoutes.listUsers, { limit: 1 })).code ?? 0, ErrorCode.OK);
			await rest(two, "PUT", path, admin.token, { roles: ["user"] });
			await changes();
			await until(async () => (await list()) === 403);
			const resumed = await again.ask(authRoutes.connect, { accessToken: cat.token });
			const { session } = authRoutes.connect.reply.decode(resumed.body ?? new Uint8Array());
			assert.deepEqual(session?.permissions ?? [], []);
			for (const client of [...clients, again]) await client.close();
		});

		it("nobody manages a user, or gives a role, beyond the own permissions", async () => {
			const [one] = shared.nodes;
			const dan = await member(one, "dan");
			const of = (id: string) => `/users/${id}`;
			assert.equal((await rest(one, "PUT", of(dan.id), manager.token, { nickname: "Dan" })).status, 200);
			assert.equal((await rest(one, "PUT", `${of(dan.id)}/roles`, manager.token, { roles: ["manager"] })).status, 200);
			for (const [method, path, token, body] of [
				["PUT", `${of(dan.id)}/roles`, manager.token, { roles: ["admin"] }],
				["PUT", `${of(manager.id)}/roles`, manager.token, { roles: ["admin"] }],
				["PUT", of(admin.id), manager.token, { nickname: "x" }],
				["PUT", of(admin.id), manager.token, { password: "another password" }],
				["PUT", `${of(admin.id)}/status`, manager.token, { status: "DISABLED" }],
				["DELETE", of(admin.id), manager.token, undefined],
				["DELETE", `${of(admin.id)}/sessions`, manager.token, undefined],
				["POST", "/users", manager.token, { username: "eve", password: PASSWORD, roles: ["admin"] }],
			] as const) {
				const refused = await rest(one, method, path, token, body);
				assert.equal(refused.status, 403, `${method} ${path} ${JSON.stringify(refused.body)}`);
			}
			const user = await member(one, "someone");
			for (const path of ["", "/sessions", "/export"]) {
				const { status, body } = await rest(one, "GET", `${of(dan.id)}${path}`, user.token);
				if (path === "") assert.deepEqual([status, body.user.email, body.user.version], [200, "", 0]);
				else assert.equal(status, 403, path);
			}
			assert.equal((await rest(one, "PUT", of(dan.id), user.token, { nickname: "x" })).status, 403);
			assert.equal((await rest(one, "DELETE", of(dan.id), user.token)).status, 403);
			assert.equal((await rest(one, "DELETE", `${of(dan.id)}/sessions`, user.token)).status, 403);
			assert.equal((await rest(one, "PUT", `${of(dan.id)}/roles`, user.token, { roles: [] })).status, 403);
			const unknown = await rest(one, "PUT", `${of(dan.id)}/roles`, admin.token, { roles: ["boss"] });
			assert.deepEqual([unknown.status, fieldsOf(unknown.body)], [422, ["roles"]]);
			assert.equal((await rest(one, "PUT", of("nobody"), admin.token, { nickname: "x" })).status, 404);
			const made = await rest(one, "POST", "/users", manager.token, { username: "made", password: PASSWORD });
			assert.deepEqual([made.status, made.body.user?.roles], [200, ["user"]]);
			await loggedIn(one, "made", PASSWORD);
			// An administrator sets a password without the old one, and that ends every session.
			const reset = await rest(one, "PUT", of(user.id), manager.token, { password: "another password" });
			assert.equal(reset.status, 200);
			assert.equal((await rest(one, "GET", "/me", user.token)).status, 401);
		});

		it("a disabled user is out on both nodes, and comes back when enabled", async () => {
			const [one, two] = shared.nodes;
			const fay = await member(one, "fay");
			const clients = [await connected(one, "fay", "a"), await connected(two, "fay", "b")];
			const path = `/users/${fay.id}/status`;
			assert.equal((await rest(two, "PUT", path, admin.token, { status: "DISABLED" })).body.user.status, "DISABLED");
			for (const client of clients) assert.equal((await client.closed).code, CloseCode.REVOKED);
			await until(async () => (await rest(one, "GET", "/me", fay.token)).status === 401);
			await assert.rejects(loggedIn(one, "fay", PASSWORD));
			const listed = await get(`${one.httpUrl}/api/v1/users?status=DISABLED&search=FA`, admin.token);
			assert.deepEqual(
				listed.body.users.map((user: { username: string }) => user.username),
				["fay"],
			);
			assert.equal((await rest(two, "PUT", path, admin.token, { status: "ACTIVE" })).status, 200);
			await loggedIn(two, "fay", PASSWORD);
		});

		it("sessions are listed and ended one by one, all others, or all", async () => {
			const [one, two] = shared.nodes;
			const gil = await member(one, "gil", "desk");
			const phone = await connected(two, "gil", "phone");
			const tablet = await connected(one, "gil", "tablet");
			const sessions = async (token: string, path = "/me/sessions") => {
				const { body } = await rest(two, "GET", path, token);
				return body.sessions as { id: string; device_name: string; device_id: string; is_current: boolean }[];
			};
			const listed = await sessions(gil.token);
			assert.deepEqual(
				listed.map(({ device_id, is_current }) => [device_id, is_current]),
				[
					["desk", true],
					["phone", false],
					["tablet", false],
				],
			);
			assert.equal((await sessions(admin.token, `/users/${gil.id}/sessions`)).length, 3);
			const idOf = (device: string) => listed.find(({ device_id }) => device_id === device)?.id ?? "";
			const foreign = await rest(one, "DELETE", `/users/${manager.id}/sessions/${idOf("phone")}`, admin.token);
			assert.equal(foreign.body.sessions_ended, 0, "a session of somebody else");
			const ended = await rest(one, "DELETE", `/me/sessions/${idOf("phone")}`, gil.token);
			assert.equal(ended.body.sessions_ended, 1);
			assert.equal((await phone.closed).code, CloseCode.REVOKED);
			const others = await rest(two, "DELETE", "/me/sessions?keep_current=true", gil.token);
			assert.equal(others.body.sessions_ended, 1);
			assert.equal((await tablet.closed).code, CloseCode.REVOKED);
			// Over a connection: the reply arrives, and the connection is signed out.
			const here = await connected(one, "gil", "here");
			const all = await here.ask(userRoutes.endSessions, {});
			assert.equal(userRoutes.endSessions.reply.decode(all.body ?? new Uint8Array()).sessionsEnded, 2);
			assert.equal((await here.ask(authRoutes.heartbeat, {})).code, ErrorCode.UNAUTHENTICATED);
			await until(async () => (await rest(two, "GET", "/me", gil.token)).status === 401);
			await here.close();
		});

		it("the last administrator stays one, whichever node is asked and how many at once", async () => {
			const [one, two] = shared.nodes;
			const hal = await member(one, "hal");
			await rest(one, "PUT", `/users/${hal.id}/roles`, admin.token, { roles: ["admin"] });
			const second = await loggedIn(two, "hal", PASSWORD);
			const results = await Promise.all([
				rest(one, "PUT", `/users/${admin.id}/roles`, admin.token, { roles: ["user"] }),
				rest(two, "PUT", `/users/${hal.id}/status`, second.token, { status: "DISABLED" }),
			]);
			const statuses = results.map(({ status }) => status).sort();
			assert.deepEqual(statuses, [200, 412], JSON.stringify(results.map(({ body }) => body)));
			const left = results[0]?.status === 200 ? second : admin;
			for (const [method, path, body] of [
				["PUT", `/users/${left.id}/roles`, { roles: [] }],
				["PUT", `/users/${left.id}/status`, { status: "DISABLED" }],
				["DELETE", `/users/${left.id}`, { password: PASSWORD }],
			] as const) {
				const refused = await rest(two, method, path, left.token, body);
				assert.deepEqual([refused.status, refused.body.code], [412, "PRECONDITION_FAILED"], path);
			}
			// For the tests that come after this one.
			const [gone] = [admin, second].filter(({ id }) => id !== left.id) as [Member];
			await rest(one, "PUT", `/users/${gone.id}/status`, left.token, { status: "ACTIVE" });
			await rest(one, "PUT", `/users/${gone.id}/roles`, left.token, { roles: ["admin"] });
			admin = await loggedIn(one, "admin", PASSWORD);
		});
	});
}

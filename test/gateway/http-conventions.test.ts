// What calls over HTTP have in common: ids, rate limits, traces, entity tags, HEAD and OPTIONS.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, answerOf, bearer, get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";

describe("conventions of calls over HTTP", () => {
	let gateway: GatewayProcess;
	let token: string;
	before(async () => {
		gateway = await startGateway({
			env: {
				FRAMEGATE_SERVER_ALLOWED_ORIGINS: "https://app.example.com",
				FRAMEGATE_RATES_USER_PER_SECOND: "10",
				FRAMEGATE_RATES_USER_BURST: "100",
				LOG_LEVEL: "debug",
			},
		});
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(() => gateway.kill9());

	const at = (path: string) => `${gateway.httpUrl}${path}`;

	it("a request has an id: the caller's, or one of the gateway's", async () => {
		const own = await get(at("/api/v1/me"), token, { "x-request-id": "order-7/2" });
		assert.equal(own.headers.get("x-request-id"), "order-7/2");
		const ids = await Promise.all([1, 2].map(async () => (await get(at("/api/v1/me"))).headers.get("x-request-id")));
		assert.equal(new Set(ids).size, 2);
		for (const id of ["a b", "é".repeat(3), "x".repeat(129)]) {
			const answer = await get(at("/api/v1/me"), token, { "x-request-id": Buffer.from(id).toString("latin1") });
			assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f]{12}-\w+$/, id);
		}
	});

	it("the log of requests has the id, the trace and the route, and no token", async () => {
		const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
		await get(at("/api/v1/groups"), token, { "x-request-id": "in-the-log", traceparent });
		// The gateway writes its log behind the reply.
		await until(() => gateway.log().includes("in-the-log"));
		const line = gateway
			.log()
			.split("\n")
			.find((text) => text.includes("in-the-log"));
		const { route, requestId, traceId, connection } = JSON.parse(line ?? "{}");
		assert.deepEqual([route, requestId, connection], ["chat.listChatRooms", "in-the-log", undefined]);
		assert.equal(traceId, "0af7651916cd43dd8448eb211c80319c");
		assert.ok(!gateway.log().includes(token));
	});

	it("the log has how a call came, and the status of its reply", async () => {
		await get(at("/api/v1/groups/none/members"), token, { "x-request-id": "by-rest" });
		await post(at("/framegate.v1.ChatService/ListChatRooms"), {}, token, { "x-request-id": "by-connect" });
		await post(at("/chat/listChatRooms"), {}, token, { "x-request-id": "by-module" });
		const lineOf = (id: string) => {
			const lines = gateway.log().split("\n");
			return lines.find((line) => line.includes(`"${id}"`) && line.includes('"answered ') && line.endsWith("}"));
		};
		// The gateway writes its log behind the reply.
		await until(() => lineOf("by-module") !== undefined);
		const seen = (id: string) => {
			const { style, method, status, route, durationMs } = JSON.parse(lineOf(id) ?? "{}");
			assert.ok(durationMs >= 0);
			return [style, method, status, route];
		};
		assert.deepEqual(seen("by-rest"), ["rest", "GET", 403, "chat.listChatMembers"]);
		assert.deepEqual(seen("by-connect"), ["connect", "POST", 200, "chat.listChatRooms"]);
		assert.deepEqual(seen("by-module"), ["module", "POST", 200, "chat.listChatRooms"]);
	});

	it("the files of the documentation page have tags", async () => {
		for (const path of ["/docs", "/docs/start.js", "/docs/swagger-ui.css"]) {
			const first = await fetch(at(path), { headers: { "accept-encoding": "gzip" } });
			const etag = first.headers.get("etag") ?? "";
			assert.deepEqual([first.status, first.headers.get("content-encoding")], [200, "gzip"], path);
			assert.match(first.headers.get("content-security-policy") ?? "", /default-src 'none'/);
			const again = await get(at(path), "", { "accept-encoding": "gzip", "if-none-match": etag });
			assert.deepEqual([again.status, again.body], [304, ""], path);
			const plain = await fetch(at(path), { headers: { "accept-encoding": "identity" } });
			assert.deepEqual([plain.headers.get("content-encoding"), plain.headers.get("etag") === etag], [null, false]);
		}
	});

	it("replies say what is left of the limit, and when to come back beyond it", async () => {
		const { headers } = await get(at("/api/v1/me"), token);
		assert.equal(headers.get("ratelimit-policy"), '"user";q=100;w=10');
		assert.match(headers.get("ratelimit") ?? "", /^"user";r=\d+;t=\d+$/);
		assert.match((await get(at("/api/v1/me"))).headers.get("ratelimit") ?? "", /^"address";r=\d+;t=\d+$/);
		const ben = await accessTokenOf(gateway.httpUrl, "ben");
		// On a busy machine, more is granted meanwhile.
		let limited: Awaited<ReturnType<typeof get>> | undefined;
		while (limited === undefined) {
			const answers = await Promise.all(Array.from({ length: 60 }, () => get(at("/api/v1/groups"), ben)));
			limited = answers.find(({ status }) => status === 429);
		}
		assert.equal(limited.body.code, "RATE_LIMITED");
		assert.match(limited.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
		assert.match(limited.headers.get("ratelimit") ?? "", /^"user";r=[01];t=10$/);
	});

	it("a GET has a tag, and 304 for who has it already", async () => {
		const first = await get(at("/api/v1/me"), token);
		const etag = first.headers.get("etag") ?? "";
		assert.match(etag, /^"[\w-]{27}"$/);
		assert.equal(first.headers.get("cache-control"), "private, no-cache");
		for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
			const again = await get(at("/api/v1/me"), token, { "if-none-match": condition });
			assert.deepEqual([again.status, again.body, again.headers.get("etag")], [304, "", etag], condition);
		}
		assert.equal((await get(at("/api/v1/me"), token, { "if-none-match": '"x"' })).status, 200);
		assert.equal((await get(at("/api/v1/me"), "", { "if-none-match": etag })).status, 401);
	});

	it("a change is made only if what the caller has seen is still so", async () => {
		const list = await get(at("/api/v1/groups"), token);
		const etag = list.headers.get("etag") ?? "";
		const create = (condition: string) =>
			post(at("/api/v1/groups"), { name: "g", is_public: true }, token, { "if-match": condition });
		assert.equal((await create('"x"')).status, 412);
		assert.equal((await create(`W/${etag}`)).status, 412, "weak tags match nothing here");
		assert.equal((await create(etag)).status, 200);
		const late = await create(etag);
		assert.deepEqual([late.status, late.body.code], [412, "PRECONDITION_FAILED"]);
		const nothing = await post(at("/api/v1/auth/logout"), {}, token, { "if-match": "*" });
		assert.equal(nothing.status, 412, "what has no state matches nothing");
	});

	it("HEAD is GET without content; OPTIONS names what a path takes", async () => {
		const head = await fetch(at("/api/v1/me"), { method: "HEAD", headers: bearer(token) });
		const full = await get(at("/api/v1/me"), token);
		assert.deepEqual([head.status, await head.text(), head.headers.get("etag")], [200, "", full.headers.get("etag")]);
		const options = await fetch(at("/api/v1/groups"), { method: "OPTIONS" });
		assert.deepEqual([options.status, options.headers.get("allow")], [204, "POST, GET, HEAD, OPTIONS"]);
		const other = await answerOf(await fetch(at("/api/v1/groups"), { method: "PATCH", headers: bearer(token) }));
		assert.deepEqual(
			[other.status, other.body.code, other.headers.get("allow")],
			[405, "METHOD_NOT_ALLOWED", "POST, GET, HEAD, OPTIONS"],
		);
		assert.equal(other.headers.get("x-content-type-options"), "nosniff");
	});

	it("a field comes in one place, and names of others are refused", async () => {
		const named = async (path: string, body: object) => {
			const answer = await post(at(path), body, token);
			return [answer.status, answer.body.violations?.[0]?.field];
		};
		assert.deepEqual(await named("/api/v1/groups/r1/leave", { room_id: "r2" }), [422, "room_id"]);
		assert.deepEqual(await named("/api/v1/groups/r1/leave?room_id=r2", {}), [422, "room_id"]);
		assert.deepEqual(await named("/api/v1/groups?name=x", {}), [422, "name"]);
		const get2 = await get(at("/api/v1/groups/r1/messages?room_id=r2"), token);
		assert.deepEqual([get2.status, get2.body.violations[0].field], [422, "room_id"]);
		assert.equal((await get(at("/api/v1/users/%ff"), token)).status, 404);
		assert.equal((await get(at("/api/v1/users/a%2Fb"), token)).body.code, "NOT_FOUND");
	});

	it("pages of allowed origins read the headers that a caller needs", async () => {
		const { headers } = await get(at("/api/v1/me"), token, { origin: "https://app.example.com" });
		const exposed = headers.get("access-control-expose-headers")?.split(", ") ?? [];
		for (const name of ["etag", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"]) {
			assert.ok(exposed.includes(name), name);
		}
	});
});

// Conditional requests and content codings of calls over HTTP (RFC 9110 sections 8.4, 8.8.3 and 13).
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, answerOf, bearer, get, post } from "../support/http-client.ts";

describe("conditions and codings of calls over HTTP", () => {
	let gateway: GatewayProcess;
	let token: string;
	before(async () => {
		gateway = await startGateway();
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(() => gateway.kill9());

	const at = (path: string) => `${gateway.httpUrl}${path}`;
	const put = async (path: string, body: object, headers: Readonly<Record<string, string>>) => {
		const init = { method: "PUT", headers: { "content-type": "application/json", ...bearer(token), ...headers } };
		return answerOf(await fetch(at(path), { ...init, body: JSON.stringify(body) }));
	};

	it("of many changes of what all have seen, one is made", async () => {
		for (const round of [1, 2, 3]) {
			const etag = (await get(at("/api/v1/me"), token)).headers.get("etag") ?? "";
			const calls = Array.from({ length: 8 }, (_, index) => {
				return put("/api/v1/me", { nickname: `n${round}-${index}` }, { "if-match": etag });
			});
			const answers = await Promise.all(calls);
			const made = answers.filter(({ status }) => status === 200);
			assert.equal(made.length, 1, answers.map(({ status }) => status).join(" "));
			for (const { status, body } of answers) {
				if (status !== 200) assert.deepEqual([status, body.code], [412, "PRECONDITION_FAILED"]);
			}
			assert.equal((await get(at("/api/v1/me"), token)).body.user.nickname, made[0]?.body.user.nickname);
		}
	});

	it("a version that the caller names is the one that is compared", async () => {
		const { headers, body } = await get(at("/api/v1/me"), token);
		const condition = { "if-match": headers.get("etag") ?? "" };
		const wrong = await put("/api/v1/me", { nickname: "x", expected_version: body.user.version + 1 }, condition);
		assert.equal(wrong.status, 412);
		const right = await put("/api/v1/me", { nickname: "y", expected_version: body.user.version }, condition);
		assert.equal(right.status, 200);
		assert.equal((await put("/api/v1/me", { nickname: "z", expected_version: 1 }, {})).status, 409);
	});

	it("If-None-Match keeps a change from what is there, and If-Match a GET from what is not asked for", async () => {
		const etag = (await get(at("/api/v1/me"), token)).headers.get("etag") ?? "";
		for (const condition of ["*", etag, `W/${etag}`]) {
			const refused = await put("/api/v1/me", { nickname: "none" }, { "if-none-match": condition });
			assert.deepEqual([refused.status, refused.body.code], [412, "PRECONDITION_FAILED"], condition);
		}
		assert.equal((await get(at("/api/v1/me"), token)).headers.get("etag"), etag, "nothing was changed");
		assert.equal((await get(at("/api/v1/me"), token, { "if-match": '"x"' })).status, 412);
		assert.equal((await get(at("/api/v1/me"), token, { "if-match": `"x", ${etag}` })).status, 200);
		assert.equal((await put("/api/v1/me", { nickname: "new" }, { "if-none-match": '"x"' })).status, 200);
	});

	it("a strong tag is of one coding, and either is known again", async () => {
		const entries = Array.from({ length: 40 }, (_, index) => [`key${index}`, "v".repeat(32)]);
		assert.equal((await put("/api/v1/me", { metadata: Object.fromEntries(entries) }, {})).status, 200);
		const plain = await get(at("/api/v1/me"), token, { "accept-encoding": "identity" });
		const coded = await get(at("/api/v1/me"), token, { "accept-encoding": "gzip" });
		assert.equal(coded.headers.get("content-encoding"), "gzip");
		const tags = [plain, coded].map(({ headers }) => headers.get("etag") ?? "");
		assert.notEqual(tags[0], tags[1]);
		for (const tag of tags) {
			const again = await get(at("/api/v1/me"), token, { "accept-encoding": "gzip", "if-none-match": tag });
			assert.deepEqual([again.status, again.headers.get("etag")], [304, tag]);
			assert.match(again.headers.get("vary") ?? "", /accept-encoding/);
		}
		assert.equal((await put("/api/v1/me", { nickname: "coded" }, { "if-match": tags[1] ?? "" })).status, 200);
	});

	it("codings are named in any case, and x-gzip is gzip", async () => {
		const body = gzipSync(JSON.stringify({ nickname: "packed" }));
		for (const coding of ["gzip", "GZIP", "x-gzip", "X-Gzip"]) {
			const headers = { "content-type": "application/json", "content-encoding": coding, ...bearer(token) };
			const answer = await answerOf(await fetch(at("/api/v1/me"), { method: "PUT", headers, body }));
			assert.deepEqual([answer.status, answer.body.user?.nickname], [200, "packed"], coding);
			const connect = `${at("/framegate.v1.UserService/UpdateUser")}`;
			assert.equal((await fetch(connect, { method: "POST", headers, body })).status, 200, coding);
		}
	});

	it("who is not known gets a challenge, in every style", async () => {
		const answers = [await get(at("/api/v1/me")), await get(at("/api/modules"))];
		for (const path of ["/auth/getUserInfo", "/framegate.v1.AuthService/GetUserInfo"])
			answers.push(await post(at(path), {}));
		for (const { status, headers } of answers) {
			assert.deepEqual([status, headers.get("www-authenticate")], [401, "Bearer"]);
		}
	});

	it("a call by module and function has no parameters in its query", async () => {
		const refused = await post(at("/user/updateUser?nickname=q"), { avatar_url: "https://a.example/b" }, token);
		assert.deepEqual([refused.status, refused.body.violations?.[0]?.field], [422, "nickname"]);
		assert.equal((await post(at("/auth/heartbeat?"), {}, token)).status, 200);
	});
});

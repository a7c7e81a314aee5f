// Unary calls by the Connect protocol on a real gateway: what comes in and goes out on the wire, and what is refused.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	chatRoutes,
	ErrorDetail,
	edgeTelemetryRoutes,
	gameRoutes,
	HeartbeatRequest,
	HeartbeatResponse,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, answerOf, bearer, get, type HttpAnswer, post } from "../support/http-client.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

/** The ErrorDetail of an error in Connect JSON. */
function detailOf({ body }: HttpAnswer): ErrorDetail {
	const [{ type, value }] = body.details as [{ type: string; value: string }];
	assert.equal(type, "framegate.v1.ErrorDetail");
	return ErrorDetail.decode(Buffer.from(value, "base64"));
}

describe("calls by the Connect protocol", () => {
	let gateway: GatewayProcess;
	let token: string;
	before(async () => {
		gateway = await startGateway({ env: { FRAMEGATE_SERVER_ALLOWED_ORIGINS: "https://app.example.com" } });
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(() => gateway.kill9());

	const at = ({ rpcPath }: { readonly rpcPath: string }) => `${gateway.httpUrl}${rpcPath}`;
	const heartbeat = () => at(authRoutes.heartbeat);

	/** A POST of bytes. */
	async function postBytes(body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<Response> {
		return await fetch(heartbeat(), {
			method: "POST",
			headers: { ...bearer(token), ...headers },
			body: Buffer.from(body),
		});
	}

	it("takes and gives JSON, and protobuf", async () => {
		const json = await post(heartbeat(), { clientTimeMs: 5 }, token);
		assert.deepEqual([json.status, json.body.clientTimeMs], [200, "5"]);
		assert.equal(json.headers.get("content-type"), "application/json");
		assert.equal(json.headers.get("cache-control"), "no-store");
		const request = HeartbeatRequest.encode({ clientTimeMs: 7 }).finish();
		const response = await postBytes(request, { "content-type": "application/proto" });
		assert.equal(response.headers.get("content-type"), "application/proto");
		assert.equal(HeartbeatResponse.decode(new Uint8Array(await response.arrayBuffer())).clientTimeMs, 7);
	});

	it("answers GET where a route has no side effects, in either encoding", async () => {
		const message = HeartbeatRequest.encode({ clientTimeMs: 7 }).finish();
		const base64 = Buffer.from(message).toString("base64url");
		const proto = await fetch(`${heartbeat()}?connect=v1&encoding=proto&base64=1&message=${base64}`, {
			headers: bearer(token),
		});
		assert.equal(HeartbeatResponse.decode(new Uint8Array(await proto.arrayBuffer())).clientTimeMs, 7);
		const text = encodeURIComponent('{"clientTimeMs":8}');
		const json = await get(`${heartbeat()}?encoding=json&message=${text}`, token);
		assert.equal(json.body.clientTimeMs, "8");
		const zipped = gzipSync('{"clientTimeMs":9}').toString("base64url");
		const gzip = await get(`${heartbeat()}?encoding=json&base64=1&compression=gzip&message=${zipped}`, token);
		assert.equal(gzip.body.clientTimeMs, "9");
	});

	it("takes no GET for a route with side effects, and says what it takes", async () => {
		const response = await get(at(chatRoutes.sendMessage), token);
		assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST, OPTIONS"]);
		// It changes whom the caller blocks.
		const presence = await fetch(
			`${gateway.httpUrl}/framegate.v1.ChatService/Presence?connect=v1&encoding=json&message={}`,
		);
		assert.equal(presence.status, 405);
		assert.equal(response.body, "");
		const options = await fetch(heartbeat(), { method: "OPTIONS" });
		assert.deepEqual([options.status, options.headers.get("allow")], [204, "POST, GET, HEAD, OPTIONS"]);
	});

	it("inflates gzip, to no more than a request may be", async () => {
		const headers = { "content-type": "application/json", "content-encoding": "gzip" };
		const small = await answerOf(await postBytes(gzipSync('{"clientTimeMs":3}'), headers));
		assert.equal(small.body.clientTimeMs, "3");
		const bomb = gzipSync(Buffer.alloc(10_000_000, 0x20));
		assert.ok(bomb.length < 20_000);
		const large = await answerOf(await postBytes(bomb, headers));
		assert.deepEqual([large.status, large.body.code], [429, "resource_exhausted"]);
		assert.equal(detailOf(large).code, ErrorCode.PAYLOAD_TOO_LARGE);
		const broken = await answerOf(await postBytes(Buffer.from("no gzip"), headers));
		assert.deepEqual([broken.status, broken.body.code], [400, "invalid_argument"]);
		const other = await answerOf(await postBytes(Buffer.from("{}"), { ...headers, "content-encoding": "br" }));
		assert.deepEqual([other.status, other.body.code], [501, "unimplemented"]);
		assert.equal(other.headers.get("accept-encoding"), "gzip, identity");
	});

	it("compresses what is worth it for those who take gzip", async () => {
		const login = await fetch(at(authRoutes.login), {
			method: "POST",
			headers: { "content-type": "application/json", "accept-encoding": "identity" },
			body: JSON.stringify({ username: "ann", password: PASSWORD }),
		});
		assert.equal(login.headers.get("content-encoding"), null);
		assert.match(login.headers.get("vary") ?? "", /accept-encoding/);
		const zipped = await post(at(authRoutes.login), { username: "ann", password: PASSWORD });
		assert.equal(zipped.headers.get("content-encoding"), "gzip");
		assert.ok(zipped.body.tokens.accessToken);
	});

	it("refuses content of another type, and content that is too large before it is read", async () => {
		const type = await postBytes(Buffer.from("{}"), { "content-type": "text/plain" });
		assert.deepEqual([type.status, type.headers.get("accept-post")], [415, "application/json, application/proto"]);
		const large = await post(heartbeat(), `{"clientTimeMs":"${"1".repeat(70_000)}"}`, token);
		assert.equal(detailOf(large).code, ErrorCode.PAYLOAD_TOO_LARGE);
		assert.equal(large.body.code, "resource_exhausted");
	});

	it("names what is wrong with a request, in words and in the detail", async () => {
		const unsound = await post(at(authRoutes.register), { username: "a", password: PASSWORD });
		assert.deepEqual([unsound.status, unsound.body.code], [400, "invalid_argument"]);
		assert.match(unsound.body.message, /username must be at least 3 characters/);
		const { code, violations } = detailOf(unsound);
		assert.equal(code, ErrorCode.VALIDATION_FAILED);
		assert.deepEqual(
			violations?.map(({ field }) => field),
			["username"],
		);
		for (const [content, message] of [
			["", "the content is not JSON"],
			["[]", "body is not a framegate.v1.HeartbeatRequest"],
			["{", "the content is not JSON"],
			["7", "the content is not a JSON object"],
			['{"clientTimeMs":"x"}', "body is not a framegate.v1.HeartbeatRequest"],
			[`${"[".repeat(40)}${"]".repeat(40)}`, "the content is nested more than 32 deep"],
		] as const) {
			const answer = await post(heartbeat(), content, token);
			assert.deepEqual([answer.status, answer.body.code], [400, "invalid_argument"], content);
			assert.ok(answer.body.message.startsWith(message), answer.body.message);
		}
	});

	it("takes the version 1 of the protocol, or none", async () => {
		const ask = (version: string) => post(heartbeat(), {}, token, { "connect-protocol-version": version });
		assert.equal((await ask("1")).status, 200);
		assert.equal((await ask("2")).body.code, "invalid_argument");
		assert.equal((await get(`${heartbeat()}?connect=v2&encoding=json&message={}`, token)).status, 400);
	});

	it("gives up when the time of the caller is over", async () => {
		const login = { username: "ann", password: PASSWORD };
		const late = await post(at(authRoutes.login), login, "", { "connect-timeout-ms": "0" });
		assert.deepEqual([late.status, late.body.code], [504, "deadline_exceeded"]);
		const unsound = await post(heartbeat(), {}, token, { "connect-timeout-ms": "12345678901" });
		assert.equal(unsound.body.code, "invalid_argument");
	});

	it("serves who has a token, and names why not", async () => {
		const nobody = await post(heartbeat(), {});
		assert.deepEqual([nobody.status, nobody.body.code], [401, "unauthenticated"]);
		assert.equal(nobody.headers.get("www-authenticate"), "Bearer");
		const forged = await post(heartbeat(), {}, `${token.slice(0, -4)}AAAA`);
		assert.deepEqual([forged.status, detailOf(forged).code], [401, ErrorCode.UNAUTHENTICATED]);
		const forbidden = await post(at(edgeTelemetryRoutes.readNow), { channels: [1] }, token);
		assert.deepEqual([forbidden.status, forbidden.body.code], [403, "permission_denied"]);
		// Whatever is in the head, a public route has no use for it.
		const login = await post(at(authRoutes.login), { username: "ann", password: PASSWORD }, "no.such.token");
		assert.equal(login.status, 200);
	});

	it("serves no token of a session that has ended", async () => {
		const other = await accessTokenOf(gateway.httpUrl, "ben");
		assert.equal((await post(heartbeat(), {}, other)).status, 200);
		assert.equal((await post(at(authRoutes.logout), {}, other)).body.sessionsEnded, 1);
		assert.equal((await post(heartbeat(), {}, other)).status, 401);
	});

	it("has no connection: routes about one say so, others do without", async () => {
		const room = await post(at(gameRoutes.createRoom), {}, token);
		assert.deepEqual([room.status, room.body.code], [400, "failed_precondition"]);
		assert.equal(room.body.message, "game.createRoom needs a WebSocket connection");
		const created = await post(at(chatRoutes.createChatRoom), { name: "hall", isPublic: true }, token);
		assert.equal(created.status, 200);
		assert.equal(created.body.channel, undefined);
		const other = await accessTokenOf(gateway.httpUrl, "eve");
		const joined = await post(at(chatRoutes.joinChatRoom), { roomId: created.body.room.id }, other);
		assert.equal(joined.body.member.username, "eve");
	});

	it("a message sent over HTTP reaches connections", async () => {
		const { client } = await WireClient.member(gateway.url, "cat");
		const { body } = await post(at(chatRoutes.createChatRoom), { name: "den", isPublic: true }, token);
		const roomId = body.room.id as string;
		assert.equal((await client.ask(chatRoutes.joinChatRoom, { roomId })).code ?? 0, 0);
		const message = { roomId, clientMsgId: "m1", content: { kind: "MESSAGE_KIND_TEXT", text: "hello" } };
		const sent = await post(at(chatRoutes.sendMessage), message, token);
		assert.match(sent.body.stage, /^DELIVERY_STAGE_(PERSISTED|DELIVERED)$/);
		// That of joining the room may come first.
		while (!Buffer.from((await client.push()).body ?? []).includes("hello"));
		await client.close();
	});

	it("lets pages of allowed origins read replies, and errors", async () => {
		const origin = "https://app.example.com";
		const answer = await post(heartbeat(), {}, "", { origin });
		assert.equal(answer.headers.get("access-control-allow-origin"), origin);
		const preflight = await fetch(heartbeat(), {
			method: "OPTIONS",
			headers: { origin, "access-control-request-method": "POST" },
		});
		const allowed = preflight.headers.get("access-control-allow-headers") ?? "";
		for (const name of ["authorization", "content-type", "connect-protocol-version", "connect-timeout-ms"]) {
			assert.ok(allowed.split(", ").includes(name), name);
		}
		const foreign = await post(heartbeat(), {}, "", { origin: "https://evil.example" });
		assert.equal(foreign.headers.get("access-control-allow-origin"), null);
	});

	it("counts calls by route and code", async () => {
		const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
		assert.match(text, /^framegate_http_calls_total\{route="auth\.login",code="OK"\} \d+$/m);
		assert.match(text, /^framegate_http_calls_total\{route="auth\.heartbeat",code="UNAUTHENTICATED"\} \d+$/m);
	});
});

// Idempotency-Key: a call that must not be repeated has one effect, however often and wherever it is sent.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, type HttpAnswer, post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";

/** @param urls - of two nodes, or twice of one. */
function contract(urls: () => readonly [string, string]): void {
	let token: string;
	before(async () => {
		token = await accessTokenOf(urls()[0], "ann");
	});

	const create = (url: string, body: object, key: string, as = token) =>
		post(`${url}/api/v1/groups`, body, as, { "idempotency-key": key });
	const named = async (name: string): Promise<number> => {
		const { body } = await get(`${urls()[0]}/api/v1/groups?only_mine=true&limit=100`, token);
		return body.rooms.filter((room: { name: string }) => room.name === name).length;
	};

	it("100 parallel posts with one key have one effect; the others are running, or have its result", async () => {
		const answers = await Promise.all(
			Array.from({ length: 100 }, (_, index) => create(urls()[index % 2] as string, { name: "one" }, '"k-1"')),
		);
		const statuses = new Set(answers.map(({ status }) => status));
		assert.ok(
			[...statuses].every((status) => status === 200 || status === 409),
			[...statuses].join(", "),
		);
		const rooms = answers.filter(({ status }) => status === 200).map(({ body }) => body.room.id);
		assert.deepEqual([rooms.length > 0, new Set(rooms).size], [true, 1]);
		for (const { status, headers } of answers) if (status === 409) assert.equal(headers.get("retry-after"), "1");
		assert.equal(await named("one"), 1);
		const [, other] = urls();
		assert.equal((await create(other, { name: "one" }, "k-1")).body.room.id, rooms[0], "quotes are no part of it");
	});

	it("the same key for something else is refused, and a key of somebody else is another", async () => {
		const [one, other] = urls();
		assert.equal((await create(one, { name: "two" }, "k-2")).status, 200);
		const refused: HttpAnswer = await create(other, { name: "three" }, "k-2");
		assert.deepEqual([refused.status, refused.body.violations[0].field], [422, "Idempotency-Key"]);
		const elsewhere = await post(`${other}/api/v1/auth/logout`, {}, token, { "idempotency-key": "k-2" });
		assert.equal(elsewhere.status, 422, "also of another route");
		const ben = await accessTokenOf(one, "ben");
		assert.equal((await create(other, { name: "two" }, "k-2", ben)).status, 200);
		assert.equal(await named("two"), 1);
	});

	it("a call that failed may be sent again, and other ways to call know the result", async () => {
		const [one, other] = urls();
		const failed = await create(one, { name: "four", member_ids: ["nobody"] }, "k-4");
		assert.equal(failed.status, 422);
		const sent = await create(one, { name: "four" }, "k-4");
		const connect = `${other}/framegate.v1.ChatService/CreateChatRoom`;
		const again = await post(connect, { name: "four" }, token, { "idempotency-key": "k-4" });
		assert.equal(again.body.room.id, sent.body.room.id);
	});

	it("a key is 1 to 255 visible characters", async () => {
		for (const key of [" ", "a b", "x".repeat(256), '"']) {
			assert.equal((await create(urls()[0], { name: "five" }, key)).status, 400, key);
		}
		assert.equal(await named("five"), 0);
	});
}

describe("Idempotency-Key on one node", () => {
	let gateway: GatewayProcess;
	before(async () => {
		gateway = await startGateway({ env: UNLIMITED });
	});
	after(() => gateway.kill9());
	contract(() => [gateway.httpUrl, gateway.httpUrl]);
});

describe("Idempotency-Key on two nodes", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-keys-"));
	let redis: RealServer;
	let nodes: GatewayProcess[];
	before(async () => {
		redis = await startRedis();
		const env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
			JWT_SECRET: "a secret for two nodes of a test, long enough",
		};
		nodes = [await startGateway({ env }), await startGateway({ env })];
	});
	after(async () => {
		await Promise.all(nodes.map((node) => node.kill9()));
		await redis.stop();
		rmSync(directory, { recursive: true });
	});
	contract(() => nodes.map(({ httpUrl }) => httpUrl) as [string, string]);
});

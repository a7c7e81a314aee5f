// The pages about modules and the examples: what they show is loaded and called in a running gateway.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { ErrorCode } from "../../protocol/codes.ts";
import { chatRoutes, MessageKind, pushes } from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";
import { codeBlocks, page, section } from "./markdown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = page("docs/modules.md");
const first = (title: string, language: string) => codeBlocks(section(text, title), language)[0] ?? "";

describe("modules of the pages and of the examples", () => {
	let dir: string;
	let gateway: GatewayProcess;
	let token: string;
	const at = (path: string) => `${gateway.httpUrl}${path}`;

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		cpSync(join(root, "examples/modules"), dir, { recursive: true });
		writeFileSync(join(dir, "greeter.ts"), first("Ten minutes", "ts"));
		writeFileSync(join(dir, "params.ts"), first("Functions", "ts"));
		writeFileSync(join(dir, "orders.ts"), first("What a module keeps, counts and is configured by", "ts"));
		mkdirSync(join(dir, "protoshop"));
		const source = first("Functions of a .proto file", "ts");
		// Paths below /api/ may belong to one module only, and the example has them as well.
		const proto = first("Functions of a .proto file", "proto").replace("/api/v1/shop/", "/api/v1/protoshop/");
		writeFileSync(join(dir, "protoshop/shop.proto"), proto);
		writeFileSync(join(dir, "protoshop/index.ts"), source);
		writeFileSync(join(dir, "hooked.ts"), first("Hooks", "ts"));
		gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_LOG_LEVEL: "info",
				FRAMEGATE_MODULES_CONFIG: JSON.stringify({
					orders: { bank: "https://bank.example" },
					shop: { ordersPerMinute: 2 },
					chatfilter: { words: ["heck"] },
				}),
			},
		});
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	it("are all served", async () => {
		const expected = ["chatfilter", "greeter", "hooked", "orders", "params", "pong", "protoshop", "shop", "tricks"];
		const served = () =>
			[...gateway.log().matchAll(/"module":"(\w+)","generation":1,[^\n]*a generation of a module serves/g)]
				.map(([, name]) => name)
				.sort();
		// The log comes in its own time.
		await until(() => served().length >= expected.length);
		assert.deepEqual(served(), expected);
	});

	it("are called by the commands of the page", () => {
		const commands = codeBlocks(section(text, "Ten minutes"), "sh").find((block) => block.includes("curl")) ?? "";
		const here = commands.replaceAll("http://localhost:8080", gateway.httpUrl).replace("/shop/hello", "/greeter/hello");
		const { stdout, stderr } = spawnSync("sh", ["-c", here], { encoding: "utf8" });
		assert.match(
			stdout,
			/\{"success":true,"data":\{"message":"Hello, Ada!"\},"endpoint":"\/greeter\/hello"\}\n$/,
			stderr,
		);
	});

	it("answer as the pages say", async () => {
		assert.deepEqual((await post(at("/greeter/hello"), { token, body: { name: "Ada" } })).body.data, {
			message: "Hello, Ada!",
		});
		const repeated = await post(at("/params/hello"), { name: "Ada", times: 2 }, token);
		assert.deepEqual(repeated.body.data, { message: "Hello, Ada! Hello, Ada! " });
		const ordered = await post(at("/orders/order"), { item_id: 1 }, token);
		assert.deepEqual(ordered.body.data, { ordered: false, today: 1 }, "there are no items yet");
		assert.equal((await post(at("/orders/order"), { item_id: 1 }, token)).body.data.today, 2);
		const bought = await post(at("/api/v1/protoshop/s/orders"), { items: ["a", "b"] }, token);
		assert.deepEqual(bought.body, { order_number: 2 });
		assert.equal(
			(await post(at("/shop.v1.Shop/Buy"), { shopId: "s", items: [] }, token)).body.code,
			"invalid_argument",
		);
	});

	it("the shop sells what it has, so many orders a minute, once each", async () => {
		assert.deepEqual((await get(at("/api/v1/shop/items/apple"))).body, { item: "apple", stock: 3 });
		assert.equal((await get(at("/api/v1/shop/items/plum"))).status, 404);
		const order = (count: number) => post(at("/api/v1/shop/items/apple/orders"), { count }, token);
		assert.deepEqual((await order(2)).body, { item: "apple", left: 1 });
		const none = await order(2);
		assert.deepEqual([none.status, none.body.code], [409, "CONFLICT"]);
		const again = await order(1);
		// A minute may have begun meanwhile.
		assert.ok(again.body.code === "RATE_LIMITED" || again.body.left === 0, JSON.stringify(again.body));
		const metrics = (await get(at("/metrics"))).body as string;
		assert.match(metrics, /framegate_module_counter_total\{module="shop",metric="orders",outcome="sold"\} [12]/);
	});

	it("the filter hides words and refuses links", async () => {
		const { client } = await WireClient.member(gateway.url, "bob");
		const created = await client.ask(chatRoutes.createChatRoom, { name: "tea" });
		const roomId = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		const send = (clientMsgId: string, body: string) =>
			client.ask(chatRoutes.sendMessage, { roomId, clientMsgId, content: { kind: MessageKind.TEXT, text: body } });
		assert.equal((await send("1", "what the heck, darn")).code, ErrorCode.OK);
		let push = await client.push();
		while (push.protocol !== pushes.messagePosted.number) push = await client.push();
		const { message } = pushes.messagePosted.message.decode(push.body ?? new Uint8Array());
		assert.equal(message?.content?.text, "what the ****, d**n", "the example's words, then the page's");
		const refused = await send("2", "see http://example.org");
		assert.deepEqual(
			[refused.code, refused.error?.message],
			[ErrorCode.PERMISSION_DENIED, "links are for trusted users"],
		);
		assert.equal((await send("3", "spam")).error?.message, "no spam here");
		client.socket.close();
	});
});

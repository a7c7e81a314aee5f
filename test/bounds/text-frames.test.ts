// How much one text frame may say: within the bounds it is read, beyond them it is refused before it is looked through.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode } from "../../protocol/codes.ts";
import { readMessage } from "../../server/dialects/edge-json-requests.ts";
import { GatewayFixture } from "../core/gateway-fixture.ts";

describe("a text frame", () => {
	for (const [name, body] of Object.entries({
		"nested too deep": "[".repeat(32) + "]".repeat(32),
		"of too many objects": `{"z":[${"{},".repeat(9_000)}{}]}`,
		"of too many numbers": `{"z":[${"1,".repeat(17_000)}1]}`,
	})) {
		for (const [dialect, frame] of Object.entries({
			JSON: `{"protocol":1005,"seq":1,"body":${body}}`,
			"the older JSON dialect": `{"type":"ping","id":"1","data":${body}}`,
			"the IM dialect": `{"type":"send-message","message_id":"1","data":${body}}`,
		})) {
			it(`${name} closes the connection with a terminal code: ${dialect}`, () => {
				const client = new GatewayFixture({ olderDialect: true, imDialect: true }).member("ann");
				client.socket.sendToServer(frame);
				assert.equal(client.closeCode, CloseCode.BAD_FRAME);
				assert.match(client.socket.closed?.reason ?? "", /JSON (nested more than 32 deep|more than 16384 values)/);
			});
		}
	}

	it("within its bounds is read", () => {
		const client = new GatewayFixture().member("ann");
		client.socket.sendToServer(`{"protocol":1005,"seq":1,"body":{"z":${"[".repeat(30)}${"]".repeat(30)}}}`);
		client.socket.sendToServer(`{"protocol":1005,"seq":2,"body":{"z":[${"{},".repeat(8_000)}{}]}}`);
		assert.deepEqual(
			client.texts().map(({ seq, code }) => [seq, code]),
			[
				[1, undefined],
				[2, undefined],
			],
		);
	});
});

describe("a message of the older dialect", () => {
	const message = (type: string) => ({ type, id: "", sentAt: "", receivedAtMs: 0 });

	it("says what is too much of a message, before it is looked through", () => {
		const refused = (type: string, data: object) => {
			const read = readMessage(message(type), data);
			return typeof read === "string" ? read : "";
		};
		const many = (count: number) => Array.from({ length: count }, (_, index) => index);
		assert.match(refused("subscribe", { channels: many(10_001) }), /^data\.channels: more than 10000/);
		assert.match(refused("unsubscribe", { channels: many(1001) }), /^data\.channels: more than 1000/);
		assert.match(refused("subscribe", { channels: [1], source: "x".repeat(129) }), /^data\.source: /);
		assert.match(refused("subscribe", { channels: [1], data_types: Array(17).fill("T") }), /^data\.data_types: /);
		assert.match(refused("subscribe", { channels: [1], data_types: ["T".repeat(60_000)] }), /^data\.data_types: /);
		assert.match(refused("subscribe", { channels: ["1".repeat(60_000)] }), /^data\.channels\[0\]: /);
		assert.equal(readMessage(message("subscribe"), { channels: many(1000) }).length, 1);
	});

	it("settings of a channel stand before those of the message, which are looked at once", () => {
		let reads = 0;
		const data = {
			channels: [1, 2, { channel_id: 3, interval: 500 }, { channel_id: 4 }],
			interval: 2000,
			get source() {
				reads++;
				return "comsrv";
			},
		};
		const read = readMessage(message("subscribe"), data);
		assert.ok(typeof read !== "string");
		const bodies = read.map(({ body }) => body as Record<string, unknown>);
		assert.deepEqual(
			bodies.map(({ channels, intervalMs, source }) => [channels, intervalMs, source]),
			[
				[[1, 2, 4], 2000, "comsrv"],
				[[3], 500, "comsrv"],
			],
		);
		assert.equal(reads, 1 + 2);
	});
});

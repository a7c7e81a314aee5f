// When the page connects again, and where it says that it stands.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { Positions, recoveriesIn } from "../../../web/connection/positions.ts";
import { closeCodeName, reconnectDelayMs } from "../../../web/connection/reconnect.ts";

describe("connecting again", () => {
	it("waits as long as the reason says", () => {
		assert.equal(reconnectDelayMs({ code: 4000, reason: "drain; retry_after_ms=1500" }, 0, 0), 1500);
	});

	it("backs off up to 15 s with jitter, where the reason says nothing", () => {
		const delays = [0, 1, 2, 20].map((attempt) => reconnectDelayMs({ code: 1006, reason: "" }, attempt, 1));
		assert.deepEqual(delays, [500, 1000, 2000, 15_000]);
		assert.equal(reconnectDelayMs({ code: 1006, reason: "" }, 0, 0), 250);
	});

	it("does not happen after a terminal code, and every code has a name", () => {
		for (const [name, code] of Object.entries(CloseCode)) {
			const isTerminal = code >= 4500 || name === "REPLACED";
			assert.equal(reconnectDelayMs({ code, reason: "" }, 0, 0) === undefined, isTerminal, name);
			assert.equal(closeCodeName(code), name);
		}
		assert.equal(closeCodeName(4999), undefined);
	});
});

describe("positions", () => {
	it("are learned from replies, wherever in them they are, and from pushes", () => {
		const positions = new Positions();
		positions.reply("LoginResponse", { positions: [{ channel: "user:1", offset: "4", epoch: "e" }] });
		positions.reply("CreateChatRoomResponse", { room: { id: "r" }, channel: "room:r", offset: "1", epoch: "f" });
		positions.push("room:r", { offset: 2, epoch: "f" });
		positions.push("", { offset: 9, epoch: "" });
		assert.deepEqual(positions.presented(), [
			{ channel: "user:1", offset: "4", epoch: "e" },
			{ channel: "room:r", offset: "2", epoch: "f" },
		]);
	});

	it("of channels that are not subscribed to any more are forgotten", () => {
		const positions = new Positions();
		positions.push("room:r", { offset: 2, epoch: "f" });
		assert.ok(positions.has("room:r"));
		positions.reply("ConnectResponse", { recoveries: [{ channel: "room:r" }] });
		assert.equal(positions.size, 0);
		positions.reply("ChannelReset", { channel: "room:r", offset: "3", epoch: "g" });
		positions.reply("ChannelReset", { channel: "room:r" });
		assert.equal(positions.size, 0);
	});

	it("say whether the channel was recovered", () => {
		const body = {
			recoveries: [
				{ channel: "a", recovered: true, offset: "3", epoch: "e" },
				{ channel: "b", epoch: "e" },
			],
		};
		const recovered = recoveriesIn("ConnectResponse", body).map((each) => each.recovered);
		assert.deepEqual(recovered, [true, false]);
	});
});

// How a client handles pushes on recoverable channels: duplicates, gaps, and what a reconnect brings.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Channels, subscribedBy } from "../../client/channels/channels.ts";
import type { Envelope } from "../../protocol/gen/schema.ts";

class Ledger {
	/** In the order it happened: `5` for a push, `!5` for a gap before 6, `=5` for a recovery. */
	readonly seen: string[] = [];
	readonly channels = new Channels({
		onPush: ({ offset }) => this.seen.push(String(offset)),
		onRecovery: ({ recovered, offset }) => this.seen.push(`${recovered ? "=" : "!"}${offset}`),
	});

	push(offset: number, epoch = "e", channel = "room:1"): this {
		this.channels.receive({ protocol: 2501, seq: 0, channel, offset, epoch } as Envelope);
		return this;
	}

	presented(): (string | number)[][] {
		return this.channels.present().map(({ channel = "", offset = 0, epoch = "" }) => [channel, offset, epoch]);
	}

	recover(recovered: boolean, offset: number, epoch = "e"): this {
		this.channels.resumed([{ channel: "room:1", recovered, offset, epoch }]);
		return this;
	}
}

test("delivers the next push, drops a duplicate, and reports a gap before the push after it", () => {
	const ledger = new Ledger();
	ledger.channels.subscribed("room:1", { offset: 3, epoch: "e" });
	ledger.push(3).push(4).push(4).push(5).push(8).push(7).push(9);
	assert.deepEqual(ledger.seen, ["4", "5", "!7", "8", "9"]);
	ledger.push(1, "f").push(2, "f");
	assert.deepEqual(ledger.seen.slice(5), ["!0", "1", "2"]);
});

test("accepts pushes that overtake the reply to the join, and any epoch on an empty channel", () => {
	const ledger = new Ledger();
	ledger.push(6);
	ledger.channels.subscribed("room:1", { offset: 5, epoch: "e" });
	ledger.push(6).push(7);
	ledger.channels.subscribed("room:2", { offset: 0, epoch: "" });
	ledger.push(1, "g", "room:2");
	assert.deepEqual(ledger.seen, ["6", "7", "1"]);
});

test("after a reconnect takes missed pushes before the reply, and holds live ones behind a gap until the reply", () => {
	const ledger = new Ledger();
	ledger.push(5);
	assert.deepEqual(ledger.presented(), [["room:1", 5, "e"]]);
	ledger.push(6).push(7).recover(true, 7).push(8);
	assert.deepEqual(ledger.seen, ["5", "6", "7", "=7", "8"]);
	ledger.presented();
	ledger.push(100).push(101).recover(false, 99).push(102);
	assert.deepEqual(ledger.seen.slice(5), ["!99", "100", "101", "102"]);
	ledger.presented();
	// The connection breaks before the reply: what was held comes again.
	ledger.push(110);
	ledger.channels.interrupted();
	assert.deepEqual(ledger.presented(), [["room:1", 102, "e"]]);
});

test("reports a gap when the gateway claims a recovery whose pushes never came", () => {
	const ledger = new Ledger();
	ledger.push(5).channels.present();
	ledger.recover(true, 9);
	assert.deepEqual(ledger.seen, ["5", "!9"]);
	ledger.channels.present();
	ledger.channels.resumed([]);
	assert.deepEqual(ledger.seen.slice(2), ["!0"]);
	// Published while nothing listened, to a channel that was empty when it was joined.
	const empty = new Ledger();
	empty.channels.subscribed("room:1", { offset: 0, epoch: "" });
	empty.channels.present();
	empty.recover(true, 4);
	assert.deepEqual(empty.seen, ["!4"]);
});

test("ignores a reset to the present position, and reports any other as a gap", () => {
	const ledger = new Ledger();
	ledger.channels.subscribed("room:1", { offset: 3, epoch: "e" });
	ledger.channels.reset("room:1", { offset: 3, epoch: "e" });
	ledger.push(4);
	ledger.channels.reset("room:1", { offset: 3, epoch: "e" });
	ledger.push(4).push(5);
	assert.deepEqual(ledger.seen, ["4", "5"]);
	ledger.channels.reset("room:1", { offset: 7, epoch: "e" });
	ledger.channels.reset("room:1", { offset: 2, epoch: "f" });
	ledger.push(3, "f");
	ledger.channels.reset("room:2", { offset: 9, epoch: "g" });
	assert.deepEqual(ledger.seen.slice(2), ["!7", "!2", "3", "!9"]);
});

test("presents a channel no more after it was refused twice", () => {
	const ledger = new Ledger();
	ledger.push(5);
	for (const presented of [[["room:1", 5, "e"]], [["room:1", 0, ""]], []]) {
		assert.deepEqual(ledger.presented(), presented);
		if (presented.length > 0) ledger.recover(false, 0, "");
	}
});

test("remembers no more channels than Connect takes, and reports the forgotten one", () => {
	const ledger = new Ledger();
	for (let i = 0; i < 1001; i++) ledger.channels.subscribed(`room:${i}`, { offset: 1, epoch: "e" });
	const presented = ledger.presented();
	assert.deepEqual([presented.length, presented[0]?.[0]], [1000, "room:1"]);
	assert.deepEqual(ledger.seen, ["!0"]);
});

test("finds subscribed channels in replies, and ignores other fields named channel", () => {
	const position = { channel: "user:1", offset: 2, epoch: "e" };
	assert.deepEqual([...subscribedBy(position)], [["user:1", { offset: 2, epoch: "e" }]]);
	assert.deepEqual([...subscribedBy({ positions: [position] })], [["user:1", { offset: 2, epoch: "e" }]]);
	assert.deepEqual([...subscribedBy({ channel: "temperature" })], []);
});

test("delivers each push once and in order, or reports a gap, despite losses, duplicates and disconnects", () => {
	// A gateway with a log; each step publishes, and may lose the push, send it twice, or break the connection.
	const step = fc.constantFrom("send", "send", "send", "lose", "twice", "reconnect", "forget");
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const ledger = new Ledger();
			ledger.channels.subscribed("room:1", { offset: 0, epoch: "e" });
			let top = 0;
			for (const what of steps) {
				if (what === "reconnect" || what === "forget") {
					const [, since] = ledger.presented()[0] as [string, number];
					top++;
					const isHeld = what === "reconnect";
					for (let offset = since + 1; isHeld && offset <= top; offset++) ledger.push(offset);
					ledger.recover(isHeld, top);
					continue;
				}
				top++;
				if (what !== "lose") ledger.push(top);
				if (what === "twice") ledger.push(top);
			}
			let expected = 1;
			for (const entry of ledger.seen) {
				const offset = Number(entry.replace(/^[!=]/, ""));
				if (entry.startsWith("!")) expected = offset + 1;
				else if (entry.startsWith("=")) assert.equal(offset, expected - 1);
				else assert.equal(offset, expected++);
			}
		}),
	);
});

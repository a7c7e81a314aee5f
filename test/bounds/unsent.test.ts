// What clients do not read is bounded over all connections of a process.
import assert from "node:assert/strict";
import { it } from "node:test";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import { GatewayFixture } from "../core/gateway-fixture.ts";

const writer = new EnvelopeWriter();
const frame = writer.push(pushes.reconnect.number, pushes.reconnect.message, { reason: "x".repeat(950) }).slice();

/** Members who do not read, with so many messages waiting for each. */
function stalled(fixture: GatewayFixture, ...messages: readonly number[]) {
	return messages.map((count, index) => {
		const client = fixture.member(`user-${index}`);
		client.socket.reading = false;
		for (let sent = 0; sent < count; sent++) client.connection.send(frame, pushes.reconnect.message);
		return client;
	});
}

it("those with most of it are torn down, until a quarter of the budget is free", () => {
	const fixture = new GatewayFixture({ limits: { maxUnsentBytes: 10 * frame.length } });
	const clients = stalled(fixture, 1, 6, 2, 3);
	fixture.advance(1000);
	assert.deepEqual(
		clients.map(({ closeCode }) => closeCode),
		[undefined, 1006, undefined, undefined],
	);
	assert.deepEqual([fixture.counters.overUnsentBudget, fixture.counters.unsentBytes], [1, 6 * frame.length]);
});

it("within it nobody is, and readers never are", () => {
	const fixture = new GatewayFixture({ limits: { maxUnsentBytes: 10 * frame.length } });
	const clients = stalled(fixture, 4, 6);
	const reader = fixture.member("reader");
	for (let sent = 0; sent < 50; sent++) reader.connection.send(frame, pushes.reconnect.message);
	fixture.advance(1000);
	assert.deepEqual(
		[...clients, reader].map(({ closeCode }) => closeCode),
		[undefined, undefined, undefined],
	);
	for (const { socket } of clients) socket.resume();
	fixture.advance(1000);
	assert.deepEqual([fixture.counters.overUnsentBudget, fixture.counters.unsentBytes], [0, 0]);
});

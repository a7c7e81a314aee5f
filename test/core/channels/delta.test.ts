// Deltas on the live path and after recoveries: each refers to the publication before it, which its receivers have.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeltaCodec } from "../../../messaging/publisher.ts";
import { ChannelReset, Envelope, pushes } from "../../../protocol/gen/schema.ts";
import type { FixtureClient } from "../gateway-fixture.ts";
import { hubFixture } from "./hub-fixture.ts";

const DOC = "docs:1";
const DELTAS = { deltas: true };
const POLICY = { isRecoverable: true, isRevocable: true, hasDeltas: true, hasPresence: false };

/** A "delta" that says between which offsets it is. */
const codec: DeltaCodec = {
	encode: (previous, next) => {
		const { protocol, channel, offset, epoch } = Envelope.decode(next);
		const body = new TextEncoder().encode(`${Envelope.decode(previous).offset}→${offset}`);
		return Envelope.encode({ protocol, channel, offset, epoch, body }).finish();
	},
};

function setUp(maxBufferedBytes?: number) {
	const access = { canSubscribe: async () => true, policyOf: () => POLICY };
	return hubFixture({ access, deltas: codec, ...(maxBufferedBytes && { maxBufferedBytes }) });
}

/** Lets everything run that is not held back. */
async function settle(): Promise<void> {
	for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** What arrived: whole publications by offset, deltas as "from→to", resets as "reset to". */
function arrived(client: FixtureClient): (number | string)[] {
	return client.take().map(({ protocol, offset = 0, body = new Uint8Array() }) => {
		if (protocol === pushes.channelReset.number) return `reset to ${ChannelReset.decode(body).offset}`;
		const text = new TextDecoder().decode(body);
		return text.includes("→") ? text : offset;
	});
}

/** A subscriber that takes deltas and has the first publication, and one that takes none. */
async function withSubscribers() {
	const all = setUp();
	const [taker, other] = [all.fixture.member("ann"), all.fixture.member("bob")];
	await taker.connection.subscribeChannel(DOC, undefined, DELTAS);
	await other.connection.subscribeChannel(DOC);
	all.broker.post(DOC);
	all.broker.post(DOC);
	assert.deepEqual(
		[arrived(taker), arrived(other)],
		[
			[1, "1→2"],
			[1, 2],
		],
	);
	return { ...all, taker, other };
}

describe("deltas on the live path", () => {
	it("continue over a gap that is filled", async () => {
		const { broker, channels, taker, other } = await withSubscribers();
		broker.isDeaf = true;
		broker.post(DOC);
		broker.isDeaf = false;
		broker.post(DOC);
		await settle();
		assert.equal(channels.gaps, 1);
		assert.deepEqual(
			[arrived(taker), arrived(other)],
			[
				["2→3", "3→4"],
				[3, 4],
			],
		);
	});

	it("begin again with a whole publication after a reset", async () => {
		const { broker, channels, taker, other } = await withSubscribers();
		broker.isDeaf = true;
		broker.post(DOC);
		broker.post(DOC);
		broker.isDeaf = false;
		broker.trim(DOC, 4);
		broker.post(DOC);
		await settle();
		assert.equal(channels.resets, 1);
		assert.deepEqual([arrived(taker), arrived(other)], [["reset to 5"], ["reset to 5"]]);
		broker.post(DOC);
		broker.post(DOC);
		assert.deepEqual(
			[arrived(taker), arrived(other)],
			[
				[6, "6→7"],
				[6, 7],
			],
		);
	});

	it("begin again with a whole publication in a new epoch, also where its offset is the next one", async () => {
		const { broker, taker, other } = await withSubscribers();
		broker.isDeaf = true;
		broker.renew(DOC, "e2");
		broker.post(DOC);
		broker.post(DOC);
		broker.isDeaf = false;
		broker.interrupt();
		await settle();
		assert.deepEqual([arrived(taker), arrived(other)], [["reset to 2"], ["reset to 2"]]);
		broker.post(DOC);
		broker.post(DOC);
		assert.deepEqual(
			[arrived(taker), arrived(other)],
			[
				[3, "3→4"],
				[3, 4],
			],
		);
	});
});

describe("deltas after a recovery", () => {
	it("begin at once where it ended with the last publication, and otherwise after the next whole one", async () => {
		const { fixture, broker } = await withSubscribers();
		const [behind, current] = [fixture.member("eve"), fixture.member("tom")];
		await behind.connection.subscribeChannel(DOC, { offset: 1, epoch: "e1" }, DELTAS);
		await current.connection.subscribeChannel(DOC, { offset: 2, epoch: "e1" }, DELTAS);
		broker.post(DOC);
		broker.post(DOC);
		assert.deepEqual(arrived(behind), [2, "2→3", "3→4"]);
		assert.deepEqual(arrived(current), [3, "3→4"]);
	});

	it("wait for a whole publication where the end of the recovery was not held any more", async () => {
		const { fixture, broker } = setUp(4_000);
		const other = fixture.member("bob");
		await other.connection.subscribeChannel(DOC, undefined, DELTAS);
		const body = new Uint8Array(1000);
		for (let i = 0; i < 8; i++) broker.post(DOC, body);
		const client = fixture.member("ann");
		client.socket.reading = false;
		const subscribing = client.connection.subscribeChannel(DOC, { offset: 0, epoch: "e1" }, DELTAS);
		await settle();
		broker.trim(DOC, 8);
		client.socket.resume();
		assert.equal((await subscribing).isRecovered, false);
		assert.deepEqual(arrived(client), [1, 2, 3]);
		broker.post(DOC);
		broker.post(DOC);
		assert.deepEqual(arrived(client), [9, "9→10"]);
	});
});

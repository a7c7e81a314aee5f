// One contract for the broker, run in memory, and with two processes on a real Redis, Redis Cluster and Sentinel.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { Envelope } from "../../../protocol/gen/schema.ts";
import { until } from "../../support/until.ts";
import { type Backend, backends, textOf } from "./broker-backends.ts";
import { frameOf, kept, type ListeningNode, publishMany } from "./listening-node.ts";

for (const [name, start] of Object.entries(backends)) {
	describe(`broker: ${name}`, () => {
		let backend: Backend;
		let a: ListeningNode;
		let b: ListeningNode;
		const fresh = () => `room:${uuidv7()}`;

		before(async () => {
			backend = await start();
			[a, b] = backend.nodes;
		});
		after(() => backend.stop());

		test("delivers the published frame with its position in it, and returns the same in history", async () => {
			const channel = fresh();
			await Promise.all([a.broker.subscribe(channel), b.broker.subscribe(channel)]);
			const frame = frameOf(channel, "hello");
			const publishing = a.broker.publish(channel, frame, kept);
			frame.fill(0);
			const position = await publishing;
			assert.equal(position.offset, 1);
			assert.match(position.epoch, /^[\w-]{8,64}$/);
			const [here] = await a.untilGot(channel, 1);
			const [there] = await b.untilGot(channel, 1);
			assert.ok(here && there);
			assert.deepEqual({ offset: here.offset, epoch: here.epoch }, position);
			assert.deepEqual({ offset: there.offset, epoch: there.epoch }, position);
			const envelope = Envelope.decode(here.frame);
			assert.equal(envelope.protocol, 1504);
			assert.equal(envelope.channel, channel);
			assert.equal(envelope.offset, 1);
			assert.equal(envelope.epoch, position.epoch);
			assert.equal(textOf(here), "hello");
			const { publications } = await b.broker.history(channel, { offset: 0, epoch: position.epoch }, 10);
			assert.equal(publications.length, 1);
			const bytes = Buffer.from(here.frame);
			assert.ok(bytes.equals(there.frame) && bytes.equals(publications[0]?.frame as Uint8Array));
		});

		test("publishes once under a key, whichever node is asked, and again under another key or on another channel", async () => {
			const [channel, elsewhere] = [fresh(), fresh()];
			await b.broker.subscribe(channel);
			const once = { ...kept, once: { key: "publisher:1", keptMs: 60_000 } };
			const first = await a.broker.publish(channel, frameOf(channel, "first"), once);
			const repeats = await Promise.all(
				[a, b].map(({ broker }) => broker.publish(channel, frameOf(channel, "again"), once)),
			);
			assert.deepEqual(repeats, [
				{ ...first, isRepeat: true },
				{ ...first, isRepeat: true },
			]);
			const other = { ...kept, once: { ...once.once, print: "other" } };
			for (const { broker } of [a, b]) {
				assert.deepEqual(await broker.published(channel, once.once), { ...first, isRepeat: true });
				assert.equal(await broker.published(elsewhere, once.once), undefined);
				await assert.rejects(broker.published(channel, other.once), { code: ErrorCode.VALIDATION_FAILED });
				await assert.rejects(broker.publish(channel, frameOf(channel, "other"), other), {
					code: ErrorCode.VALIDATION_FAILED,
				});
			}
			const next = await b.broker.publish(channel, frameOf(channel, "next"), {
				...kept,
				once: { key: "publisher:2", keptMs: 60_000 },
			});
			assert.deepEqual(next, { offset: 2, epoch: first.epoch });
			assert.deepEqual((await b.untilGot(channel, 2)).map(textOf), ["first", "next"]);
			assert.equal((await a.broker.publish(elsewhere, frameOf(elsewhere, "there"), once)).offset, 1);
		});

		test("publishes again under a key that is not known any more", async () => {
			const channel = fresh();
			const once = { ...kept, once: { key: "brief", keptMs: 1 } };
			const { offset } = await a.broker.publish(channel, frameOf(channel, "first"), once);
			let latest = offset;
			await until(async () => {
				latest = (await a.broker.publish(channel, frameOf(channel, "again"), once)).offset;
				return latest > offset;
			});
			assert.equal(latest, 2);
		});

		test("lists the channels that any node subscribes to, by the beginning of their names", async () => {
			const prefix = `market:${uuidv7()}:`;
			const names = ["a", "b", "c"].map((name) => prefix + name);
			await a.broker.subscribe(`${prefix}a`);
			await b.broker.subscribe(`${prefix}b`);
			await b.broker.subscribe(`${prefix}c`);
			await b.broker.subscribe(fresh());
			assert.deepEqual([...new Set(await a.broker.activeChannels(prefix))].sort(), names);
			await b.broker.unsubscribe(`${prefix}c`);
			await until(async () => (await a.broker.activeChannels(prefix)).length === 2);
		});

		test("concurrent publishers: one order without a gap on every node, each publisher's own order kept", async () => {
			const channel = fresh();
			await Promise.all([a.broker.subscribe(channel), b.broker.subscribe(channel)]);
			const publishers = [a, b].flatMap((node, publisher) =>
				Array.from({ length: 300 }, (_, n) =>
					node.broker.publish(channel, frameOf(channel, `${publisher}:${n}`), { ...kept, historySize: 1000 }),
				),
			);
			const positions = await Promise.all(publishers);
			const here = await a.untilGot(channel, 600);
			const there = await b.untilGot(channel, 600);
			assert.deepEqual(
				here.map(({ offset }) => offset),
				Array.from({ length: 600 }, (_, index) => index + 1),
			);
			assert.deepEqual(here.map(textOf), there.map(textOf));
			assert.equal(new Set(positions.map(({ epoch }) => epoch)).size, 1);
			assert.deepEqual(
				positions.map(({ offset }) => offset).sort((x, y) => x - y),
				here.map(({ offset }) => offset),
			);
			for (const publisher of ["0:", "1:"]) {
				const own = here.map(textOf).filter((text) => text.startsWith(publisher));
				assert.deepEqual(
					own,
					own.map((_, n) => `${publisher}${n}`),
				);
			}
			const { publications, isComplete } = await b.broker.history(channel, { ...here[0], offset: 0 } as never, 1000);
			assert.ok(isComplete);
			assert.deepEqual(publications.map(textOf), here.map(textOf));
		});

		test("history: complete from any held position, incomplete from one before, ahead or of another epoch", async () => {
			const channel = fresh();
			const size = 10;
			let epoch = "";
			for (let n = 1; n <= 25; n++) {
				({ epoch } = await a.broker.publish(channel, frameOf(channel, `${n}`), { ...kept, historySize: size }));
			}
			const top = { offset: 25, epoch };
			const read = async (offset: number, limit = 100) => {
				const { publications, ...rest } = await b.broker.history(channel, { offset, epoch }, limit);
				assert.deepEqual(rest.top, top);
				const offsets = publications.map((publication) => publication.offset);
				assert.deepEqual(publications.map(textOf), offsets.map(String));
				return [offsets, rest.isComplete];
			};
			const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
			assert.deepEqual(await read(25), [[], true]);
			assert.deepEqual(await read(24), [[25], true]);
			assert.deepEqual(await read(15), [range(16, 25), true]);
			assert.deepEqual(await read(14), [range(16, 25), false]);
			assert.deepEqual(await read(0), [range(16, 25), false]);
			assert.deepEqual(await read(26), [[], false]);
			assert.deepEqual(await read(2 ** 53), [[], false]);
			assert.deepEqual(await read(20, 5), [range(21, 25), true]);
			assert.deepEqual(await read(20, 4), [range(21, 24), false]);
			assert.deepEqual(await read(24, 0), [[], false]);
			assert.deepEqual(await read(25, 0), [[], true]);
			const other = await b.broker.history(channel, { offset: 25, epoch: "another" }, 100);
			assert.deepEqual(other, { publications: [], top, isComplete: false });
			const topOnly = await b.broker.history(channel, undefined, 0);
			assert.deepEqual(topOnly, { publications: [], top, isComplete: true });
		});

		test("a channel without publications gets its epoch from the first read, the same for all nodes", async () => {
			const [empty, used, unseen] = [fresh(), fresh(), fresh()];
			const { top, ...nothing } = await a.broker.history(empty, undefined, 0);
			assert.deepEqual(nothing, { publications: [], isComplete: true });
			assert.equal(top.offset, 0);
			assert.notEqual(top.epoch, "");
			assert.deepEqual(await b.broker.history(empty, top, 10), { publications: [], top, isComplete: true });
			const lost = await a.broker.history(empty, { offset: 3, epoch: "x" }, 10);
			assert.deepEqual(lost, { publications: [], top, isComplete: false });
			const [position] = await publishMany(a.broker, used, 1);
			assert.deepEqual(await b.broker.positions([empty, used, unseen]), [top, position, undefined]);
			assert.deepEqual(await publishMany(b.broker, empty, 1), [{ offset: 1, epoch: top.epoch }]);
			assert.equal((await a.broker.history(empty, top, 10)).publications.length, 1);
			assert.deepEqual(await b.broker.positions([]), []);
		});

		test("a log's byte limit drops the oldest frames; a frame that is too large is sent and not kept", async () => {
			const channel = fresh();
			await b.broker.subscribe(channel);
			const frame = (text: string) => frameOf(channel, text);
			const first = await a.broker.publish(channel, frame("1"), { ...kept, historyBytes: 3500 });
			const publish = (text: string) => a.broker.publish(channel, frame(text), { ...kept, historyBytes: 3500 });
			const held = async (offset: number, maxBytes?: number) => {
				const since = { offset, epoch: first.epoch };
				const { publications, isComplete } = await b.broker.history(channel, since, 100, maxBytes);
				return { offsets: publications.map((publication) => publication.offset), isComplete };
			};
			for (let n = 2; n <= 20; n++) await publish("x".repeat(900));
			const [, second, third] = await b.untilGot(channel, 20);
			assert.equal(Math.floor(3500 / (third?.frame.length ?? 0)), 3);
			assert.deepEqual(await held(17), { offsets: [18, 19, 20], isComplete: true });
			assert.deepEqual(await held(0), { offsets: [18, 19, 20], isComplete: false });
			// Read in pieces: what fits, and one at least.
			const size = second?.frame.length ?? 0;
			assert.deepEqual(await held(17, 2 * size + 10), { offsets: [18, 19], isComplete: false });
			assert.deepEqual(await held(17, 1), { offsets: [18], isComplete: false });
			for (let n = 21; n <= 30; n++) await publish("small");
			assert.deepEqual((await held(17)).offsets.at(-1), 30);
			await publish("y".repeat(5000));
			assert.deepEqual(await held(30), { offsets: [], isComplete: false });
			assert.deepEqual(await held(31), { offsets: [], isComplete: true });
			await publish("after");
			assert.deepEqual(await held(31), { offsets: [32], isComplete: true });
			assert.equal((await b.untilGot(channel, 32)).length, 32);
		});

		test("no history kept: live only, and complete only from the latest position", async () => {
			const channel = fresh();
			await b.broker.subscribe(channel);
			const position = await a.broker.publish(channel, frameOf(channel, "x"), { ...kept, historySize: 0 });
			await b.untilGot(channel, 1);
			assert.equal((await a.broker.history(channel, position, 10)).isComplete, true);
			const behind = await a.broker.history(channel, { ...position, offset: 0 }, 10);
			assert.deepEqual(behind, { publications: [], top: position, isComplete: false });
		});

		test("drops expired history, and the channel has a new epoch", async () => {
			const channel = fresh();
			const brief = { historySize: 10, historyBytes: 1_000_000, historyTtlMs: 30 };
			const first = await a.broker.publish(channel, frameOf(channel, "1"), brief);
			await until(async () => (await b.broker.positions([channel]))[0] === undefined);
			const history = await b.broker.history(channel, { ...first, offset: 0 }, 10);
			assert.deepEqual([history.publications, history.isComplete], [[], false]);
			const second = await a.broker.publish(channel, frameOf(channel, "2"), kept);
			assert.equal(second.offset, 1);
			assert.notEqual(second.epoch, first.epoch);
			assert.equal((await b.broker.history(channel, first, 10)).isComplete, false);
		});

		test("delivers only subscribed channels, and nothing after unsubscribing", async () => {
			const [wanted, other] = [fresh(), fresh()];
			await b.broker.subscribe(wanted);
			await b.broker.subscribe(wanted);
			await publishMany(a.broker, other, 1);
			await publishMany(a.broker, wanted, 1);
			await b.untilGot(wanted, 1);
			await b.broker.unsubscribe(wanted);
			await b.broker.unsubscribe(wanted);
			await publishMany(a.broker, wanted, 1);
			const left = b.broker.unsubscribe(wanted);
			await Promise.all([left, b.broker.subscribe(wanted)]);
			await publishMany(a.broker, wanted, 1);
			const got = await b.untilGot(wanted, 2);
			assert.deepEqual(
				got.map(({ offset }) => offset),
				[1, 3],
			);
			assert.deepEqual(b.on(other), []);
		});

		test("a frame of 1 MiB, and bytes of every kind", async () => {
			const channel = fresh();
			await b.broker.subscribe(channel);
			const body = Buffer.alloc(1024 * 1024, Buffer.from(Array.from({ length: 256 }, (_, index) => index)));
			const frame = Envelope.encode({ protocol: 1504, channel, body }).finish();
			await a.broker.publish(channel, frame, kept);
			const [big] = await b.untilGot(channel, 1);
			const envelope = Envelope.decode(big?.frame as Uint8Array);
			assert.ok(body.equals(envelope.body as Uint8Array));
			assert.equal(envelope.offset, 1);
		});

		test("offsets of one, two and three bytes are encoded right", async () => {
			const channel = fresh();
			await b.broker.subscribe(channel);
			const count = 16_500;
			for (let n = 0; n < count; n += 500) {
				const few = { historySize: 1, historyBytes: 1_000_000, historyTtlMs: 60_000 };
				await Promise.all(Array.from({ length: 500 }, () => a.broker.publish(channel, frameOf(channel, ""), few)));
			}
			const got = await b.untilGot(channel, count);
			for (const [index, { offset, frame }] of got.entries()) {
				assert.equal(offset, index + 1);
				assert.equal(Envelope.decode(frame).offset, offset);
			}
		});

		test("every name is either rejected or kept apart from all others", async () => {
			const invalid = ["", "a b", "{x}", "}", 'a"b', "a\nb", "a\0b", "ä", "x".repeat(201)];
			for (const channel of invalid) {
				const calls = [
					() => a.broker.publish(channel, frameOf("x", "x"), kept),
					() => a.broker.subscribe(channel),
					() => a.broker.history(channel, undefined, 0),
					() => a.broker.positions([channel]),
				];
				for (const call of calls) {
					await assert.rejects(
						call,
						(error) => error instanceof GatewayError && error.violations[0]?.field === "channel",
					);
				}
			}
			const prefix = fresh();
			const names = fc.array(fc.stringMatching(/^[A-Za-z0-9!#$%&()*+,\-./:;<=>?@[\]^_|~]{1,20}$/), { maxLength: 5 });
			await fc.assert(
				fc.asyncProperty(
					fc.uniqueArray(names.map((parts) => `${prefix}${parts.join("").slice(0, 100)}`)),
					async (all) => {
						const before = await a.broker.positions(all);
						await Promise.all(all.map((channel) => a.broker.publish(channel, frameOf(channel, ""), kept)));
						const now = await b.broker.positions(all);
						for (const [index, position] of now.entries()) {
							assert.equal(position?.offset, (before[index]?.offset ?? 0) + 1);
						}
					},
				),
				{ numRuns: 30 },
			);
		});

		test("10,000 channels", async () => {
			const prefix = fresh();
			const channels = Array.from({ length: 10_000 }, (_, index) => `${prefix}:${index}`);
			await inBlocks(channels, (channel) => b.broker.subscribe(channel));
			await inBlocks(channels, (channel) => a.broker.publish(channel, frameOf(channel, channel), kept));
			for (const channel of channels) await b.untilGot(channel, 1);
			const positions = await a.broker.positions(channels);
			assert.ok(channels.every((channel, index) => b.on(channel)[0]?.epoch === positions[index]?.epoch));
			await inBlocks(channels, (channel) => b.broker.unsubscribe(channel));
		});
	});
}

/** So many at once that a server which shares its processor answers them within the time that a command has. */
const BLOCK = 500;

async function inBlocks(channels: readonly string[], act: (channel: string) => Promise<unknown>): Promise<void> {
	for (let start = 0; start < channels.length; start += BLOCK) {
		await Promise.all(channels.slice(start, start + BLOCK).map(act));
	}
}

// Publications that go together: in one step, in order, and those that are known not again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { ErrorCode } from "../../../protocol/codes.ts";
import { type Backend, backends, textOf } from "./broker-backends.ts";
import { frameOf, kept, type ListeningNode } from "./listening-node.ts";

for (const [name, start] of Object.entries(backends)) {
	describe(`publications that go together: ${name}`, () => {
		let backend: Backend;
		let a: ListeningNode;
		let b: ListeningNode;
		before(async () => {
			backend = await start();
			[a, b] = backend.nodes;
		});
		after(() => backend.stop());

		test("publishes several in one step, those that were published before not again", async () => {
			const channel = `room:${uuidv7()}`;
			await b.broker.subscribe(channel);
			const keyed = (text: string) => ({ frame: frameOf(channel, text), once: { key: `k:${text}`, keptMs: 60_000 } });
			const first = await a.broker.publish(channel, frameOf(channel, "1"), { ...kept, once: keyed("1").once });
			const { epoch } = first;
			const results = await a.broker.publishTogether(channel, ["1", "2", "3", "2"].map(keyed), kept);
			assert.deepEqual(results, [
				{ ...first, isRepeat: true },
				{ offset: 2, epoch },
				{ offset: 3, epoch },
				{ offset: 2, epoch, isRepeat: true },
			]);
			assert.deepEqual((await b.untilGot(channel, 3)).map(textOf), ["1", "2", "3"]);
			const { publications, top } = await b.broker.history(channel, { offset: 0, epoch }, 10);
			assert.deepEqual([publications.map(textOf), top.offset], [["1", "2", "3"], 3]);
			assert.deepEqual(
				(await b.broker.publishTogether(channel, ["2", "3"].map(keyed), kept)).map(({ isRepeat }) => isRepeat),
				[true, true],
			);
			const other = { ...keyed("3"), once: { ...keyed("3").once, print: "other" } };
			await assert.rejects(a.broker.publishTogether(channel, [other], kept), { code: ErrorCode.VALIDATION_FAILED });
			assert.equal((await b.broker.published(channel, keyed("2").once))?.offset, 2);
			// A log that is shorter than what goes together keeps the last of it.
			const many = Array.from({ length: 40 }, (_, index) => keyed(`m${index}`));
			await b.broker.publishTogether(channel, many, { ...kept, historySize: 5 });
			const end = await a.broker.history(channel, { offset: 38, epoch }, 100);
			assert.deepEqual(end.publications.map(textOf), ["m35", "m36", "m37", "m38", "m39"]);
			assert.deepEqual([end.isComplete, end.top.offset], [true, 43]);
			assert.equal((await b.untilGot(channel, 43)).length, 43);
		});
	});
}

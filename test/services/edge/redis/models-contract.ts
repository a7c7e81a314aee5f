// What every box promises of device models: the same tests for Redis in both dialects and for the simulator.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Quality } from "../../../../protocol/gen/schema.ts";
import type { BoxModels } from "../../../../services/edge/boxes/box-models.ts";

export interface ModelsFixture {
	/** Two models or more, one of them with measurements and actions that have values. */
	readonly models: BoxModels;
	/** "" where models have none. */
	readonly template: string;
	close(): Promise<void>;
}

export function modelsContract(open: () => Promise<ModelsFixture>): void {
	const withBox = (name: string, test: (fixture: ModelsFixture) => Promise<void>): void => {
		void it(name, { timeout: 30_000 }, async () => {
			const fixture = await open();
			try {
				await test(fixture);
			} finally {
				await fixture.close();
			}
		});
	};

	withBox("lists models in the order of their ids, by template, as many as asked for", async ({ models, template }) => {
		const ids = await models.ids("", 100);
		assert.ok(ids.length >= 2);
		assert.deepEqual(ids, [...new Set(ids)].sort());
		assert.deepEqual(await models.ids("", 1), ids.slice(0, 1));
		for (const none of ["no-such-template", "*", "a b", "x".repeat(1000)]) {
			assert.deepEqual(await models.ids(none, 100), []);
		}
		if (template === "") return;
		const some = await models.ids(template, 100);
		assert.ok(some.length > 0 && some.length < ids.length);
		assert.ok((await models.get(some)).every((model) => model?.template === template));
	});

	withBox("reads models in the order of the request", async ({ models }) => {
		const [first = "", second = ""] = await models.ids("", 100);
		const asked = [second, "no-such-model", first, "*", "", "a b", "../x", "x".repeat(10_000)];
		const found = await models.get(asked);
		assert.deepEqual(
			found.map((model) => model?.id),
			[second, undefined, first, undefined, undefined, undefined, undefined, undefined],
		);
		assert.notEqual(found[0]?.name, "");
		assert.deepEqual(await models.get([]), []);
	});

	withBox("gives a value, or why there is none, for each name", async ({ models }) => {
		let actions = 0;
		for (const model of await models.get(await models.ids("", 100))) {
			assert.ok(model !== undefined);
			const values = await models.values(model);
			for (const [mappings, readings] of [
				[model.measurements, values.measurements],
				[model.actions, values.actions],
			] as const) {
				const names = new Set(readings.map(({ name }) => name));
				assert.ok(mappings.every(({ name }) => names.has(name)));
				for (const { reading } of readings) {
					assert.equal(reading.value === undefined, reading.quality !== Quality.GOOD);
					if (reading.quality === Quality.GOOD) assert.equal(typeof reading.value, "number");
				}
			}
			assert.ok(values.measurements.some(({ reading }) => reading.quality === Quality.GOOD));
			actions += values.actions.filter(({ reading }) => reading.quality === Quality.GOOD).length;
		}
		assert.ok(actions > 0);
	});
}

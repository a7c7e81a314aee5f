// States of games as whole ones and differences: what a client reads is what the game declared of its state, whatever changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StateError } from "../../protocol/codec/state-node.ts";
import { StateReader } from "../../protocol/codec/state-reader.ts";
import { MAX_STATE_INTEGER, type StateType, valueOfSteps } from "../../protocol/codec/state-type.ts";
import { StateWriter } from "../../protocol/codec/state-writer.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
const CHOICES = ["red", "blue", 3, true, null];
const integer = fc.integer({ min: -MAX_STATE_INTEGER + 1, max: MAX_STATE_INTEGER - 1 });

const { type: typeArbitrary } = fc.letrec<{ type: StateType }>((tie) => ({
	type: fc.oneof(
		{ depthSize: "small", maxDepth: 4 },
		fc.constantFrom<StateType>(
			{ kind: "boolean" },
			{ kind: "integer" },
			{ kind: "number" },
			{ kind: "string" },
			{ kind: "steps", step: 0.01 },
			{ kind: "steps", step: 5 },
			{ kind: "choice", values: CHOICES as never },
		),
		fc.array(fc.tuple(tie("type"), fc.boolean()), { maxLength: NAMES.length }).map(
			(fields): StateType => ({
				kind: "object",
				fields: fields.map(([type, isOptional], index) => ({ name: NAMES[index] as string, type, isOptional })),
			}),
		),
		fc
			.tuple(fc.constantFrom("map", "list", "nullable"), tie("type"))
			.map(([kind, item]): StateType => ({ kind, item })),
	),
}));

/** Values of a type, and what is read of them. */
function valueArbitrary(type: StateType): fc.Arbitrary<unknown> {
	switch (type.kind) {
		case "boolean":
			return fc.boolean();
		case "integer":
			return fc.oneof(fc.integer({ min: -5, max: 5 }), integer);
		case "steps":
			return fc.oneof(fc.integer({ min: -300, max: 300 }), integer).map((count) => valueOfSteps(count, type.step));
		case "number":
			return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);
		case "string":
			return fc.string({ unit: "binary", maxLength: 6 });
		case "choice":
			return fc.constantFrom(...type.values);
		case "nullable":
			return fc.option(valueArbitrary(type.item), { nil: null });
		case "list":
			return fc.array(valueArbitrary(type.item), { maxLength: 6 });
		case "map":
			return fc.dictionary(fc.constantFrom("ada", "bob", "cyd", "constructor", "7"), valueArbitrary(type.item), {
				noNullPrototype: true,
			});
		case "object":
			return fc
				.tuple(
					...type.fields.map(({ type: inner, isOptional }) => {
						return isOptional ? fc.option(valueArbitrary(inner), { nil: undefined }) : valueArbitrary(inner);
					}),
				)
				.map((values) => {
					const entries = values.map((value, index) => [NAMES[index] as string, value] as const);
					return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
				});
		default:
			return type satisfies never;
	}
}

/** Mostly what was there before, with parts of another: as games change. */
function mixed(type: StateType, before: unknown, after: unknown, take: () => boolean): unknown {
	if (type.kind === "object") {
		const [old, next] = [before, after] as Record<string, unknown>[];
		const entries = type.fields.flatMap(({ name, type: inner }) => {
			const [one, other] = [old?.[name], next?.[name]];
			const value = one === undefined || other === undefined ? (take() ? other : one) : mixed(inner, one, other, take);
			return value === undefined ? [] : [[name, value] as const];
		});
		// What is there must be there still.
		const kept = type.fields.filter(({ isOptional }) => !isOptional);
		return Object.fromEntries([...kept.map(({ name }) => [name, old?.[name]]), ...entries]);
	}
	if (type.kind === "list" && take()) {
		const list = before as unknown[];
		return take()
			? [...(after as unknown[]).slice(0, 1), ...list.slice(0, -1)]
			: [...list.slice(1), ...(after as unknown[]).slice(0, 1)];
	}
	if (type.kind === "map") return take() ? { ...(before as object), ...(after as object) } : after;
	return take() ? after : before;
}

test("what is read of whole states and differences is the state", () => {
	const cases = typeArbitrary.chain((type) =>
		fc.tuple(
			fc.constant(type),
			fc.array(valueArbitrary(type), { minLength: 1, maxLength: 8 }),
			fc.infiniteStream(fc.boolean()),
		),
	);
	fc.assert(
		fc.property(cases, ([type, values, choices]) => {
			const take = () => choices.next().value === true;
			// As clients get it.
			const received = JSON.parse(JSON.stringify(type)) as StateType;
			const writer = new StateWriter(type);
			let state = values[0];
			writer.begin(state);
			const reader = new StateReader(received);
			reader.readWhole(writer.whole());
			assert.deepEqual(reader.state, state);
			for (const value of values.slice(1)) {
				state = mixed(type, state, value, take);
				const difference = writer.difference(state);
				if (difference !== undefined) reader.readDifference(difference);
				assert.deepEqual(reader.state, state);
				assert.equal(writer.difference(state), undefined, "nothing has changed");
				// One who comes now goes on with the others.
				if (take()) {
					const late = new StateReader(received);
					late.readWhole(writer.whole());
					assert.deepEqual(late.state, state);
					reader.readWhole(writer.whole());
				}
			}
		}),
		{ numRuns: 300 },
	);
});

const snake: StateType = {
	kind: "object",
	fields: [
		{ name: "tick", type: { kind: "integer" } },
		{
			name: "snakes",
			type: {
				kind: "map",
				item: {
					kind: "object",
					fields: [
						{ name: "name", type: { kind: "string" } },
						{ name: "x", type: { kind: "steps", step: 0.1 } },
						{ name: "cells", type: { kind: "list", item: { kind: "integer" } } },
					],
				},
			},
		},
	],
};

test("a queue that moves on costs its new entry, a number its change", () => {
	const writer = new StateWriter(snake);
	const cells = Array.from({ length: 100 }, (_, index) => 1000 + index);
	const state = { tick: 1_000_000, snakes: { "0193-a-user-id": { name: "ada", x: 3.14, cells } } };
	writer.begin(state);
	assert.ok(writer.whole().length > 200);
	state.tick++;
	state.snakes["0193-a-user-id"].x += 0.1;
	cells.unshift(999);
	cells.pop();
	const difference = writer.difference(state);
	assert.ok(difference !== undefined && difference.length <= 16, `${difference?.length} bytes`);
	// Below the declared precision.
	state.snakes["0193-a-user-id"].x += 0.001;
	assert.equal(writer.difference(state), undefined);
});

test("a value that is not of its type is named by its path", () => {
	const begin = (state: unknown) => () => new StateWriter(snake).begin(state);
	const named = (path: string) => (error: unknown) => error instanceof StateError && error.path === path;
	const cells = [1];
	assert.throws(begin({ tick: 1, snakes: { ada: { name: "ada", x: Number.NaN, cells } } }), named(".snakes.ada.x"));
	assert.throws(
		begin({ tick: 1, snakes: { ada: { name: "ada", x: 1, cells: [1, 1.5] } } }),
		named(".snakes.ada.cells[1]"),
	);
	assert.throws(begin({ tick: 1 }), named(".snakes"));
	assert.throws(begin({ tick: 1, snakes: JSON.parse('{"__proto__":{}}') }), named(".snakes"));
	const writer = new StateWriter(snake);
	writer.begin({ tick: 1, snakes: { ada: { name: "ada", x: 1, cells } } });
	const wrong = { tick: 2, snakes: { ada: { name: "ada", x: 1, cells: ["1"] } } };
	assert.throws(() => writer.difference(wrong), named(".snakes.ada.cells[0]"));
});

test("bytes that are no state are refused", () => {
	fc.assert(
		fc.property(typeArbitrary, fc.uint8Array({ maxLength: 40 }), (type, bytes) => {
			const reader = new StateReader(type);
			try {
				reader.readWhole(bytes);
				reader.readDifference(bytes);
			} catch (error) {
				assert.ok(error instanceof Error);
			}
			assert.equal(({} as { polluted?: unknown }).polluted, undefined);
		}),
	);
});

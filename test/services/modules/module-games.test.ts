// Games that modules bring: what is refused at load, whose name it is, and which code a game runs on.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { RealtimeCode, TurnCode } from "../../../common/game-code.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { ModuleFixture } from "./module-fixture.ts";

const ISOLATED = { threads: 1, maxHeapMb: 64, stallMs: 5000, maxCalls: 100, access: [] };
let fixture: ModuleFixture | undefined;
afterEach(() => fixture?.close());

const TURNS = "minPlayers: 1, maxPlayers: 2, move: z.object({ add: z.int() })";
const REALTIME = "minPlayers: 1, maxPlayers: 2, tickRate: 20, input: z.object({})";

const source = (
	games: string,
) => `import { CallError, defineGame, defineModule, defineRealtimeGame, z } from "framegate/module";
export default defineModule({ games: { ${games} } });
`;

const turns = (version: number) =>
	source(`sum: defineGame({ ${TURNS}, start: () => ({ sum: 0 }),
	act: (state, { add }) => { if (add < 0) throw new CallError("PRECONDITION_FAILED", "no"); if (add > 9) throw new Error("too much"); state.sum += add * ${version}; },
	view: (state) => state })`);

test("a game of a module reads inputs, runs, and answers its own rejections", async () => {
	fixture = new ModuleFixture();
	fixture.write("shop.ts", turns(1));
	assert.deepEqual((await fixture.reload()).problems, []);
	const game = fixture.served[0]?.parts.games[0]?.code as TurnCode;
	assert.equal(game.name, "sum");
	assert.deepEqual(game.readInput(Buffer.from('{"add":3}')), { add: 3 });
	const refused = (payload: string) => {
		try {
			game.readInput(Buffer.from(payload));
		} catch (error) {
			return GatewayError.from(error).violations.map(({ field }) => field);
		}
		return assert.fail("was not refused");
	};
	assert.deepEqual(refused("{"), ["payload"]);
	assert.deepEqual(refused('{"add":"3"}'), ["payload.add"]);
	assert.deepEqual(refused('{"add":3,"more":1}'), ["payload.more"]);
	const state = { sum: 0 };
	game.act(state, { add: 3 }, { id: "ada", name: "" }, {} as never);
	assert.deepEqual(state, { sum: 3 });
	for (const [add, code] of [
		[-1, "no"],
		[10, "internal error"],
	] as const) {
		try {
			game.act(state, { add }, { id: "ada", name: "" }, {} as never);
			assert.fail("was not refused");
		} catch (error) {
			assert.equal(game.errorOf(error).message, code);
		}
	}
});

for (const [what, games, message, line] of [
	["no game", "sum: {}", /game sum: not what defineGame/, undefined],
	["a name", `"Sum!": defineGame({ ${TURNS}, start() {}, act() {}, view() {} })`, /a game's name is/, 2],
	["a function that is missing", `sum: defineGame({ ${TURNS}, start() {}, act() {} })`, /view must be a function/, 2],
	[
		"a tick rate",
		`run: defineRealtimeGame({ ${REALTIME.replace("20", "61")}, view: z.object({}), start() {}, tick() {} })`,
		/tickRate must be/,
		2,
	],
	[
		"a view",
		`run: defineRealtimeGame({ ${REALTIME}, view: z.object({ at: z.date() }), start() {}, tick() {} })`,
		/view\.at: .*cannot be part of a view/,
		2,
	],
	[
		"a union",
		`run: defineRealtimeGame({ ${REALTIME}, view: z.object({ a: z.union([z.string(), z.int()]) }), start() {}, tick() {} })`,
		/view\.a: a union/,
		2,
	],
] as const) {
	test(`refuses ${what} with the place`, async () => {
		fixture = new ModuleFixture();
		fixture.write("shop.ts", source(games));
		const [problem] = (await fixture.reload()).problems;
		assert.match(problem?.message ?? "", message);
		assert.equal(problem?.line, line);
	});
}

test("a name of a game belongs to one module, and not to the gateway", async () => {
	fixture = new ModuleFixture();
	fixture.write("shop.ts", turns(1));
	fixture.write("store.ts", turns(1));
	fixture.write("third.ts", turns(1).replace("sum:", "gomoku:"));
	const { loaded, problems } = await fixture.reload();
	assert.deepEqual(
		loaded.map(({ module }) => module),
		["shop"],
	);
	assert.deepEqual(
		problems.map(({ message }) => message),
		["game sum belongs to shop", "game gomoku belongs to the gateway"],
	);
});

test("games are refused in a thread", async () => {
	fixture = new ModuleFixture({ isolated: { shop: ISOLATED } });
	fixture.write("shop.ts", turns(1));
	const [problem] = (await fixture.reload()).problems;
	assert.match(problem?.message ?? "", /take the module out of modules\.isolated/);
	assert.equal(problem?.line, 2);
});

test("the declaration of a view is what clients are sent", async () => {
	fixture = new ModuleFixture();
	fixture.write(
		"shop.ts",
		source(`run: defineRealtimeGame({ ${REALTIME}, start: () => ({}), tick() {}, view: z.object({
			x: z.number().multipleOf(0.01), n: z.number(), i: z.int(), s: z.string().optional(), b: z.boolean().nullable(),
			c: z.enum(["red", "blue"]), players: z.record(z.string(), z.object({ cells: z.array(z.int()) })) }) })`),
	);
	assert.deepEqual((await fixture.reload()).problems, []);
	const game = fixture.served[0]?.parts.games[0]?.code as RealtimeCode;
	const integer = { kind: "integer" };
	const cells = { kind: "list", item: integer };
	assert.deepEqual(game.viewType, {
		kind: "object",
		fields: [
			{ name: "x", type: { kind: "steps", step: 0.01 } },
			{ name: "n", type: { kind: "number" } },
			{ name: "i", type: integer },
			{ name: "s", type: { kind: "string" }, isOptional: true },
			{ name: "b", type: { kind: "nullable", item: { kind: "boolean" } } },
			{ name: "c", type: { kind: "choice", values: ["red", "blue"] } },
			{ name: "players", type: { kind: "map", item: { kind: "object", fields: [{ name: "cells", type: cells }] } } },
		],
	});
});

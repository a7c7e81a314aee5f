// A short run with a seed that stays, and every case that was once of interest: mutated requests end in a reply, an error
// of the table or a close of the table, and leave nothing behind. `npm run fuzz` is the long one.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Envelope, routeContracts } from "../../protocol/gen/schema.ts";
import { caseFromJson, caseToJson, TARGETS } from "./fuzz-case.ts";
import { BATCH, leftovers, runBatch } from "./in-process.ts";
import { CASES_PER_PLANT, runInProcess } from "./in-process-run.ts";
import { COSTLY, Plans } from "./message-plan.ts";
import { Oracle } from "./oracle.ts";
import { Plant } from "./plant.ts";
import { PROCESS_TARGETS, runProcess } from "./process-run.ts";
import { type Range, smallest, smallestRange } from "./smallest.ts";

const corpus = fileURLToPath(new URL("corpus/", import.meta.url));
const SEED = 20_261_121;

suite("mutated inputs", () => {
	for (const target of TARGETS) {
		test(`${target}: each ends as the protocol says`, async () => {
			const run = { target, seed: SEED, from: 0, cases: BATCH * 4, inputs: 1_000_000, directory: tmpdir() };
			const { problems, inputs, answered } = await runInProcess(run);
			assert.deepEqual(problems, []);
			assert.ok((answered["auth.heartbeat"]?.ok ?? 0) > 0);
			assert.ok(inputs > BATCH * 40, `${inputs} inputs`);
		});
	}

	for (const target of TARGETS) {
		test(`${target}: alarms are acknowledged and cleared, and selected points operated`, async () => {
			// Engineers'.
			const run = {
				target,
				seed: SEED,
				from: CASES_PER_PLANT,
				cases: BATCH * 10,
				inputs: 1_000_000,
				directory: tmpdir(),
			};
			const { problems, answered } = await runInProcess(run);
			assert.deepEqual(problems, []);
			for (const route of ["edgeAlarm.alarmAck", "edgeAlarm.alarmClear", "edgeControl.operatePoint"]) {
				assert.ok((answered[route]?.ok ?? 0) > 0, `${route}: ${JSON.stringify(answered[route])}`);
			}
		});
	}

	for (const target of PROCESS_TARGETS) {
		test(`${target}: a real process serves a bystander meanwhile`, async () => {
			const maxLatencyMs = Number.POSITIVE_INFINITY;
			assert.deepEqual(await runProcess({ target, seed: SEED, inputs: 500, from: 0, maxLatencyMs }), []);
		});
	}

	test("cases of the corpus", async () => {
		const files = readdirSync(corpus);
		assert.ok(files.length > 0);
		const plant = await Plant.open({ role: "admin", maxErrors: 1_000_000 });
		const cases = files.map((file) => caseFromJson(readFileSync(join(corpus, file), "utf8")));
		const { failures } = await runBatch(plant, cases);
		assert.deepEqual(
			failures.map(({ fuzzCase, problem }) => `${fuzzCase.name}: ${problem}`),
			[],
		);
		assert.equal(await leftovers(plant), undefined);
		await plant.close();
	});
});

suite("the judge of inputs", () => {
	const request = Envelope.encode({ protocol: 1005, seq: 7 }).finish();
	const reply = (values: object) => Envelope.encode({ protocol: 1005, seq: 7, ...values }).finish();
	const judged = (...replies: (Uint8Array | string)[]) => {
		const oracle = new Oracle();
		oracle.sent(request, 65_536, undefined);
		for (const frame of replies) oracle.received(frame);
		return oracle;
	};

	test("is satisfied by the reply, and by nothing else", () => {
		assert.equal(judged(reply({})).problem, undefined);
		assert.ok(judged(reply({})).isSatisfied);
		assert.ok(!judged().isSatisfied);
		assert.match(judged().awaited, /7 of 1005/);
	});

	test("finds what is wrong", () => {
		const error = { message: "x" };
		assert.match(judged(reply({ code: 1, error })).problem ?? "", /INTERNAL/);
		assert.match(judged(reply({ code: 99, error })).problem ?? "", /code 99/);
		assert.match(judged(reply({ seq: 8 })).problem ?? "", /not asked/);
		assert.match(judged(reply({}), reply({})).problem ?? "", /answered already/);
		assert.match(judged(Uint8Array.of(0xff)).problem ?? "", /cannot be read/);
		assert.match(judged("{").problem ?? "", /cannot be read/);
		const closed = new Oracle();
		closed.closed(1006);
		assert.match(closed.problem ?? "", /not in the table/);
		const taken = new Oracle();
		taken.sent(Uint8Array.of(0xff), 65_536, undefined);
		assert.match(taken.problem ?? "", /no envelope/);
	});

	test("finds the fewest messages that fail", async () => {
		const fuzzCase = caseFromJson(
			caseToJson({
				...{ name: "x", isMember: true, subProtocol: "", origin: "", lingers: false, isSlow: false },
				frames: ["a", "b", Uint8Array.of(1), "c", "d", "e"],
			}),
		);
		const small = await smallest(fuzzCase, async ({ frames }) => frames.includes("b") && frames.includes("e"));
		assert.deepEqual(small.frames, ["b", "e"]);
	});

	test("finds the fewest of many connections that fail", async () => {
		const found = async (...culprits: number[]) => {
			const fails = async ({ first, last }: Range) => culprits.every((index) => first <= index && index <= last);
			return await smallestRange({ first: 100, last: 163 }, fails);
		};
		assert.deepEqual(await found(141), { first: 141, last: 141 });
		assert.deepEqual(await found(101, 102), { first: 100, last: 103 });
		assert.equal(await found(7), undefined);
	});
});

suite("the mix of inputs", () => {
	test("has every route in it, those that cost more less often", () => {
		const drawn = new Plans().routes.map(({ number }) => number);
		for (const number of routeContracts.keys()) {
			const times = drawn.filter((other) => other === number).length;
			assert.ok(times > 0, `route ${number}`);
			assert.equal(times === 1, COSTLY.has(number), `route ${number}`);
		}
	});
});

// A run of the proof has the scenarios that its options ask for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Choice, choose } from "../../../bench/prove/choice.ts";
import type { Needs, Scenario } from "../../../bench/prove/scenario.ts";

function scenario(name: string, more: Partial<Scenario> = {}, needs: Partial<Needs> = {}): Scenario {
	const run = () => Promise.reject(new Error("not run"));
	return { name, title: "", needs: { redis: "none", nodes: 2, ...needs }, steps: 0, run, ...more };
}

const all = [
	scenario("drops"),
	scenario("drops-control", { controlOf: "drops" }),
	scenario("rolling-upgrade", {}, { nodesBefore: 1 }),
	scenario("hours", { isLongOnly: true }),
];

const names = (options: Choice): string[] => choose(all, options).map(({ name }) => name);

test("all scenarios by default; in the short form those that are not long, unless they are named", () => {
	assert.deepEqual(names({}), ["drops", "drops-control", "hours"]);
	assert.deepEqual(names({ short: true }), ["drops", "drops-control"]);
	assert.deepEqual(names({ short: true, row: ["hours"] }), ["hours"]);
});

test("a named scenario takes its control along, and an unknown name is an error", () => {
	assert.deepEqual(names({ row: ["drops"] }), ["drops", "drops-control"]);
	assert.throws(() => names({ row: ["drops", "nothing"] }), /no such scenario: nothing/);
});

test("an upgrade runs only with the commit to upgrade from, and says so where it is named without", () => {
	assert.deepEqual(names({ before: "HEAD^", row: ["rolling-upgrade"] }), ["rolling-upgrade"]);
	assert.ok(names({ before: "HEAD^" }).includes("rolling-upgrade"));
	assert.throws(() => names({ row: ["rolling-upgrade"] }), /rolling-upgrade needs --before COMMIT/);
});

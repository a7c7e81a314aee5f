// What keys of callers may take: by caller, for users together, and for all; for a window, and no longer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyBudget } from "../../messaging/key-budget.ts";

const WINDOW_MS = 80_000;
const bounds = { windowMs: WINDOW_MS, backendBytes: 1000, userBytes: 100, totalBytes: 3000 };

function budget() {
	let nowMs = 5000;
	const keys = new KeyBudget(bounds, () => nowMs);
	return { keys, advance: (ms: number) => (nowMs += ms) };
}

test("an owner has so many bytes and no more, and is given the time until there may be room", () => {
	const { keys, advance } = budget();
	for (let taken = 0; taken < 1000; taken += 100) assert.equal(keys.take("key:a", false, 100), 0);
	const waitMs = keys.take("key:a", false, 100);
	assert.equal(keys.refused, 1);
	assert.ok(waitMs > 0 && waitMs <= WINDOW_MS + WINDOW_MS / 8, String(waitMs));
	assert.equal(keys.take("key:b", false, 100), 0, "another owner is not held");
	advance(waitMs - 1);
	assert.ok(keys.take("key:a", false, 100) > 0);
	advance(1);
	assert.equal(keys.take("key:a", false, 100), 0);
});

test("bytes are held for the whole window, whenever they were taken, and are all given back after it", () => {
	const { keys, advance } = budget();
	for (let index = 0; index < 50; index++) {
		keys.take("key:a", false, 10);
		advance(777);
		assert.equal(keys.bytes, (index + 1) * 10);
	}
	advance(WINDOW_MS + WINDOW_MS / 8);
	assert.equal(keys.bytes, 0);
	assert.equal(keys.take("key:a", false, 1000), 0);
});

test("users have less each, and half of all together, so that they leave room for backends", () => {
	const { keys } = budget();
	assert.ok(keys.take("eve", true, 101) > 0);
	let users = 0;
	while (keys.take(`user-${users}`, true, 100) === 0) users++;
	assert.equal(users, 15);
	assert.equal(keys.take("key:a", false, 1000), 0);
	assert.ok(keys.take("key:b", false, 501) > 0, "all together");
	assert.equal(keys.take("key:b", false, 500), 0);
});

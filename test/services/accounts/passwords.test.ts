// Password hashes: right and wrong, parameters that change, and overload.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../../../protocol/error.ts";
import { type PasswordOptions, Passwords } from "../../../services/accounts/passwords.ts";

const cheap: PasswordOptions = {
	...{ memoryKiB: 64, iterations: 1, parallelism: 1 },
	...{ maxConcurrent: 2, maxQueued: 10, maxQueuedPerAddress: 10, maxQueuedPerAccount: 10 },
};

test("a hash is argon2id with the parameters given", async () => {
	const passwords = new Passwords({ ...cheap, memoryKiB: 19_456, iterations: 2 });
	const hash = await passwords.hash("correct horse");
	assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	assert.equal(await passwords.verify(hash, "correct horse"), true);
	assert.equal(await passwords.verify(hash, "correct horse "), false);
	assert.equal(passwords.needsRehash(hash), false);
	assert.notEqual(await passwords.hash("correct horse"), hash, "each hash has its own salt");
});

test("hashes made with other parameters still verify, and are to be renewed", async () => {
	const old = await new Passwords(cheap).hash("x");
	const passwords = new Passwords({ ...cheap, iterations: 2 });
	assert.equal(await passwords.verify(old, "x"), true);
	assert.equal(passwords.needsRehash(old), true);
});

test("an account without a password hash accepts no password", async () => {
	const passwords = new Passwords(cheap);
	for (const hash of ["", "x", "plain"]) assert.equal(await passwords.verify(hash, hash), false);
	assert.equal(await passwords.verifyNothing("decoy"), false);
});

test("overload is rejected at once with retryAfterMs; accepted checks are finished", async () => {
	const passwords = new Passwords({ ...cheap, maxConcurrent: 2, maxQueued: 5 });
	const results = await Promise.allSettled(Array.from({ length: 50 }, () => passwords.hash("x")));
	assert.equal(results.filter((result) => result.status === "fulfilled").length, 7);
	for (const result of results) {
		if (result.status === "fulfilled") continue;
		assert.ok(result.reason instanceof GatewayError);
		assert.equal(result.reason.code, 13);
		assert.ok(result.reason.retryAfterMs >= 100);
	}
	assert.equal(await passwords.verify(await passwords.hash("x"), "x"), true, "it works again");
});

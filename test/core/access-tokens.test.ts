// Verified access tokens: how long they are believed, and that a session which has ended is served no more.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../common/identity.ts";
import { AccessTokens } from "../../core/access-tokens.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { identityOf } from "./gateway-fixture.ts";

function fixture(overrides: Partial<Identity> = {}) {
	let nowMs = 0;
	let verified = 0;
	const pending: ((identity: Identity) => void)[] = [];
	let isHeld = false;
	const tokens = new AccessTokens({
		resume: (token) => {
			verified++;
			if (token === "forged") return Promise.reject(new GatewayError(ErrorCode.UNAUTHENTICATED, "no"));
			const identity = identityOf(token, overrides);
			return isHeld ? new Promise((resolve) => pending.push(() => resolve(identity))) : Promise.resolve(identity);
		},
		now: () => nowMs,
		wall: () => nowMs,
	});
	return {
		tokens,
		pass: (ms: number) => {
			nowMs += ms;
		},
		hold: () => {
			isHeld = true;
		},
		letGo: () => {
			for (const resolve of pending.splice(0)) resolve(identityOf(""));
		},
		verified: () => verified,
	};
}

describe("verified access tokens", () => {
	it("are believed for 30 s, and verified again after that", async () => {
		const { tokens, pass } = fixture();
		assert.equal(tokens.find("ann"), undefined);
		await tokens.verify("ann");
		pass(29_999);
		assert.equal(tokens.find("ann")?.username, "ann");
		pass(1);
		assert.equal(tokens.find("ann"), undefined);
	});

	it("are not believed beyond their own time", async () => {
		const { tokens, pass } = fixture({ expiresAtMs: 1000 });
		await tokens.verify("ann");
		pass(1000);
		assert.equal(tokens.find("ann"), undefined);
	});

	it("are verified once for all calls that wait; one that failed is tried again", async () => {
		const { tokens, verified } = fixture();
		await Promise.all([tokens.verify("ann"), tokens.verify("ann")]);
		assert.equal(verified(), 1);
		await assert.rejects(tokens.verify("forged"), /no/);
		await assert.rejects(tokens.verify("forged"), /no/);
		assert.equal(verified(), 3);
	});

	it("are forgotten when their session ends, also while they are being verified", async () => {
		const { tokens, hold, letGo } = fixture();
		await tokens.verify("ann");
		tokens.revoke(["session-ben", "session-ann"]);
		assert.equal(tokens.find("ann"), undefined);
		hold();
		const crossed = tokens.verify("cat");
		tokens.revoke(["session-cat"]);
		letGo();
		await assert.rejects(crossed, { code: ErrorCode.UNAUTHENTICATED });
		assert.equal(tokens.find("cat"), undefined);
	});

	it("are verified again when the roles of their user changed, also while they are being verified", async () => {
		const { tokens, hold, letGo } = fixture();
		await tokens.verify("ann");
		await tokens.verify("ben");
		tokens.forgetUser(identityOf("ann").userId);
		assert.deepEqual([tokens.find("ann"), tokens.find("ben")?.username], [undefined, "ben"]);
		hold();
		const crossed = tokens.verify("cat");
		tokens.forgetUser(identityOf("cat").userId);
		letGo();
		assert.equal((await crossed).username, "cat", "the call that came before is served");
		assert.equal(tokens.find("cat"), undefined);
	});

	it("report the sessions that were used since the last time", async () => {
		const { tokens } = fixture();
		await tokens.verify("ann");
		await tokens.verify("ben");
		assert.deepEqual([...tokens.takeUsedSessions()].sort(), ["session-ann", "session-ben"]);
		tokens.find("ben");
		assert.deepEqual(tokens.takeUsedSessions(), ["session-ben"]);
	});

	it("are at most 20,000, and the first one gives way", async () => {
		const { tokens } = fixture();
		for (let index = 0; index <= 20_000; index++) await tokens.verify(`user-${index}`);
		assert.equal(tokens.find("user-0"), undefined);
		assert.equal(tokens.find("user-1")?.username, "user-1");
		assert.equal(tokens.find("user-20000")?.username, "user-20000");
	});
});

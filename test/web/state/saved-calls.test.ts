// Saved calls: what a browser kept is read with care, and secrets are never kept.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadCalls, storeCalls, withCall } from "../../../web/state/saved-calls.ts";

function storage(text: string | null) {
	let kept = text;
	return {
		getItem: () => kept,
		setItem: (_key: string, value: string) => {
			kept = value;
		},
	};
}

describe("saved calls", () => {
	it("leave out secrets at any depth, and what is no field", () => {
		const body = { confirm: { account: "ada", code: "1234", newPassword: "new" }, other: 1 };
		const [call] = withCall([], { name: "reset", route: "auth.forgotPassword", body });
		assert.deepEqual(call?.body, { confirm: { account: "ada" } });
	});

	it("replace one of the same name, and are a hundred at most", () => {
		let calls = withCall([], { name: "a", route: "auth.heartbeat", body: { clientTimeMs: "1" } });
		calls = withCall(calls, { name: "a", route: "auth.heartbeat", body: { clientTimeMs: "2" } });
		assert.deepEqual(
			calls.map(({ body }) => body),
			[{ clientTimeMs: "2" }],
		);
		for (let i = 0; i < 150; i++) calls = withCall(calls, { name: `call ${i}`, route: "auth.heartbeat", body: {} });
		assert.equal(calls.length, 100);
	});

	it("come back as they were, and nothing else does", () => {
		const good = { name: "a", route: "auth.heartbeat", body: {} };
		const kept = storage(null);
		assert.ok(storeCalls(kept, [good]));
		assert.deepEqual(loadCalls(kept), [good]);
		for (const text of ["", "no JSON", "{}", "[1,null]", '[{"name":"x","route":"no.route","body":{}}]']) {
			assert.deepEqual(loadCalls(storage(text)), [], text);
		}
	});

	it("do without a browser's storage", () => {
		const off = {
			getItem: (): never => {
				throw new Error("denied");
			},
			setItem: (): never => {
				throw new Error("denied");
			},
		};
		assert.deepEqual(loadCalls(off), []);
		assert.equal(storeCalls(off, []), false);
	});
});

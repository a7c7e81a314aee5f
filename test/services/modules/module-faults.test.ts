// Code of modules that goes wrong where nothing of the gateway may: what is thrown, what does not end, what cannot be read.
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

describe("faults of modules", () => {
	let fixture: ModuleFixture;
	beforeEach(() => {
		fixture = new ModuleFixture({ loadTimeoutMs: 1000 });
	});
	afterEach(() => fixture.close());

	it("answers also when what was thrown cannot be read, or is an error that no caller can be given", async () => {
		const unreadable = 'new Proxy({}, { getPrototypeOf: () => { throw new Error("no prototype"); } })';
		for (const thrown of [
			unreadable,
			'"a text"',
			"null",
			'new CallError("NOPE", "")',
			'new CallError("OK", "")',
			'new CallError("NOT_FOUND", "", { retryAfterMs: Infinity })',
			'new CallError("NOT_FOUND", "", { field: 5 })',
		]) {
			fixture.write("shop.ts", moduleSource({ run: `await undefined; throw ${thrown};` }));
			await fixture.reload();
			await assert.rejects(fixture.call("shop.get") as Promise<object>, { code: ErrorCode.INTERNAL }, thrown);
			assert.deepEqual([fixture.route("shop.get")[0].faults, fixture.route("shop.get")[0].inFlight], [1, 0], thrown);
		}
	});

	it("a timer whose work is rejected with what is no error is logged", async () => {
		const top = 'setTimeout(async () => { throw "a text"; }, 0);';
		fixture.write(
			"shop.ts",
			moduleSource({ top, run: "await new Promise((done) => setTimeout(done, 10)); return { version: 1 };" }),
		);
		await fixture.reload();
		await fixture.call("shop.get");
		assert.deepEqual(
			fixture.lines.filter(({ level }) => level === "error").map(({ message, err }) => [message, err]),
			[["the work of a timer of a module failed", "a text"]],
		);
	});

	it("waits for dispose when it closes, and not for one that does not end", async () => {
		const late =
			"dispose: async () => { await new Promise((done) => setTimeout(done, 20)); globalThis.framegateDisposed = 2; },";
		fixture.write("shop.ts", moduleSource({ more: late }));
		fixture.write("cart.ts", moduleSource({ number: 7002, more: "dispose: () => new Promise(() => {})," }));
		await fixture.reload();
		const cart = fixture.route("cart.get")[0];
		fixture.write("cart.ts", moduleSource({ number: 7002, run: "return { version: 2 };" }));
		await fixture.reload();
		await cart.retire({ timeoutMs: 0, graceMs: 0 });
		const failed = fixture.lines.filter(({ message }) => message === "dispose of a module failed");
		assert.deepEqual(
			failed.map(({ err }) => (err as Error).message),
			["dispose took longer than 1000 ms"],
		);
		await fixture.host.close();
		assert.equal((globalThis as unknown as Record<string, unknown>)["framegateDisposed"], 2);
	});

	it("a folder that cannot be read keeps no other module from loading, and its generation goes on", async () => {
		fixture.write("shop/index.ts", moduleSource());
		await fixture.reload();
		fixture.write("cart.ts", moduleSource({ number: 7002 }));
		chmodSync(fixture.dir, 0o755);
		chmodSync(join(fixture.dir, "shop"), 0);
		const isRoot = process.geteuid?.() === 0;
		// Nothing is closed to root.
		if (isRoot) process.seteuid?.(65_534);
		const { loaded, removed, problems } = await fixture.reload().finally(() => {
			if (isRoot) process.seteuid?.(0);
			chmodSync(join(fixture.dir, "shop"), 0o755);
		});
		assert.deepEqual([loaded.map(({ module }) => module), removed], [["cart"], []]);
		assert.deepEqual(
			problems.map(({ module }) => module),
			isRoot ? [] : ["shop"],
		);
		assert.deepEqual(await fixture.call("shop.get"), { version: 1 });
	});
});

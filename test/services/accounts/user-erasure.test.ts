// The erasure of deleted users: every domain in bounded parts, twice, whatever fails in between and whichever process goes on.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErasedUser, PersonalData } from "../../../common/personal-data.ts";
import { unavailable } from "../../../protocol/error.ts";
import type { UserDeletion, UserDeletionStore } from "../../../services/accounts/user-deletions.ts";
import { UserErasure } from "../../../services/accounts/user-erasure.ts";
import { UserExport } from "../../../services/accounts/user-export.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

/** Deletions in memory, which are due when a test says so. */
class Deletions implements UserDeletionStore {
	readonly due: UserDeletion[] = [];
	readonly postponed: { readonly deletion: UserDeletion; readonly delayMs: number }[] = [];
	readonly finished: string[] = [];
	isTakenOver = false;

	async acquire(): Promise<UserDeletion | undefined> {
		return this.due.shift();
	}

	async renew(): Promise<boolean> {
		return !this.isTakenOver;
	}

	async postpone({ userId, usernameKey, emailKey, round, place }: UserDeletion, _holder: string, delayMs: number) {
		this.postponed.push({ deletion: { userId, usernameKey, emailKey, round, place }, delayMs });
	}

	async finish(userId: string): Promise<void> {
		this.finished.push(userId);
	}

	async count(): Promise<number> {
		return this.due.length;
	}
}

/** A domain of so many parts, and what it was asked for. */
function domain(name: string, parts: number, calls: string[], fails: () => boolean = () => false): PersonalData {
	return {
		name,
		erase: async ({ userId, accountKeys }: ErasedUser, place: string) => {
			calls.push(`${name}:${place} ${userId} ${accountKeys.join()}`);
			if (fails()) throw unavailable("the store", 1000);
			const next = Number(place || "0") + 1;
			return next < parts ? String(next) : undefined;
		},
		export: async (_userId, place) => {
			const at = Number(place || "0");
			const numbers = [at * 2, at * 2 + 1].filter((n) => n < parts * 2);
			const records = numbers.map((n) => ({ kind: name, data: { n }, place: String((n + 1) / 2) }));
			return { records, next: at + 1 < parts ? String(at + 1) : undefined };
		},
	};
}

const ann: UserDeletion = { userId: "u1", usernameKey: "ann", emailKey: "", round: 1, place: "" };

describe("erasing a deleted user", () => {
	test("goes over every domain part by part, and again after a time", async () => {
		const [deletions, calls] = [new Deletions(), [] as string[]];
		const domains = [domain("one", 3, calls), domain("two", 1, calls)];
		const erasure = new UserErasure(deletions, domains, quietLogger(), { settleMs: 5000 });
		deletions.due.push(ann);
		await erasure.runNow();
		const all = ["one: u1 ann", "one:1 u1 ann", "one:2 u1 ann", "two: u1 ann"];
		assert.deepEqual(calls.splice(0), all);
		assert.deepEqual(deletions.postponed.splice(0), [{ deletion: { ...ann, round: 2 }, delayMs: 5000 }]);
		assert.deepEqual(deletions.finished, []);
		deletions.due.push({ ...ann, round: 2 });
		await erasure.runNow();
		assert.deepEqual([calls, deletions.postponed, deletions.finished], [all, [], ["u1"]]);
		await erasure.close();
	});

	test("goes on where it was after a failure, and others do not wait for it", async () => {
		const [deletions, calls] = [new Deletions(), [] as string[]];
		let isDown = true;
		const logger = quietLogger();
		const domains = [domain("one", 2, calls), domain("two", 1, calls, () => isDown)];
		const erasure = new UserErasure(deletions, domains, logger);
		deletions.due.push({ ...ann, place: "one:1" }, { ...ann, userId: "u2", round: 2, place: "gone:7" });
		await erasure.runNow();
		assert.deepEqual(calls.splice(0), ["one:1 u1 ann", "two: u1 ann", "one: u2 ann", "one:1 u2 ann", "two: u2 ann"]);
		const [first] = deletions.postponed;
		assert.deepEqual(first?.deletion, { ...ann, place: "two:" });
		assert.ok((first?.delayMs ?? 0) > 0);
		isDown = false;
		deletions.due.push({ ...ann, round: 2, place: "two:" });
		await erasure.runNow();
		assert.deepEqual([calls, deletions.finished], [["two: u1 ann"], ["u1"]]);
		await erasure.close();
	});

	test("ends at once where another process has taken it over", async () => {
		const [deletions, calls] = [new Deletions(), [] as string[]];
		const erasure = new UserErasure(deletions, [domain("one", 3, calls)], quietLogger());
		deletions.isTakenOver = true;
		deletions.due.push(ann);
		await erasure.runNow();
		assert.deepEqual([calls.length, deletions.postponed, deletions.finished], [1, [], []]);
		await erasure.close();
	});

	test("takes so many parts at a time that the next one has its turn", async () => {
		const [deletions, calls] = [new Deletions(), [] as string[]];
		const erasure = new UserErasure(deletions, [domain("one", 5000, calls)], quietLogger());
		deletions.due.push(ann, { ...ann, userId: "u2" });
		await erasure.runNow();
		assert.deepEqual(deletions.postponed, [
			{ deletion: { ...ann, place: "one:2000" }, delayMs: 0 },
			{ deletion: { ...ann, userId: "u2", place: "one:2000" }, delayMs: 0 },
		]);
		await erasure.close();
	});
});

test("an export goes through all domains, and nothing is missing or twice where pages are full", async () => {
	const exports = new UserExport([domain("one", 2, []), domain("two", 1, []), domain("three", 3, [])]);
	for (const room of [1, 2, 100]) {
		const seen: string[] = [];
		let cursor = "";
		do {
			let taken = 0;
			const page = {
				maxBytes: 0,
				take: ({ kind, data }: { kind: string; data: Readonly<Record<string, unknown>> }) => {
					if (taken === room) return false;
					taken++;
					seen.push(`${kind}${String(data["n"])}`);
					return true;
				},
			};
			cursor = (await exports.fill("u1", cursor, page)).nextCursor;
		} while (cursor !== "");
		const distinct = new Set(seen);
		assert.deepEqual([seen.length, distinct.size, seen.at(-1)], [12, 12, "three5"], `room for ${room}`);
	}
	await assert.rejects(
		exports.fill("u2", Buffer.from("1\nexport:u1\none\n").toString("base64url"), { maxBytes: 0, take: () => true }),
	);
});

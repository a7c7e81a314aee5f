// A lease as its holder sees it: until when, what happens when it lapses, when the store fails, and when it is given back
// while a request is pending.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeldLease, type LeaseOutcome } from "../../messaging/held-lease.ts";

/** A store that answers what the test says, when it says so. */
function fixture(ttlMs = 1000) {
	/** The wall clock goes with the monotonic one, unless a test sets it. */
	const time: { ms: number; wallMs?: number } = { ms: 0 };
	const log: string[] = [];
	const answers: ((outcome: LeaseOutcome | Error) => void)[] = [];
	const lease = new HeldLease({
		ttlMs,
		clock: { monotonic: () => time.ms, now: () => time.wallMs ?? time.ms },
		take: () => {
			log.push("take");
			return new Promise((resolve, reject) => {
				answers.push((outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
			});
		},
		release: async () => {
			log.push("release");
		},
	});
	lease.onTaken(() => log.push(`taken at ${time.ms}`));
	const answer = (outcome: LeaseOutcome | Error): void => answers.shift()?.(outcome);
	return {
		...{ time, log, lease, answer },
		renew: async (outcome: LeaseOutcome | Error) => {
			const renewed = lease.renew();
			answer(outcome);
			return await renewed;
		},
	};
}

describe("a held lease", () => {
	it("counts its time from before the request", async () => {
		const { time, lease, answer } = fixture();
		assert.equal(lease.isHeld, false);
		const renewed = lease.renew();
		time.ms = 400;
		answer("taken");
		assert.equal(await renewed, false);
		time.ms = 999;
		assert.equal(lease.isHeld, true);
		time.ms = 1000;
		assert.equal(lease.isHeld, false);
	});

	it("is not held when the answer comes after its time, and nobody is notified", async () => {
		const { time, log, lease, answer } = fixture();
		const renewed = lease.renew();
		time.ms = 1000;
		answer("taken");
		await renewed;
		assert.equal(lease.isHeld, false);
		assert.deepEqual(log, ["take"]);
	});

	it("keeps its generation while it is extended in time", async () => {
		const { time, log, lease, renew } = fixture();
		await renew("taken");
		const { generation } = lease;
		time.ms = 900;
		assert.equal(await renew("extended"), true);
		time.ms = 1800;
		assert.equal(lease.isHeld, true);
		assert.equal(lease.generation, generation);
		assert.deepEqual(log, ["take", "taken at 0", "take"]);
	});

	it("has another generation after it lapsed, also if the store says that it was extended", async () => {
		const { time, log, lease, renew } = fixture();
		await renew("extended");
		const { generation } = lease;
		time.ms = 1000;
		assert.equal(await renew("extended"), false);
		assert.ok(lease.generation > generation);
		assert.deepEqual(log, ["take", "taken at 0", "take", "taken at 1000"]);
	});

	it("has another generation when the store had forgotten it in time", async () => {
		const { lease, renew } = fixture();
		await renew("taken");
		const { generation } = lease;
		assert.equal(await renew("taken"), false);
		assert.ok(lease.generation > generation);
		assert.equal(lease.isHeld, true);
	});

	it("is lost at once when another holder has it", async () => {
		const { lease, renew } = fixture();
		await renew("taken");
		assert.equal(await renew("refused"), false);
		assert.equal(lease.isHeld, false);
	});

	it("is held until its time is over when the store fails", async () => {
		const { time, lease, renew } = fixture();
		await renew("taken");
		time.ms = 500;
		await assert.rejects(renew(new Error("unreachable")), /unreachable/);
		time.ms = 999;
		assert.equal(lease.isHeld, true);
		time.ms = 1000;
		assert.equal(lease.isHeld, false);
		assert.equal(await renew("extended"), false);
		assert.equal(lease.isHeld, true);
	});

	it("asks once for calls that come together", async () => {
		const { log, lease, answer } = fixture();
		const both = Promise.all([lease.renew(), lease.renew()]);
		answer("taken");
		assert.deepEqual(await both, [false, false]);
		assert.deepEqual(log, ["take", "taken at 0"]);
	});

	it("is given back after a pending request, and is not held from the call on", async () => {
		const { log, lease, renew, answer } = fixture();
		await renew("taken");
		const renewed = lease.renew();
		const released = lease.release();
		assert.equal(lease.isHeld, false);
		assert.deepEqual(log, ["take", "taken at 0", "take"]);
		answer("extended");
		await Promise.all([renewed, released]);
		assert.equal(lease.isHeld, false);
		assert.equal(log.at(-1), "release");
	});

	it("is given back although the pending request fails", async () => {
		const { log, lease, answer } = fixture();
		const renewed = lease.renew();
		const released = lease.release();
		answer(new Error("unreachable"));
		await assert.rejects(renewed, /unreachable/);
		await released;
		assert.equal(log.at(-1), "release");
	});

	it("ends by the wall clock too, as the monotonic one stands still while the machine is suspended", async () => {
		const { time, log, lease, renew } = fixture();
		await renew("taken");
		time.wallMs = 999;
		assert.equal(lease.isHeld, true);
		time.wallMs = 1000;
		assert.equal(lease.isHeld, false);
		assert.equal(await renew("extended"), false, "another process may have had it");
		assert.deepEqual(log.slice(2), ["take", "taken at 0"]);
	});

	it("does not last longer because the wall clock was set back", async () => {
		const { time, lease, renew } = fixture();
		time.wallMs = 3_600_000;
		await renew("taken");
		time.wallMs = 0;
		time.ms = 1000;
		assert.equal(lease.isHeld, false);
	});

	it("was not held all the time when it ended before the answer came", async () => {
		const { time, lease, renew, answer } = fixture();
		await renew("taken");
		time.ms = 500;
		const renewed = lease.renew();
		time.ms = 1200;
		answer("extended");
		assert.equal(await renewed, false);
		assert.equal(lease.isHeld, true);
	});
});

// A password check is the most expensive request before a login: a client that floods it delays only itself.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FairQueue, type Origin } from "../../common/fair-queue.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { Passwords } from "../../services/accounts/passwords.ts";
import { accountServices, cheapPasswords, registerUser, testDevice } from "../support/account-services.ts";

const from = (address: string, account = address): Origin => ({ address, account });
const limits = { total: 100, perAddress: 100, perAccount: 100 };

/** Jobs are named after where they come from, and drawn until none waits. */
function drained(queue: FairQueue<string>): string[] {
	const order: string[] = [];
	for (let job = queue.shift(); job !== undefined; job = queue.shift()) order.push(job);
	return order;
}

describe("the queue of password checks", () => {
	test("serves addresses in turn: one check of somebody else waits for one of each flooder", () => {
		const queue = new FairQueue<string>(limits);
		for (let address = 0; address < 12; address++) {
			for (let job = 0; job < 8; job++)
				assert.equal(queue.push(`flood ${address}`, from(`192.0.2.${address}`)), undefined);
		}
		assert.equal(queue.push("honest", from("198.51.100.1")), undefined);
		const order = drained(queue);
		assert.equal(order.length, 97);
		assert.equal(order.indexOf("honest"), 12);
		assert.equal(queue.size, 0);
	});

	test("serves the accounts behind one address in turn", () => {
		const queue = new FairQueue<string>(limits);
		for (let job = 0; job < 50; job++) queue.push("flood", from("192.0.2.1", "victim"));
		queue.push("colleague", from("192.0.2.1", "colleague"));
		assert.equal(drained(queue).indexOf("colleague"), 1);
	});

	test("is bounded by address, by account and in all", () => {
		const queue = new FairQueue<string>({ total: 10, perAddress: 4, perAccount: 3 });
		const push = (job: string, address: string, account: string) => queue.push(job, from(address, account));
		for (let job = 0; job < 3; job++) assert.equal(push("a", "1", "x"), undefined);
		assert.equal(push("a", "2", "x"), "a", "the account has its share, whatever the address");
		assert.equal(push("b", "1", "y"), undefined);
		assert.equal(push("b", "1", "z"), "b", "so has the address");
		for (let job = 0; job < 6; job++) assert.equal(queue.push("nobody", from(`n${job}`, "")), undefined);
		assert.equal(queue.size, 10);
		assert.equal(push("late", "5", "v"), "a", "of the address with most, the account with most makes room");
		assert.equal(queue.size, 10);
		assert.equal(drained(queue).length, 10);
	});

	test("that is full of equals refuses the newcomer", () => {
		const queue = new FairQueue<string>({ ...limits, total: 3 });
		for (const address of ["1", "2", "3"]) queue.push(address, from(address));
		assert.equal(queue.push("4", from("4")), "4");
		assert.deepEqual(drained(queue), ["1", "2", "3"]);
	});
});

test("a flood of password checks from twelve addresses delays nobody else, and is refused with a time to wait", async () => {
	const passwords = new Passwords({ ...cheapPasswords, maxConcurrent: 1, maxQueued: 24 });
	await passwords.verifyNothing("so that the decoy is there");
	let done = 0;
	const flood = Array.from({ length: 120 }, (_, index) => {
		const check = passwords.verifyNothing("guess", from(`192.0.2.${index % 12}`, `account ${index}`));
		return check.then(() => void done++);
	});
	const settled = Promise.allSettled(flood);
	await new Promise(setImmediate);
	assert.equal(passwords.queued, 24);
	await passwords.verifyNothing("honest", from("198.51.100.1"));
	assert.ok(done <= 14, `${done} of the flood came first`);
	const results = await settled;
	const refused = results.filter((result) => result.status === "rejected");
	assert.equal(refused.length, passwords.rejections);
	assert.ok(refused.length >= 95);
	for (const { reason } of refused) {
		assert.ok(reason instanceof GatewayError);
		assert.equal(reason.code, 13);
		assert.ok(reason.retryAfterMs >= 100);
	}
});

describe("attempts from one address", () => {
	test("count failures: a site of three hundred behind one address logs in, and guesses are limited as before", async () => {
		const services = await accountServices({ limited: true });
		const { accounts } = services;
		await registerUser(services, "alice");
		for (let login = 0; login < 300; login++) await accounts.login("alice", "correct horse", testDevice);
		const guesses = await Promise.allSettled(
			Array.from({ length: 130 }, (_, index) => accounts.login(`nobody${index}`, "wrong guess", testDevice)),
		);
		const codes = guesses.map((guess) => (guess.status === "rejected" ? guess.reason.code : 0));
		assert.equal(codes.filter((code) => code === 2).length, 100, "as many as there are points");
		assert.equal(codes.filter((code) => code === 11).length, 30);
		await assert.rejects(accounts.login("alice", "correct horse", testDevice), { code: 11 });
		await services.close();
	});

	test("count neither what was refused for want of a place nor a name that nobody may have", async () => {
		const services = await accountServices({ limited: true });
		const { accounts, passwords } = services;
		for (let index = 0; index < 40; index++) await assert.rejects(registerUser(services, "a b"), { code: 7 });
		await registerUser(services, "alice");
		const verify = passwords.verify.bind(passwords);
		passwords.verify = () => Promise.reject(unavailable("password check", 100));
		for (let index = 0; index < 150; index++) {
			await assert.rejects(accounts.login("alice", "correct horse", testDevice), { code: 13 });
		}
		passwords.verify = verify;
		await accounts.login("alice", "correct horse", testDevice);
		await services.close();
	});

	test("count registrations and requests for codes whatever comes of them, and wrong codes only", async () => {
		const services = await accountServices({ limited: true });
		const { accounts, notices } = services;
		for (let index = 0; index < 20; index++) await registerUser(services, `user-${index}`, `u${index}@example.org`);
		await assert.rejects(registerUser(services, "user-20"), { code: 11 });
		// Thirty guesses from an address; forty right codes are none.
		for (let index = 0; index < 10; index++) {
			await accounts.reset.requestCode(`user-${index}`, testDevice.ip);
		}
		await accounts.reset.close();
		for (let index = 0; index < 10; index++) {
			const code = /Code: (\S+)/.exec(notices.find(({ to }) => to === `u${index}@example.org`)?.text ?? "")?.[1] ?? "";
			await accounts.reset.confirm(`user-${index}`, code, "another horse", testDevice.ip);
		}
		const wrong = Array.from({ length: 35 }, (_, index) =>
			accounts.reset.confirm(`user-${index % 20}`, "00000-00000", "another horse", testDevice.ip),
		);
		const codes = (await Promise.allSettled(wrong)).map((result) =>
			result.status === "rejected" ? result.reason.code : 0,
		);
		assert.equal(codes.filter((code) => code === 2).length, 30);
		await services.close();
	});
});

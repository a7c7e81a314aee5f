// Forgotten passwords: the code's life, and what a stranger cannot find out.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { type AccountServices, accountServices, registerUser, testDevice } from "../../support/account-services.ts";
import { passDatabaseTime } from "../../support/database-time.ts";
import { rejectionOf as answer } from "../../support/rejection.ts";

const code = (value: number) => (error: unknown) => error instanceof GatewayError && error.code === value;
const [UNAUTHENTICATED, RATE_LIMITED, UNAVAILABLE] = [2, 11, 13];

const ip = testDevice.ip;

describe("forgotten password", () => {
	const sentCode = async (services: AccountServices, account = "alice") => {
		const before = services.notices.length;
		await services.reset.requestCode(account, ip);
		await services.reset.close();
		assert.equal(services.notices.length, before + 1);
		return /Code: (\S+)/.exec(services.notices.at(-1)?.text ?? "")?.[1] as string;
	};

	test("a code sets a new password, ends every session, and works once", async () => {
		const services = await accountServices();
		const user = await registerUser(services, "alice", "a@example.org");
		const { tokens } = await services.accounts.login("alice", "correct horse", testDevice);
		const reset = await sentCode(services);
		assert.equal(services.notices[0]?.to, "a@example.org");
		await services.reset.confirm("alice", reset.toLowerCase(), "new password", ip);
		await assert.rejects(services.sessions.resume(tokens.accessToken), code(UNAUTHENTICATED));
		assert.deepEqual(
			services.events.map((event) => event.reason),
			["password-changed"],
		);
		await assert.rejects(services.accounts.login("alice", "correct horse", testDevice), code(UNAUTHENTICATED));
		assert.equal((await services.accounts.login("alice", "new password", testDevice)).user.id, user.id);
		await assert.rejects(services.reset.confirm("alice", reset, "third password", ip), code(UNAUTHENTICATED));
		await services.close();
	});

	test("works by address, for each of the accounts that share it", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "same@example.org");
		await registerUser(services, "bobby", "Same@example.org");
		await services.reset.requestCode("SAME@example.org", ip);
		await services.reset.close();
		const bobs = services.notices.find((notice) => notice.text.includes("bobby"))?.text ?? "";
		const reset = /Code: (\S+)/.exec(bobs)?.[1] as string;
		await services.reset.confirm("same@example.org", reset, "new password", ip);
		await services.accounts.login("bobby", "new password", testDevice);
		await services.accounts.login("alice", "correct horse", testDevice);
		await services.close();
	});

	test("a newer code voids the older one", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "a@example.org");
		const [older, newer] = [await sentCode(services), await sentCode(services)];
		await assert.rejects(services.reset.confirm("alice", older, "new password", ip), code(UNAUTHENTICATED));
		await services.reset.confirm("alice", newer, "new password", ip);
		await services.close();
	});

	test("an outdated code, and one that was guessed at too often, are void", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "a@example.org");
		const outdated = await sentCode(services);
		services.clock.advance(15 * 60_000);
		await passDatabaseTime(services.database, 15 * 60_000);
		await assert.rejects(services.reset.confirm("alice", outdated, "new password", ip), code(UNAUTHENTICATED));
		const guessedAt = await sentCode(services);
		for (let n = 0; n < 5; n++) await answer(services.reset.confirm("alice", "00000-00000", "new password", ip));
		await assert.rejects(services.reset.confirm("alice", guessedAt, "new password", ip), code(UNAUTHENTICATED));
		await services.close();
	});

	test("concurrent uses of one code: one password is set", async () => {
		const services = await accountServices({ reset: { codeAttempts: 100 } });
		await registerUser(services, "alice", "a@example.org");
		const reset = await sentCode(services);
		const uses = Array.from({ length: 5 }, (_, n) => services.reset.confirm("alice", reset, `password ${n}`, ip));
		const results = await Promise.allSettled(uses);
		assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
		const winner = results.findIndex((result) => result.status === "fulfilled");
		await services.accounts.login("alice", `password ${winner}`, testDevice);
		await services.close();
	});

	test("neither step reveals whether an account exists, has an address, or is disabled", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "a@example.org");
		await registerUser(services, "noaddress");
		const disabled = await registerUser(services, "mallory", "m@example.org");
		await services.accounts.setStatus(disabled.id, "disabled");
		const accounts = ["alice", "noaddress", "mallory", "nobody", "a@example.org", "nobody@example.org", "!?", "@"];
		for (const account of accounts) assert.equal(await services.reset.requestCode(account, ip), 15 * 60_000);
		await services.reset.close();
		assert.deepEqual(
			services.notices.map((notice) => notice.to),
			["a@example.org", "a@example.org"],
		);
		const answers = await Promise.all(
			accounts.map((account) => answer(services.reset.confirm(account, "00000-00000", "new password", ip))),
		);
		for (const one of answers) assert.deepEqual(one, answers[0]);
		await services.close();
	});

	test("a failing sweep does not prevent sending a code", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "a@example.org");
		services.users.deleteExpiredResetCodes = async () => {
			throw new GatewayError(ErrorCode.UNAVAILABLE, "locked");
		};
		await services.reset.confirm("alice", await sentCode(services), "new password", ip);
		await services.close();
	});

	test("step two allows as many attempts for unknown accounts as for existing ones", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "same@example.org");
		await registerUser(services, "bobby", "same@example.org");
		await registerUser(services, "noaddress");
		await services.reset.requestCode("alice", ip);
		await services.reset.close();
		const attempts = async (account: string) => {
			let count = 0;
			const consume = services.users.consumeResetAttempt.bind(services.users);
			services.users.consumeResetAttempt = (...args) => {
				count++;
				return consume(...args);
			};
			await assert.rejects(services.reset.confirm(account, "00000-00000", "new password", ip), code(UNAUTHENTICATED));
			services.users.consumeResetAttempt = consume;
			return count;
		};
		const [first, ...others] = ["alice", "bobby", "noaddress", "nobody", "!?"];
		const expected = await attempts(first as string);
		for (const name of others) assert.equal(await attempts(name), expected, name);
		assert.equal(await attempts("same@example.org"), await attempts("nobody@example.org"));
		await services.close();
	});

	test("step one answers before it looks, whatever becomes of the notice", async () => {
		let release = () => {};
		const stuck = new Promise<void>((resolve) => {
			release = resolve;
		});
		const notifier = { send: () => stuck, close: async () => {} };
		const services = await accountServices({ notifier, reset: { maxPending: 3 } });
		await registerUser(services, "alice", "a@example.org");
		for (let n = 0; n < 3; n++) await services.reset.requestCode("alice", ip);
		await assert.rejects(services.reset.requestCode("alice", ip), code(UNAVAILABLE));
		release();
		await services.reset.close();
		await services.reset.requestCode("alice", ip);
		await services.close();
	});

	test("a notice that cannot be sent is logged, without the code", async () => {
		const notifier = { send: () => Promise.reject(new Error("mail server says no")), close: async () => {} };
		const services = await accountServices({ notifier });
		await registerUser(services, "alice", "a@example.org");
		await services.reset.requestCode("alice", ip);
		await services.reset.close();
		assert.deepEqual(
			services.logger.lines.map((line) => line.level),
			["error"],
		);
		await services.close();
	});

	test("both steps are limited by account and by address, the same for accounts that do not exist", async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice", "a@example.org");
		for (const account of ["alice", "nobody"]) {
			for (let n = 0; n < 3; n++) await services.reset.requestCode(account, ip);
			await assert.rejects(services.reset.requestCode(account, ip), code(RATE_LIMITED));
			for (let n = 0; n < 10; n++) await answer(services.reset.confirm(account, "0", "new password", ip));
			await assert.rejects(services.reset.confirm(account, "0", "new password", ip), code(RATE_LIMITED));
		}
		await services.close();
	});
});

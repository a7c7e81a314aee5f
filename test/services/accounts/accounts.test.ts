// Registration, login and administration, with an eye on what a stranger can find out.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GatewayError } from "../../../protocol/error.ts";
import { Passwords } from "../../../services/accounts/passwords.ts";
import {
	type AccountServices,
	accountServices,
	cheapPasswords,
	registerUser,
	testDevice,
} from "../../support/account-services.ts";
import { rejectionOf as answer } from "../../support/rejection.ts";

const code = (value: number) => (error: unknown) => error instanceof GatewayError && error.code === value;
const [UNAUTHENTICATED, PERMISSION_DENIED, VALIDATION_FAILED, NOT_FOUND] = [2, 4, 7, 8];
const [ALREADY_EXISTS, RATE_LIMITED, UNAVAILABLE] = [9, 11, 13];

const from = (ip: string) => ({ ...testDevice, ip });
describe("registration", () => {
	test("gives an account that can log in, by any form of its name", async () => {
		const services = await accountServices();
		const user = await registerUser(services, "Alice", "a@example.org");
		assert.deepEqual(user.roles, ["player"]);
		for (const name of ["Alice", "aLICE", "ＡＬＩＣＥ"]) {
			const login = await services.accounts.login(name, "correct horse", testDevice);
			assert.equal(login.user.id, user.id);
			assert.equal(login.identity.username, "Alice");
		}
		await services.close();
	});

	test("a taken name is refused, in any form, however close the race", async () => {
		const services = await accountServices();
		await registerUser(services, "Alice");
		await assert.rejects(registerUser(services, "aLiCe"), code(ALREADY_EXISTS));
		const race = await Promise.allSettled(Array.from({ length: 10 }, () => registerUser(services, "bob")));
		assert.equal(race.filter((result) => result.status === "fulfilled").length, 1);
		for (const result of race) assert.ok(result.status === "fulfilled" || code(ALREADY_EXISTS)(result.reason));
		await services.close();
	});

	test("an address that is in use is accepted", async () => {
		const services = await accountServices();
		await registerUser(services, "alice", "same@example.org");
		await registerUser(services, "bobby", "same@example.org");
		await services.close();
	});

	test("can be closed, and is limited by address", async () => {
		const closed = await accountServices({ accounts: { registrationEnabled: false } });
		await assert.rejects(registerUser(closed), code(PERMISSION_DENIED));
		await closed.close();
		const services = await accountServices({ limited: true });
		for (let n = 0; n < 20; n++) await registerUser(services, `user${n}`);
		await assert.rejects(registerUser(services, "onemore"), code(RATE_LIMITED));
		await services.close();
	});
});

describe("login", () => {
	test("unknown, wrong and disabled are one answer", async () => {
		const services = await accountServices();
		await registerUser(services, "alice");
		const disabled = await registerUser(services, "mallory");
		await services.accounts.setStatus(disabled.id, "disabled");
		const answers = await Promise.all([
			answer(services.accounts.login("alice", "wrong", testDevice)),
			answer(services.accounts.login("nobody", "wrong", testDevice)),
			answer(services.accounts.login("mallory", "correct horse", testDevice)),
			answer(services.accounts.login("mallory", "wrong", testDevice)),
			answer(services.accounts.login("no such, not even a name!", "wrong", testDevice)),
			answer(services.accounts.login("", "", testDevice)),
		]);
		for (const one of answers) assert.deepEqual(one, answers[0]);
		await services.close();
	});

	test("each takes exactly one password check, so that the time is alike as well", async () => {
		const services = await accountServices();
		await registerUser(services, "alice");
		const disabled = await registerUser(services, "mallory");
		await services.accounts.setStatus(disabled.id, "disabled");
		const counts: number[] = [];
		for (const [name, password] of [
			["alice", "wrong"],
			["nobody", "wrong"],
			["mallory", "correct horse"],
		] as const) {
			counts.push(await checksDuring(services, () => answer(services.accounts.login(name, password, testDevice))));
		}
		assert.deepEqual(counts, [1, 1, 1]);
		await services.close();
	});

	test("of 200 logins at once against one account, ten are tried; the owner of another account is unmoved", async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice");
		await registerUser(services, "bobby");
		const addresses = Array.from({ length: 200 }, (_, n) => `198.51.100.${n}`);
		const logins = addresses.map((address) => services.accounts.login("alice", "guess", from(address)));
		const codes = (await Promise.all(logins.map(answer))) as { code: number; retryAfterMs: number }[];
		assert.equal(codes.filter((one) => one.code === UNAUTHENTICATED).length, 10);
		const limited = codes.filter((one) => one.code === RATE_LIMITED);
		assert.equal(limited.length, 190);
		assert.ok(limited.every((one) => one.retryAfterMs > 0));
		await assert.rejects(services.accounts.login("ALICE", "correct horse", testDevice), code(RATE_LIMITED));
		await services.accounts.login("bobby", "correct horse", testDevice);
		await services.close();
	});

	test("spaces around a name give no further attempts", async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice");
		for (let n = 0; n < 10; n++) {
			await assert.rejects(
				services.accounts.login(`alice${" ".repeat(n)}`, "guess", testDevice),
				code(UNAUTHENTICATED),
			);
		}
		await assert.rejects(services.accounts.login(" alice ", "correct horse", testDevice), code(RATE_LIMITED));
		await services.close();
	});

	test("a limited account that does not exist answers like one that does", async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice");
		const after11 = async (name: string) => {
			for (let n = 0; n < 10; n++) await answer(services.accounts.login(name, "guess", testDevice));
			const last = (await answer(services.accounts.login(name, "guess", testDevice))) as { retryAfterMs: number };
			assert.ok(last.retryAfterMs > 0);
			return { ...last, retryAfterMs: 0 };
		};
		assert.deepEqual(await after11("alice"), await after11("nobody"));
		await services.close();
	});

	test("a blocked address does not use up the attempts of an account", async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice");
		for (let n = 0; n < 100; n++) await answer(services.accounts.login(`other${n}`, "guess", from("203.0.113.9")));
		for (let n = 0; n < 20; n++) {
			await assert.rejects(services.accounts.login("alice", "guess", from("203.0.113.9")), code(RATE_LIMITED));
		}
		await services.accounts.login("alice", "correct horse", testDevice);
		await services.close();
	});

	test("a success forgets earlier failures", async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice");
		for (let round = 0; round < 3; round++) {
			for (let n = 0; n < 9; n++) await answer(services.accounts.login("alice", "guess", testDevice));
			await services.accounts.login("alice", "correct horse", testDevice);
		}
		await services.close();
	});

	test("overload of the password check is rejected with retryAfterMs", async () => {
		const services = await accountServices({ passwords: { maxConcurrent: 1, maxQueued: 2 } });
		await registerUser(services, "alice");
		const logins = Array.from({ length: 50 }, () => services.accounts.login("alice", "correct horse", testDevice));
		const results = await Promise.allSettled(logins);
		const refused = results.filter((result) => result.status === "rejected");
		assert.ok(refused.length > 0 && refused.length < 50);
		for (const { reason } of refused) assert.ok(code(UNAVAILABLE)(reason) && reason.retryAfterMs > 0);
		await services.close();
	});

	test("a login with old hash parameters renews the hash", async () => {
		const services = await accountServices({ passwords: { iterations: 2 } });
		const user = await registerUser(services);
		const old = await new Passwords(cheapPasswords).hash("correct horse");
		await services.users.setPassword(user.id, old, 0);
		await services.accounts.login("alice", "correct horse", testDevice);
		const renewed = (await services.users.byId(user.id))?.passwordHash as string;
		assert.notEqual(renewed, old);
		assert.equal(services.passwords.needsRehash(renewed), false);
		await services.accounts.login("alice", "correct horse", testDevice);
		await services.close();
	});

	test("an account that is disabled while its password is being checked gets no session", async () => {
		const services = await accountServices();
		const user = await registerUser(services);
		const verify = services.passwords.verify.bind(services.passwords);
		services.passwords.verify = async (hash, password) => {
			const result = await verify(hash, password);
			await services.accounts.setStatus(user.id, "disabled");
			return result;
		};
		await assert.rejects(services.accounts.login("alice", "correct horse", testDevice), code(UNAUTHENTICATED));
		assert.deepEqual(await services.store.listByUser(user.id), []);
		await services.close();
	});
});

/** How many password checks a call costs. */
async function checksDuring(services: AccountServices, call: () => Promise<unknown>): Promise<number> {
	let count = 0;
	const { passwords } = services;
	const [verify, verifyNothing] = [passwords.verify.bind(passwords), passwords.verifyNothing.bind(passwords)];
	passwords.verify = (...args) => {
		count++;
		return verify(...args);
	};
	passwords.verifyNothing = (...args) => {
		count++;
		return verifyNothing(...args);
	};
	await call();
	Object.assign(passwords, { verify, verifyNothing });
	return count;
}

const NAMELESS = { password: "correct horse", email: "", nickname: "" };

describe("administration", () => {
	test("disabling ends sessions and blocks logins; enabling permits them", async () => {
		const services = await accountServices();
		const user = await registerUser(services);
		const { tokens } = await services.accounts.login("alice", "correct horse", testDevice);
		await services.accounts.setStatus(user.id, "disabled");
		await assert.rejects(services.sessions.resume(tokens.accessToken), code(UNAUTHENTICATED));
		await assert.rejects(services.sessions.refresh(tokens.refreshToken), code(UNAUTHENTICATED));
		await assert.rejects(services.accounts.login("alice", "correct horse", testDevice), code(UNAUTHENTICATED));
		assert.deepEqual(
			services.events.map((event) => event.reason),
			["administrative"],
		);
		await services.accounts.setStatus(user.id, "active");
		await services.accounts.login("alice", "correct horse", testDevice);
		await services.close();
	});

	test("roles count from their change on, whatever a token says, and no session ends by it", async () => {
		const services = await accountServices();
		const user = await registerUser(services);
		await services.accounts.createUser({ ...NAMELESS, username: "root", roles: ["admin"] });
		const { tokens } = await services.accounts.login("alice", "correct horse", testDevice);
		const resumed = async () => (await services.sessions.resume(tokens.accessToken)).identity;
		await services.accounts.setRoles(user.id, ["player", "admin"]);
		assert.deepEqual([(await resumed()).roles, (await resumed()).permissions.has("*")], [["player", "admin"], true]);
		await services.accounts.setRoles(user.id, ["player"]);
		const { roles, permissions, userVersion } = await resumed();
		assert.deepEqual([roles, permissions.has("*"), userVersion], [["player"], false, 3]);
		assert.deepEqual(services.events, []);
		await services.close();
	});

	test("accounts that break the rules are refused with every field named", async () => {
		const services = await accountServices();
		const bad = { username: "alice", password: "short", email: "no address", nickname: "x".repeat(65), roles: [] };
		const rejection = (await answer(services.accounts.createUser(bad))) as {
			code: number;
			violations: { field: string }[];
		};
		assert.equal(rejection.code, VALIDATION_FAILED);
		assert.deepEqual(
			rejection.violations.map((violation) => violation.field),
			["password", "email", "nickname"],
		);
		const good = { username: "alice", password: "correct horse", email: "", nickname: "", roles: ["boss"] };
		await assert.rejects(services.accounts.createUser(good), code(VALIDATION_FAILED));
		await assert.rejects(
			services.accounts.createUser({ ...good, username: "a b", roles: [] }),
			code(VALIDATION_FAILED),
		);
		await services.close();
	});

	test("a text that no store can hold is nobody's, and refused by field where it would be kept", async () => {
		const services = await accountServices();
		const nul = "ali\0ce";
		await registerUser(services, "alice", "a@example.org");
		const fields = async (call: Promise<unknown>) => {
			const rejection = (await answer(call)) as { code: number; violations: { field: string }[] };
			assert.equal(rejection.code, VALIDATION_FAILED);
			return rejection.violations.map((violation) => violation.field);
		};
		const good = { username: "bobby", password: "correct horse", email: "", nickname: "" };
		const register = (bad: Partial<typeof good>) =>
			fields(services.accounts.register({ ...good, ...bad }, "192.0.2.1"));
		assert.deepEqual(await register({ username: nul }), ["username"]);
		assert.deepEqual(await register({ email: `${nul}@example.org`, nickname: nul }), ["email", "nickname"]);
		const device = { ...testDevice, deviceId: nul, deviceName: nul };
		const login = services.accounts.login("alice", "correct horse", device);
		assert.deepEqual(await fields(login), ["device_id", "device_name"]);
		await assert.rejects(services.accounts.login(nul, "correct horse", testDevice), code(UNAUTHENTICATED));
		const { identity } = await services.accounts.login("alice", "correct horse", testDevice);
		await assert.rejects(services.accounts.getUser(identity, nul), code(NOT_FOUND));
		for (const account of [nul, `${nul}@example.org`]) {
			await services.reset.requestCode(account, "192.0.2.1");
			await assert.rejects(
				services.reset.confirm(account, "00000-00000", "new password", "192.0.2.1"),
				code(UNAUTHENTICATED),
			);
		}
		await services.close();
	});

	test("unknown users are NOT_FOUND", async () => {
		const services = await accountServices();
		const nobody = "00000000-0000-0000-0000-000000000000";
		await assert.rejects(services.accounts.setStatus(nobody, "disabled"), code(NOT_FOUND));
		await assert.rejects(services.accounts.setRoles(nobody, []), code(NOT_FOUND));
		assert.equal(await services.accounts.findUser("nobody"), undefined);
		await services.close();
	});

	test("the list pages through all accounts", async () => {
		const services = await accountServices();
		for (const name of ["alice", "bobby", "carol"]) await registerUser(services, name);
		const first = await services.accounts.list({ limit: 2 });
		const rest = await services.accounts.list({ limit: 2, after: first.nextCursor as string });
		const names = [...first.users, ...rest.users].map((user) => user.username);
		assert.deepEqual(names, ["alice", "bobby", "carol"]);
		assert.equal(rest.nextCursor, undefined);
		await services.close();
	});
});

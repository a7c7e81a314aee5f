// Sessions of issuers' tokens: whose they are, what continues them, and what ends them for good.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { GatewayError } from "../../../../protocol/error.ts";
import { registerUser, testDevice } from "../../../support/account-services.ts";
import { identityServices } from "./identity-services.ts";
import { ISS } from "./issuer-fixture.ts";

const code = (value: ErrorCode) => (error: unknown) => error instanceof GatewayError && error.code === value;
const ENDED = code(ErrorCode.UNAUTHENTICATED);
const nothing = { subject: "", sid: "", jti: "" };

describe("the user of an issuer's token", () => {
	test("is created once, and found again by issuer and subject", async () => {
		const services = await identityServices();
		const claims = { preferred_username: "ada", name: "Ada L.", email: "ada@example.org", email_verified: true };
		const { identity, profile } = await services.credentials.resume(await services.token(claims));
		assert.equal(identity.username, "ada");
		assert.deepEqual([...identity.permissions], ["game.play"]);
		assert.equal(profile.nickname, "Ada L.");
		const again = await services.credentials.resume(await services.token({ preferred_username: "ada.l" }));
		assert.equal(again.identity.userId, identity.userId);
		assert.equal(again.identity.username, "ada");
		assert.equal(services.issuerUsers.created, 1);
		await services.close();
	});

	test("is nobody else's, whatever the token claims: another issuer, a name, an address", async () => {
		const services = await identityServices();
		const local = await registerUser(services, "ada", "ada@example.org");
		const claims = { sub: "u1", preferred_username: "ada", email: "ada@example.org", email_verified: true };
		const one = await services.credentials.resume(await services.token(claims));
		const two = await services.credentials.resume(await services.otherToken(claims));
		const three = await services.credentials.resume(await services.token({ ...claims, sub: local.id }));
		const ids = [local, ...[one, two, three].map(({ identity }) => ({ id: identity.userId }))].map(({ id }) => id);
		assert.equal(new Set(ids).size, 4);
		for (const { identity } of [one, two, three]) assert.match(identity.username, /^user-[a-z2-9]{10}$/);
		await services.close();
	});

	test("has no password, and none is set by a code", async () => {
		const services = await identityServices();
		const claims = { preferred_username: "ada", email: "ada@example.org", email_verified: true };
		await services.credentials.resume(await services.token(claims));
		await assert.rejects(services.accounts.login("ada", "", testDevice), ENDED);
		await services.accounts.reset.requestCode("ada@example.org", "192.0.2.1");
		await services.accounts.reset.close();
		assert.deepEqual(services.notices, []);
		await services.close();
	});

	test("gives itself no password, so that a stolen token is no login that lasts; an administrator may", async () => {
		const services = await identityServices();
		const { identity } = await services.credentials.resume(await services.token({ preferred_username: "ada" }));
		const update = { userId: "", metadata: {}, oldPassword: "", expectedVersion: 0 };
		const caller = { identity, ip: "192.0.2.1", onEnded: () => {} };
		const own = services.management.update(caller, { ...update, nickname: "Ada", password: "correct horse" });
		await assert.rejects(own, code(ErrorCode.PRECONDITION_FAILED));
		await assert.rejects(services.accounts.login("ada", "correct horse", testDevice), ENDED);
		assert.equal((await services.management.update(caller, { ...update, nickname: "Ada" })).nickname, "Ada");
		await services.accounts.setPassword(identity.userId, "correct horse");
		assert.equal((await services.accounts.login("ada", "correct horse", testDevice)).user.id, identity.userId);
		await services.close();
	});

	test("is not created where that is not wanted", async () => {
		const services = await identityServices({ issuer: { createUsers: false } });
		await assert.rejects(services.credentials.resume(await services.token()), code(ErrorCode.PERMISSION_DENIED));
		assert.equal((await services.accounts.list({ limit: 10 })).users.length, 0);
		await services.close();
	});

	test("that is disabled stays out, with every token", async () => {
		const services = await identityServices();
		const token = await services.token({ sid: "s1" });
		const { identity } = await services.credentials.resume(token);
		await services.directory.change(identity.userId, () => ({ status: "disabled" }), { atMs: services.clock.now() });
		await services.sessions.revokeAll(identity.userId, "administrative");
		await assert.rejects(services.credentials.resume(token), ENDED);
		services.clock.advance(60_000);
		await assert.rejects(services.credentials.resume(await services.token({ sid: "s2" })), ENDED);
		await services.close();
	});

	test("two connections with the first token at once get one user and one session", async () => {
		const services = await identityServices();
		const token = await services.token({ jti: "t1" });
		const results = await Promise.all(Array.from({ length: 5 }, () => services.credentials.resume(token)));
		assert.equal(new Set(results.map(({ identity }) => identity.userId)).size, 1);
		assert.equal(new Set(results.map(({ identity }) => identity.sessionId)).size, 1);
		await services.close();
	});
});

describe("a session of an issuer's tokens", () => {
	test("is continued by tokens of the same sid, for as long as the last one lives", async () => {
		const services = await identityServices();
		const first = await services.credentials.resume(await services.token({ sid: "s1", jti: "t1" }));
		services.clock.advance(240_000);
		const next = await services.credentials.resume(await services.token({ sid: "s1", jti: "t2", roles: ["x"] }));
		assert.equal(next.identity.sessionId, first.identity.sessionId);
		services.clock.advance(240_000);
		assert.ok(await services.store.get(first.identity.sessionId));
		services.clock.advance(180_000);
		assert.equal(await services.store.get(first.identity.sessionId), undefined);
		await services.close();
	});

	test("or, without a sid, by a token of the same subject on the same connection", async () => {
		const services = await identityServices();
		const { identity } = await services.credentials.resume(await services.token({ jti: "t1" }));
		const on = { ip: "192.0.2.1", identity };
		const next = await services.credentials.resume(await services.token({ jti: "t2" }), on);
		assert.equal(next.identity.sessionId, identity.sessionId);
		const elsewhere = await services.credentials.resume(await services.token({ jti: "t3" }));
		assert.notEqual(elsewhere.identity.sessionId, identity.sessionId);
		const stranger = await services.credentials.resume(await services.token({ sub: "u2", jti: "t4" }), on);
		assert.notEqual(stranger.identity.sessionId, identity.sessionId);
		assert.notEqual(stranger.identity.userId, identity.userId);
		await services.close();
	});

	test("one session id of an issuer for two subjects is a mistake, of which neither gets the other's session", async () => {
		const services = await identityServices();
		await services.credentials.resume(await services.token({ sub: "u1", sid: "s1" }));
		await assert.rejects(services.credentials.resume(await services.token({ sub: "u2", sid: "s1" })), ENDED);
		await services.close();
	});

	test("counts among those of the user, of whom the oldest goes", async () => {
		const services = await identityServices();
		const tokens: string[] = [];
		for (const sid of ["s1", "s2", "s3", "s4"]) {
			tokens.push(await services.token({ sid }));
			await services.credentials.resume(tokens.at(-1) as string);
			services.clock.advance(1000);
		}
		const { userId } = (await services.credentials.resume(tokens[3] as string)).identity;
		assert.equal((await services.store.listByUser(userId)).length, 3);
		assert.equal(services.events.at(-1)?.reason, "replaced");
		await assert.rejects(services.credentials.resume(tokens[0] as string), ENDED);
		await services.close();
	});

	test("has the roles of the token that is presented, not those of before", async () => {
		const services = await identityServices({ issuer: { roles: { default: ["player"], allowed: ["admin"] } } });
		const admin = await services.credentials.resume(await services.token({ sid: "s1", roles: ["admin"] }));
		assert.deepEqual(admin.identity.roles, ["admin", "player"]);
		const less = await services.credentials.resume(await services.token({ sid: "s1" }));
		assert.deepEqual(less.identity.roles, ["player"]);
		await services.close();
	});

	test("tokens of our own go their way, and forged ones of either kind nowhere", async () => {
		const services = await identityServices();
		await registerUser(services, "ada");
		const { tokens } = await services.accounts.login("ada", "correct horse", testDevice);
		assert.equal((await services.credentials.resume(tokens.accessToken)).identity.username, "ada");
		const [head, , signature] = (await services.token()).split(".");
		const ours = Buffer.from(JSON.stringify({ iss: "framegate", sub: "x", sid: "y" })).toString("base64url");
		const theirs = Buffer.from(JSON.stringify({ iss: ISS, sub: "x" })).toString("base64url");
		for (const payload of [ours, theirs, "", "e30", "bnVsbA", "W10"]) {
			await assert.rejects(services.credentials.resume(`${head}.${payload}.${signature}`), ENDED);
		}
		await services.close();
	});
});

describe("the end of an issuer's session", () => {
	test("by logout: the token opens it no more, and the next one does", async () => {
		const services = await identityServices();
		const token = await services.token({ sid: "s1" });
		const { identity } = await services.credentials.resume(token);
		assert.equal(await services.sessions.logout(identity, false, () => {}), 1);
		await assert.rejects(services.credentials.resume(token), ENDED);
		services.clock.advance(1000);
		const next = await services.credentials.resume(await services.token({ sid: "s1" }));
		assert.equal(next.identity.userId, identity.userId);
		// The end of the one is still being announced to connections, which must not end the other.
		assert.notEqual(next.identity.sessionId, identity.sessionId);
		await services.close();
	});

	test("by an administrator: what a clock that is ahead has issued is void too", async () => {
		const services = await identityServices();
		const { identity } = await services.credentials.resume(await services.token({ sid: "s1" }));
		await services.sessions.revoke(identity.userId, identity.sessionId, "administrative");
		const ahead = Math.floor(services.clock.now() / 1000) + 3;
		await assert.rejects(services.credentials.resume(await services.token({ sid: "s1", iat: ahead })), ENDED);
		await services.close();
	});

	test("by subject: every session of it, and no other", async () => {
		const services = await identityServices();
		const [one, two] = [await services.token({ sid: "s1" }), await services.token({ jti: "t1" })];
		const [first, second] = [await services.credentials.resume(one), await services.credentials.resume(two)];
		const other = await services.otherToken({ sid: "s1" });
		const stranger = await services.credentials.resume(other);
		// Never presented until now.
		const third = await services.token({ sid: "s9" });
		assert.equal(await services.revocation.revoke({ ...nothing, issuer: "company", subject: "u1" }), 2);
		const ended = services.events.flatMap(({ sessionIds }) => sessionIds);
		assert.deepEqual(ended.toSorted(), [first, second].map(({ identity }) => identity.sessionId).toSorted());
		for (const token of [one, two, third]) await assert.rejects(services.credentials.resume(token), ENDED);
		assert.equal((await services.credentials.resume(other)).identity.sessionId, stranger.identity.sessionId);
		services.clock.advance(10_000);
		assert.ok(await services.credentials.resume(await services.token({ sid: "s1" })));
		await services.close();
	});

	test("by the issuer's session id, twice", async () => {
		const services = await identityServices();
		const request = { ...nothing, issuer: ISS, sid: "s1" };
		for (let round = 0; round < 2; round++) {
			const token = await services.token({ sid: "s1" });
			const beside = await services.token({ sid: "s2" });
			await services.credentials.resume(token);
			await services.credentials.resume(beside);
			assert.equal(await services.revocation.revoke(request), 1);
			assert.equal(await services.revocation.revoke(request), 0);
			await assert.rejects(services.credentials.resume(token), ENDED);
			await services.credentials.resume(beside);
			services.clock.advance(60_000);
		}
		await services.close();
	});

	test("by the id of a token, whether its session has that name or another, and before it was ever presented", async () => {
		const services = await identityServices();
		const request = { ...nothing, issuer: "company", subject: "u1" };
		for (const claims of [{ jti: "t1" }, { jti: "t2", sid: "s1" }]) {
			const token = await services.token(claims);
			const { identity } = await services.credentials.resume(token);
			assert.equal(await services.revocation.revoke({ ...request, jti: claims.jti }), 1);
			assert.equal(await services.store.get(identity.sessionId), undefined);
			await assert.rejects(services.credentials.resume(token), ENDED);
		}
		const unseen = await services.token({ jti: "t3" });
		assert.equal(await services.revocation.revoke({ ...request, jti: "t3" }), 0);
		services.clock.advance(60_000);
		await assert.rejects(services.credentials.resume(unseen), ENDED);
		await services.close();
	});

	test("names what it lacks", async () => {
		const services = await identityServices();
		const fieldOf = async (request: object) => {
			const error = await services.revocation.revoke({ ...nothing, issuer: "company", ...request }).catch((e) => e);
			return (error as GatewayError).violations.map(({ field }) => field);
		};
		assert.deepEqual(await fieldOf({}), ["subject"]);
		assert.deepEqual(await fieldOf({ jti: "t1" }), ["subject"]);
		assert.deepEqual(await fieldOf({ issuer: "https://nobody.example", subject: "u1" }), ["issuer"]);
		await services.close();
	});

	test("a revocation that comes while a session is being opened ends it", async () => {
		const services = await identityServices();
		const token = await services.token({ sid: "s1" });
		const create = services.store.create.bind(services.store);
		// Between the question whether it is void and the moment at which the session can be found.
		services.store.create = async (session) => {
			await services.revocation.revoke({ ...nothing, issuer: "company", subject: "u1" });
			await create(session);
		};
		await assert.rejects(services.credentials.resume(token), ENDED);
		services.store.create = create;
		const [user] = (await services.accounts.list({ limit: 1 })).users;
		assert.deepEqual(await services.store.listByUser(user?.id ?? ""), []);
		await services.close();
	});
});

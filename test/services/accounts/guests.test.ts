// Guests: known by a secret of their device, bounded, and the same users when they have joined an account.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { testDevice } from "../../support/account-services.ts";
import { identityServices } from "./issuers/identity-services.ts";

const code = (value: ErrorCode) => (error: unknown) => error instanceof GatewayError && error.code === value;
const secret = () => randomBytes(24).toString("base64url");
const account = (username: string) => ({ username, password: "correct horse", email: "", nickname: "" });

describe("a guest", () => {
	test("is created by the first login, and found by the next", async () => {
		const { guests, users, ...services } = await identityServices();
		const own = secret();
		const first = await guests.login(own, testDevice, "Ada");
		assert.equal(first.isCreated, true);
		assert.match(first.user.username, /^guest-[a-z2-9]{10}$/);
		assert.deepEqual(first.user.roles, ["guest"]);
		assert.equal(first.user.nickname, "Ada");
		const again = await guests.login(own, testDevice, "Eve");
		assert.equal(again.isCreated, false);
		assert.equal(again.user.id, first.user.id);
		assert.equal((await users.byId(first.user.id))?.nickname, "Ada");
		assert.notEqual((await guests.login(secret(), testDevice, "")).user.id, first.user.id);
		assert.equal(guests.counts.created, 2);
		await services.close();
	});

	test("the same device twice at once is one guest", async () => {
		const { guests, ...services } = await identityServices();
		const own = secret();
		const logins = await Promise.all(Array.from({ length: 6 }, () => guests.login(own, testDevice, "")));
		assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1);
		assert.equal(logins.filter(({ isCreated }) => isCreated).length, 1);
		await services.close();
	});

	test("the secret is not stored, and one that anybody could guess is refused", async () => {
		const { guests, database, ...services } = await identityServices();
		const own = secret();
		await guests.login(own, testDevice, "");
		const rows = await database.run((db) => db.selectFrom("user_identities").selectAll().execute());
		assert.ok(!JSON.stringify(rows).includes(own));
		for (const guessable of ["a".repeat(64), "0123456789".slice(0, 9).repeat(5)]) {
			await assert.rejects(guests.login(guessable, testDevice, ""), code(ErrorCode.VALIDATION_FAILED));
		}
		await services.close();
	});

	test("is not admitted where guests are not, nor when disabled", async () => {
		const closed = await identityServices({ guests: { enabled: false } });
		await assert.rejects(closed.guests.login(secret(), testDevice, ""), code(ErrorCode.PERMISSION_DENIED));
		await closed.close();
		const { guests, accounts, ...services } = await identityServices();
		const own = secret();
		const { user } = await guests.login(own, testDevice, "");
		await accounts.setStatus(user.id, "disabled");
		await assert.rejects(guests.login(own, testDevice, ""), code(ErrorCode.UNAUTHENTICATED));
		await services.close();
	});

	test("has no more sessions than guests may have", async () => {
		const { guests, store, clock, ...services } = await identityServices({ sessions: { maxSessionsPerUser: 10 } });
		const own = secret();
		let userId = "";
		for (let n = 0; n < 4; n++) {
			userId = (await guests.login(own, testDevice, "")).user.id;
			clock.advance(1);
		}
		assert.equal((await store.listByUser(userId)).length, 2);
		await services.close();
	});
});

describe("a guest that joins an account", () => {
	test("of its own: the same user and session, with a name, a password and the roles of accounts", async () => {
		const { guests, accounts, sessions, ...services } = await identityServices();
		const own = secret();
		const guest = await guests.login(own, testDevice, "Ada");
		const joined = await guests.joinNew(guest.identity, account("ada"), "192.0.2.1");
		assert.equal(joined.user.id, guest.user.id);
		assert.equal(joined.user.nickname, "Ada");
		assert.deepEqual(joined.user.roles, ["player"]);
		assert.equal(joined.identity.sessionId, guest.identity.sessionId);
		assert.deepEqual(joined.identity.roles, ["player"]);
		assert.equal((await sessions.resume(joined.tokens.accessToken)).identity.username, "ada");
		assert.equal((await sessions.refresh(joined.tokens.refreshToken)).identity.username, "ada");
		assert.equal((await accounts.login("ada", "correct horse", testDevice)).user.id, guest.user.id);
		assert.equal(guests.counts.joined, 1);
		await services.close();
	});

	test("its device logs in no more, and says why; another join is refused", async () => {
		const { guests, ...services } = await identityServices();
		const own = secret();
		const { identity } = await guests.login(own, testDevice, "");
		await guests.joinNew(identity, account("ada"), "192.0.2.1");
		await assert.rejects(guests.login(own, testDevice, ""), code(ErrorCode.PRECONDITION_FAILED));
		await assert.rejects(guests.joinNew(identity, account("eve"), "192.0.2.1"), code(ErrorCode.PRECONDITION_FAILED));
		assert.deepEqual(
			(await guests.identitiesOf(identity.userId)).map(({ kind }) => kind),
			["joined"],
		);
		await services.close();
	});

	test("keeps the roles that were granted to it, so that the last administrator stays one", async () => {
		const { guests, directory, token, clock, ...services } = await identityServices();
		for (const way of ["name", "issuer"]) {
			const guest = await guests.login(secret(), testDevice, "");
			const granted = () => ({ roles: ["guest", "admin"] });
			await directory.change(guest.user.id, granted, { atMs: clock.now() });
			const joined =
				way === "name"
					? await guests.joinNew(guest.identity, account("ada"), "192.0.2.1")
					: await guests.joinIssuer(guest.identity, await token());
			assert.deepEqual(joined.user.roles, ["player", "admin"]);
			const found = await directory.find({ by: { all: true }, role: "admin", status: "active", after: "", limit: 10 });
			assert.ok(found.users.some(({ id }) => id === guest.user.id));
		}
		await services.close();
	});

	test("waits for its password's hash among those of its own address", async () => {
		const { guests, passwords, ...services } = await identityServices();
		const origins: unknown[] = [];
		const hash = passwords.hash.bind(passwords);
		passwords.hash = (password, origin) => {
			origins.push(origin);
			return hash(password, origin);
		};
		const { identity, user } = await guests.login(secret(), testDevice, "");
		await guests.joinNew(identity, account("ada"), "192.0.2.7");
		assert.deepEqual(origins, [{ address: "192.0.2.7", account: user.usernameKey }]);
		await services.close();
	});

	test("a name that is taken, or no name at all, leaves the guest a guest", async () => {
		const { guests, accounts, ...services } = await identityServices();
		const own = secret();
		const { identity, user } = await guests.login(own, testDevice, "");
		await accounts.register(account("taken"), "192.0.2.1");
		await assert.rejects(guests.joinNew(identity, account("TAKEN"), "192.0.2.1"), code(ErrorCode.ALREADY_EXISTS));
		await assert.rejects(guests.joinNew(identity, account("a b"), "192.0.2.1"), code(ErrorCode.VALIDATION_FAILED));
		const short = { ...account("fine"), password: "short" };
		await assert.rejects(guests.joinNew(identity, short, "192.0.2.1"), code(ErrorCode.VALIDATION_FAILED));
		assert.equal((await guests.login(own, testDevice, "")).user.id, user.id);
		await services.close();
	});

	test("at an issuer: the token's account is the guest's user from then on", async () => {
		const { guests, credentials, token, ...services } = await identityServices();
		const guest = await guests.login(secret(), testDevice, "Ada");
		const own = await token({ sid: "s1" });
		const joined = await guests.joinIssuer(guest.identity, own);
		assert.equal(joined.user.id, guest.user.id);
		assert.deepEqual(joined.user.roles, ["player"]);
		assert.equal((await credentials.resume(own)).identity.userId, guest.user.id);
		const kinds = (await guests.identitiesOf(guest.user.id)).map(({ kind }) => kind);
		assert.deepEqual(kinds.toSorted(), ["issuer", "joined"]);
		await services.close();
	});

	test("an account that has a user here is refused, and neither user changes", async () => {
		const { guests, credentials, token, users, ...services } = await identityServices();
		const before = (await credentials.resume(await token())).identity.userId;
		const own = secret();
		const guest = await guests.login(own, testDevice, "");
		await assert.rejects(guests.joinIssuer(guest.identity, await token()), code(ErrorCode.ALREADY_EXISTS));
		assert.equal((await credentials.resume(await token())).identity.userId, before);
		assert.equal((await guests.login(own, testDevice, "")).user.id, guest.user.id);
		assert.deepEqual((await users.byId(guest.user.id))?.roles, ["guest"]);
		await services.close();
	});

	test("only guests join, and only with a token that is good", async () => {
		const { guests, accounts, token, clock, ...services } = await identityServices();
		await accounts.register(account("ada"), "192.0.2.1");
		const { identity } = await accounts.login("ada", "correct horse", testDevice);
		await assert.rejects(guests.joinNew(identity, account("eve"), "192.0.2.1"), code(ErrorCode.PRECONDITION_FAILED));
		await assert.rejects(guests.joinIssuer(identity, await token()), code(ErrorCode.PRECONDITION_FAILED));
		const guest = await guests.login(secret(), testDevice, "");
		const old = await token();
		clock.advance(400_000);
		await assert.rejects(guests.joinIssuer(guest.identity, old), code(ErrorCode.TOKEN_EXPIRED));
		await assert.rejects(guests.joinIssuer(guest.identity, "nonsense"), code(ErrorCode.UNAUTHENTICATED));
		await services.close();
	});
});

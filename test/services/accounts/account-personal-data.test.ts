// What accounts store of a user: exported each record once, however many sessions there are, and erased.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExportedRecord } from "../../../common/personal-data.ts";
import { AccountPersonalData } from "../../../services/accounts/account-personal-data.ts";
import { originsOf } from "../../../services/accounts/known-origins.ts";
import { SqlIdentityStore } from "../../../services/accounts/store/identity-store-sql.ts";
import { SqlUserDeletionStore } from "../../../services/accounts/store/user-deletion-store-sql.ts";
import { UserExport } from "../../../services/accounts/user-export.ts";
import { accountServices, registerUser, testDevice } from "../../support/account-services.ts";

const MAX_PAGES = 20;

test("an account with more sessions than a page has room for is exported in several, each record once", async () => {
	const services = await accountServices();
	const { users, sessions, known, database } = services;
	const user = await registerUser(services, "ada");
	for (let n = 0; n < 5; n++) {
		await sessions.open(user, { ...testDevice, deviceId: `device${n}` });
		// Two of one millisecond.
		services.clock.advance(n % 2);
	}
	const identities = new SqlIdentityStore(database, users);
	const exports = new UserExport([new AccountPersonalData({ users, identities, sessions, known })]);
	for (const room of [1, 2, 100]) {
		const seen: ExportedRecord[] = [];
		let cursor = "";
		for (let pages = 0; pages < MAX_PAGES; pages++) {
			let taken = 0;
			const take = (record: ExportedRecord) => taken < room && seen.push(record) > 0 && ++taken > 0;
			cursor = (await exports.fill(user.id, cursor, { maxBytes: 0, take })).nextCursor;
			if (cursor === "") break;
		}
		assert.equal(cursor, "", `it ends with room for ${room}`);
		const kinds = seen.map(({ kind }) => kind);
		assert.deepEqual(kinds, ["account", ...Array.from({ length: 5 }, () => "account.session")]);
		assert.equal(new Set(seen.map(({ data }) => data["id"])).size, 6);
	}
	await services.close();
});

test("the addresses that a user logged in from are forgotten, however the user's own address is spelt", async () => {
	const services = await accountServices();
	const { users, sessions, known, database, accounts, directory, clock } = services;
	const user = await registerUser(services, "ada", "\uff21da@example.org");
	await accounts.login("ada", "correct horse", testDevice);
	const names = ["ada", "ada@example.org"];
	const origins = originsOf(testDevice.ip, testDevice.deviceId);
	for (const name of names) assert.deepEqual(await known.among(name, origins), origins);
	await directory.remove(user.id, { atMs: clock.now() });
	const deletion = await new SqlUserDeletionStore(database).acquire("test", 60_000);
	assert.ok(deletion !== undefined);
	const data = new AccountPersonalData({ users, identities: new SqlIdentityStore(database, users), sessions, known });
	await data.erase({ userId: user.id, accountKeys: [deletion.usernameKey, deletion.emailKey] });
	for (const name of names) assert.deepEqual(await known.among(name, origins), [], name);
	await services.close();
});

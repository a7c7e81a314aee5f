// What accounts store of a user beside the account itself: sessions, known origins.
import type { ErasedUser, ExportedPart, ExportedRecord, PersonalData } from "../../common/personal-data.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { KnownOrigins } from "./known-origins.ts";
import type { Sessions } from "./sessions.ts";
import type { UserStore } from "./user-store.ts";

export interface AccountPersonalDataServices {
	readonly users: UserStore;
	readonly identities: Pick<IdentityStore, "ofUser">;
	readonly sessions: Sessions;
	readonly known: KnownOrigins;
}

/** More than a user has. */
const MAX_IDENTITIES = 100;

export class AccountPersonalData implements PersonalData {
	readonly name = "account";
	private readonly services: AccountPersonalDataServices;

	constructor(services: AccountPersonalDataServices) {
		this.services = services;
	}

	async erase({ userId, accountKeys }: ErasedUser): Promise<undefined> {
		const { sessions, known } = this.services;
		// Also those that were missed when the account was deleted, as Redis was unavailable.
		await sessions.revokeAll(userId, "account-deleted");
		await Promise.all(accountKeys.map((key) => known.forget(key)));
	}

	async export(userId: string): Promise<ExportedPart> {
		const { users, identities, sessions } = this.services;
		const user = await users.byId(userId);
		if (user === undefined) return { records: [], next: undefined };
		const { passwordHash, usernameKey: _, ...account } = user;
		const open = await sessions.list(userId);
		const others = await identities.ofUser(userId, MAX_IDENTITIES);
		const records: ExportedRecord[] = [
			{ kind: "account", data: { ...account, hasPassword: passwordHash !== "" }, place: "0" },
			...open.map(({ generation: _generation, profile: _profile, ...session }) => {
				return { kind: "account.session", data: session, place: session.id };
			}),
			...others.map(({ key: _key, ...identity }) => {
				return { kind: "account.identity", data: identity, place: userId };
			}),
		];
		return { records, next: undefined };
	}
}

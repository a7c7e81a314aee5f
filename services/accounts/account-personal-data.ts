// What accounts store of a user beside the account itself: sessions, known origins.
import type { ErasedUser, ExportedPart, ExportedRecord, PersonalData } from "../../common/personal-data.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { KnownOrigins } from "./known-origins.ts";
import { byAge } from "./session-store.ts";
import type { Sessions } from "./sessions.ts";
import type { UserStore } from "./user-store.ts";
import { usernameKey } from "./username.ts";

export interface AccountPersonalDataServices {
	readonly users: UserStore;
	readonly identities: Pick<IdentityStore, "ofUser">;
	readonly sessions: Sessions;
	readonly known: KnownOrigins;
}

/** A device, and the account at an issuer that it joined: few enough for one page. */
const MAX_IDENTITIES = 10;

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
		// Under the keys that a login records them by.
		await Promise.all(accountKeys.map((key) => known.forget(usernameKey(key))));
	}

	async export(userId: string, place: string): Promise<ExportedPart> {
		const { sessions, identities } = this.services;
		const [step = "", createdAtMs = "-1", id = ""] = place.split("|");
		switch (step) {
			case "":
				return { records: await this.account(userId), next: "sessions" };
			case "sessions": {
				const behind = { createdAtMs: Number(createdAtMs), id };
				const found = (await sessions.list(userId)).filter((session) => byAge(behind, session) < 0);
				const records = found.map(({ generation: _generation, profile: _profile, ...session }): ExportedRecord => {
					return { kind: "account.session", data: session, place: `sessions|${session.createdAtMs}|${session.id}` };
				});
				return { records, next: "identities" };
			}
			default: {
				const found = await identities.ofUser(userId, MAX_IDENTITIES);
				const records = found.map(({ key: _key, ...identity }): ExportedRecord => {
					return { kind: "account.identity", data: identity, place: "identities" };
				});
				return { records, next: undefined };
			}
		}
	}

	private async account(userId: string): Promise<readonly ExportedRecord[]> {
		const user = await this.services.users.byId(userId);
		if (user === undefined) return [];
		const { passwordHash, usernameKey: _, ...account } = user;
		return [{ kind: "account", data: { ...account, hasPassword: passwordHash !== "" }, place: "sessions" }];
	}
}

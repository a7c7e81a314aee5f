// The users of issuers: found by issuer and subject as a pair, created when that pair is seen for the first time.
import type { Clock } from "../../../common/clock.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { type StorageQuota, stored } from "../../storage/storage-quota.ts";
import type { IdentityStore } from "../identity-store.ts";
import { newUser } from "../new-user.ts";
import { randomUsername } from "../random-username.ts";
import type { UserRecord, UserStore } from "../user-store.ts";
import { newUsernameKey } from "../username.ts";
import type { IssuerToken } from "./issuer-claims.ts";
import type { IssuerOptions } from "./options.ts";

export interface IssuerUsersServices {
	readonly identities: IdentityStore;
	readonly users: UserStore;
	readonly quota?: StorageQuota | undefined;
	readonly clock: Clock;
}

/** Names that are tried: the token's, then made ones, of which none is likely to be taken. */
const NAME_ATTEMPTS = 4;
const RETRY_AFTER_MS = 1000;

export class IssuerUsers {
	/** Created since the start. */
	created = 0;
	private readonly services: IssuerUsersServices;

	constructor(services: IssuerUsersServices) {
		this.services = services;
	}

	/**
	 * The user that a token is about.
	 *
	 * @param key - of the identity.
	 * @throws GatewayError PERMISSION_DENIED when there is none, and none is created; RATE_LIMITED when the storage quota is used up;
	 *   UNAVAILABLE.
	 */
	async userOf(options: IssuerOptions, claims: IssuerToken, key: string): Promise<UserRecord> {
		const known = await this.known(key);
		if (known !== undefined) return known;
		if (!options.createUsers) {
			throw new GatewayError(ErrorCode.PERMISSION_DENIED, "no user belongs to this token, and none is created");
		}
		this.services.quota?.take("", stored.account);
		return await this.create(options, claims, key);
	}

	private async known(key: string): Promise<UserRecord | undefined> {
		const identity = await this.services.identities.find(key);
		return identity === undefined ? undefined : await this.services.users.byId(identity.userId);
	}

	private async create(options: IssuerOptions, claims: IssuerToken, key: string): Promise<UserRecord> {
		const { identities, clock } = this.services;
		const { iss: issuer, subject, profile } = claims;
		for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
			const wanted = attempt === 0 ? acceptable(profile.username) : undefined;
			const name = wanted ?? randomUsername("user");
			const nowMs = clock.now();
			const { email, nickname } = profile;
			const user = newUser({ ...name, email, nickname, passwordHash: "", roles: options.roles.default }, nowMs);
			const identity = { key, kind: "issuer", issuer, subject, userId: user.id, createdAtMs: nowMs } as const;
			const result = await identities.createUser(user, identity);
			if (result === "created") {
				this.created++;
				return user;
			}
			// Another connection was first.
			const known = result === "identity-taken" ? await this.known(key) : undefined;
			if (known !== undefined) return known;
		}
		throw unavailable("user names", RETRY_AFTER_MS);
	}
}

/** A name as users may have it; undefined when it is none. */
function acceptable(username: string): Pick<UserRecord, "username" | "usernameKey"> | undefined {
	try {
		return { username: username.normalize("NFC"), usernameKey: newUsernameKey(username) };
	} catch {
		return undefined;
	}
}

// Guests: users who log in with a secret that their device has made, and who may join an account later. The user stays the same then, so
// that nothing of it has to be moved: rooms, messages, records and connections are of its id.
import { createHash } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Identity } from "../../common/identity.ts";
import { ipKey } from "../../common/ip-key.ts";
import { canonicalName } from "../../common/text.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../protocol/error.ts";
import { type StorageQuota, stored } from "../storage/storage-quota.ts";
import { checkAccount, checkDevice, lookAlike, type NewAccount, taken } from "./accounts.ts";
import type { AttemptLimiter } from "./attempt-limiter.ts";
import { countAttempt, untried } from "./attempts.ts";
import { type AccountChange, type IdentityRecord, type IdentityStore, identityKey } from "./identity-store.ts";
import type { IssuerSessions } from "./issuers/issuer-sessions.ts";
import { newUser } from "./new-user.ts";
import type { AuthOptions } from "./options.ts";
import type { Passwords } from "./passwords.ts";
import { randomUsername } from "./random-username.ts";
import type { Device, GrantedSession, Sessions } from "./sessions.ts";
import type { UserRecord, UserStore } from "./user-store.ts";
import { newUsernameKey } from "./username.ts";

export type GuestsOptions = AuthOptions["guests"] & Pick<AuthOptions, "defaultRole" | "registrationEnabled">;

export interface GuestsServices {
	readonly identities: IdentityStore;
	readonly users: UserStore;
	readonly sessions: Sessions;
	readonly issuerSessions: IssuerSessions;
	readonly passwords: Passwords;
	/** New guests of an address. */
	readonly limiter: AttemptLimiter;
	readonly quota?: StorageQuota | undefined;
	/** What the operator's own code says to a registration. */
	readonly hooks?: Pick<Hooks, "register">;
	readonly clock: Clock;
}

export interface GuestLogin extends GrantedSession {
	readonly user: UserRecord;
	readonly isCreated: boolean;
}

export interface JoinedAccount extends GrantedSession {
	readonly user: UserRecord;
}

/** Fewer different characters are no random secret: a name, a counter, or one letter again and again. */
const MIN_DISTINCT_CHARACTERS = 10;
const NAME_ATTEMPTS = 3;
const RETRY_AFTER_MS = 1000;
/** Identities of one user that are looked at: a device, and the account that it joined. */
const MAX_LISTED = 10;

export class Guests {
	/** Guests created, and guests that joined an account, since the start. */
	readonly counts = { created: 0, joined: 0 };
	private readonly services: GuestsServices;
	private readonly options: GuestsOptions;

	constructor(services: GuestsServices, options: GuestsOptions) {
		this.services = services;
		this.options = options;
	}

	/**
	 * Opens a session of the guest whose secret this is; the first time, creates the guest.
	 *
	 * @param secret - 32 characters or more, made by the device at random. Kept as a SHA-256: it has as much entropy as that.
	 * @throws GatewayError PERMISSION_DENIED (there are no guests here), VALIDATION_FAILED, PRECONDITION_FAILED (the guest has joined an
	 *   account), UNAUTHENTICATED (disabled), RATE_LIMITED, UNAVAILABLE.
	 */
	async login(secret: string, device: Device, nickname: string): Promise<GuestLogin> {
		if (!this.options.enabled) throw new GatewayError(ErrorCode.PERMISSION_DENIED, "guests are not admitted");
		if (new Set(secret).size < MIN_DISTINCT_CHARACTERS) throw fieldError("device_secret", "must be random");
		checkDevice(device);
		const key = identityKey("device", createHash("sha256").update(secret).digest("base64url"));
		const known = await this.services.identities.find(key);
		if (known !== undefined) return await this.enter(known, device, false);
		const attempt = await countAttempt({ byIp: this.services.limiter, ip: device.ip, account: key });
		const { identity, isCreated } = await untried(attempt, () => this.create(key, nickname));
		return await this.enter(identity, device, isCreated);
	}

	/**
	 * Makes the guest who calls an account with a name and a password.
	 *
	 * @throws GatewayError PERMISSION_DENIED (registration is closed), VALIDATION_FAILED, ALREADY_EXISTS (the name),
	 *   PRECONDITION_FAILED (no guest calls), UNAVAILABLE.
	 */
	async joinNew(identity: Identity, account: NewAccount, ip: string): Promise<JoinedAccount> {
		if (!this.options.registrationEnabled) {
			throw new GatewayError(ErrorCode.PERMISSION_DENIED, "registration is closed");
		}
		const { users, passwords } = this.services;
		const usernameKey = newUsernameKey(account.username);
		checkAccount(account);
		const username = account.username.normalize("NFC");
		const guest = await this.guestOf(identity);
		if (await users.byUsername(usernameKey)) throw taken();
		const { hooks } = this.services;
		if (hooks?.register !== undefined) {
			await hooks.register({ username, email: account.email, nickname: account.nickname, ip });
		}
		const origin = { address: ipKey(ip), account: guest.usernameKey };
		const credentials = {
			username,
			usernameKey,
			email: account.email,
			nickname: canonicalName(account.nickname) || guest.nickname,
			passwordHash: await passwords.hash(account.password, origin),
		};
		return await this.join(identity, {
			credentials,
			roles: [this.options.defaultRole],
			guestRole: this.options.role,
			atMs: this.services.clock.now(),
		});
	}

	/**
	 * Makes the guest who calls the user of an account at an issuer.
	 *
	 * @throws GatewayError ALREADY_EXISTS when the account has a user here; PRECONDITION_FAILED when no guest calls; the errors of a
	 *   token that is presented.
	 */
	async joinIssuer(identity: Identity, token: string): Promise<JoinedAccount> {
		await this.guestOf(identity);
		const { claims, names } = await this.services.issuerSessions.verify(token);
		const { options } = this.services.issuerSessions.issuerNamed(claims.iss);
		const atMs = this.services.clock.now();
		const { userId } = identity;
		const { iss: issuer, subject } = claims;
		return await this.join(identity, {
			identity: { key: names.subject, kind: "issuer", issuer, subject, userId, createdAtMs: atMs },
			roles: options.roles.default,
			guestRole: this.options.role,
			atMs,
		});
	}

	/** What a user can log in with beside a password, oldest first. */
	identitiesOf(userId: string): Promise<readonly IdentityRecord[]> {
		return this.services.identities.ofUser(userId, MAX_LISTED);
	}

	private async enter(known: IdentityRecord, device: Device, isCreated: boolean): Promise<GuestLogin> {
		const { users, sessions } = this.services;
		if (known.kind !== "device") throw hasJoined();
		const user = await users.byId(known.userId);
		if (user?.status !== "active") throw notAdmitted();
		const granted = await sessions.open(user, device, this.options.maxSessions);
		// The guest may have been disabled, or have joined an account, while the session was being opened.
		const [current, identity] = await Promise.all([users.byId(user.id), this.services.identities.find(known.key)]);
		if (current?.status === "active" && identity?.kind === "device") return { user, isCreated, ...granted };
		await sessions.revoke(user.id, granted.identity.sessionId, "administrative");
		throw current?.status === "active" ? hasJoined() : notAdmitted();
	}

	private async create(key: string, nickname: string): Promise<{ identity: IdentityRecord; isCreated: boolean }> {
		const { identities, quota, clock } = this.services;
		checkAccount({ email: "", nickname });
		quota?.take("", stored.account);
		for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
			const nowMs = clock.now();
			const shown = { ...randomUsername("guest"), email: "", nickname: canonicalName(nickname) };
			const user = newUser({ ...shown, passwordHash: "", roles: [this.options.role] }, nowMs);
			const identity: IdentityRecord = {
				...{ key, kind: "device", issuer: "", subject: "" },
				...{ userId: user.id, createdAtMs: nowMs },
			};
			const result = await identities.createUser(user, identity);
			if (result === "created") {
				this.counts.created++;
				return { identity, isCreated: true };
			}
			// The same device, twice at once.
			const other = result === "identity-taken" ? await identities.find(key) : undefined;
			if (other !== undefined) return { identity: other, isCreated: false };
		}
		throw unavailable("user names", RETRY_AFTER_MS);
	}

	private async join(identity: Identity, change: AccountChange): Promise<JoinedAccount> {
		const { identities, users, sessions } = this.services;
		const result = await identities.joinAccount(identity.userId, change);
		switch (result) {
			case "joined":
				break;
			case "no-guest":
				throw noGuest();
			case "name-taken":
				throw (await users.byUsername(change.credentials?.usernameKey ?? "")) ? taken() : lookAlike();
			case "identity-taken":
				throw new GatewayError(ErrorCode.ALREADY_EXISTS, "the account has a user here already; nothing was changed");
			default:
				return result satisfies never;
		}
		this.counts.joined++;
		const user = await users.byId(identity.userId);
		if (user?.status !== "active") throw notAdmitted();
		return { user, ...(await sessions.renew(user, identity.sessionId)) };
	}

	/** @throws GatewayError PRECONDITION_FAILED when the caller is no guest. */
	private async guestOf({ userId }: Identity): Promise<UserRecord> {
		const { identities, users } = this.services;
		const [user, known] = await Promise.all([users.byId(userId), identities.ofUser(userId, MAX_LISTED)]);
		if (user === undefined || !known.some(({ kind }) => kind === "device")) throw noGuest();
		return user;
	}
}

function noGuest(): GatewayError {
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, "only a guest can join an account");
}

function hasJoined(): GatewayError {
	const message = "this guest has joined an account; log in to that";
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
}

function notAdmitted(): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, "this guest is not admitted");
}

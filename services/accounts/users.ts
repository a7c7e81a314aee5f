// Users as they manage their own accounts, and as administrators manage those of others. A caller who may write users may do so to
// those only who have no permission that the caller lacks: nobody gains by it what they did not have.
import { type Identity, isPermitted } from "../../common/identity.ts";
import { ipKey } from "../../common/ip-key.ts";
import { canonicalName } from "../../common/text.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import { accountOf } from "./account-of.ts";
import { type Accounts, type AccountsServices, checkProfile, type NewAccount } from "./accounts.ts";
import { attempted, countAttempt } from "./attempts.ts";
import type { UsersOptions } from "./options.ts";
import type { SessionRecord } from "./session-store.ts";
import type { UserChange } from "./user-directory.ts";
import { userNotFound } from "./user-errors.ts";
import type { UserRecord, UserStatus } from "./user-store.ts";

export interface UsersServices
	extends Pick<
		AccountsServices,
		"users" | "changes" | "sessions" | "passwords" | "permissions" | "limiters" | "known" | "clock" | "logger"
	> {
	readonly accounts: Accounts;
	/** Begins to erase what is stored of deleted users. */
	readonly erasure: { runNow(): Promise<void> };
}

/** Who calls, and from where. */
export interface Caller {
	readonly identity: Identity;
	readonly ip: string;
	/** Called when the caller's own session is deleted and before its connections are closed: as in `Sessions.logout`. */
	readonly onEnded: () => void;
}

/** What is given is changed. */
export interface UserUpdate {
	/** "" for the caller's own. */
	readonly userId: string;
	readonly nickname?: string | undefined;
	readonly email?: string | undefined;
	readonly avatarUrl?: string | undefined;
	/** Entries to set; those with "" are removed. */
	readonly metadata: Readonly<Record<string, string>>;
	readonly password?: string | undefined;
	readonly oldPassword: string;
	/** 0: any. */
	readonly expectedVersion: number;
}

const READ = "users.read";
const WRITE = "users.write";
/** One entry of the metadata. */
const MAX_METADATA_KEY = 64;

export class Users {
	private readonly services: UsersServices;
	private readonly options: UsersOptions;

	constructor(services: UsersServices, options: UsersOptions) {
		this.services = services;
		this.options = options;
	}

	/**
	 * Changes what a user shows, the address, the metadata or the password. A new password ends the user's other sessions.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PERMISSION_DENIED (also for a wrong old password), PRECONDITION_FAILED (a password for
	 *   the own account, which has none), NOT_FOUND, CONFLICT, RATE_LIMITED, UNAVAILABLE.
	 */
	async update(caller: Caller, update: UserUpdate): Promise<UserRecord> {
		const { changes, passwords, sessions, clock } = this.services;
		const { identity, ip } = caller;
		checkProfile(update);
		checkEntries(update.metadata);
		const target = await this.writable(identity, update.userId);
		const isOwn = target.id === identity.userId;
		if (isOwn && update.password !== undefined && target.passwordHash === "") throw hasNoPassword();
		const isSensitive = update.password !== undefined || (update.email ?? target.email) !== target.email;
		if (isOwn && isSensitive) await this.confirm(caller, target, update.oldPassword, "old_password");
		const origin = { address: ipKey(ip), account: target.usernameKey };
		const passwordHash = update.password === undefined ? undefined : await passwords.hash(update.password, origin);
		const condition = { expectedVersion: update.expectedVersion, atMs: clock.now() };
		const decide = (current: UserRecord): UserChange => {
			this.checkRank(identity, current);
			// Somebody who knows the old password may have set another one while this one was hashed.
			if (isSensitive && isOwn && current.passwordHash !== target.passwordHash) throw passwordChanged();
			return this.changeOf(current, update, passwordHash);
		};
		const user = await changes.apply(target.id, decide, condition);
		if (passwordHash !== undefined) {
			const kept = isOwn ? identity.sessionId : "";
			await sessions.revokeOthers(user.id, kept, "password-changed");
		}
		this.report(caller, user.id, "changed");
		return user;
	}

	/**
	 * Deletes an account; what else is stored of the user is erased in the background.
	 *
	 * @param password - of one's own account.
	 * @returns how many sessions ended.
	 * @throws GatewayError PERMISSION_DENIED, NOT_FOUND, CONFLICT, PRECONDITION_FAILED (the last administrator), RATE_LIMITED,
	 *   UNAVAILABLE.
	 */
	async remove(caller: Caller, userId: string, password: string, expectedVersion: number): Promise<number> {
		const { changes, erasure, clock } = this.services;
		const target = await this.writable(caller.identity, userId);
		const isOwn = target.id === caller.identity.userId;
		if (isOwn) await this.confirm(caller, target, password, "password");
		const onEnded = isOwn ? caller.onEnded : undefined;
		// The version that was looked at: a change of roles in between is looked at again.
		const condition = { expectedVersion: expectedVersion || target.version, atMs: clock.now() };
		const ended = await changes.remove(target.id, condition, onEnded);
		void erasure.runNow();
		this.report(caller, target.id, "deleted");
		return ended;
	}

	/**
	 * Replaces the roles of a user. Nobody gives a role that grants more than the own ones do.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PERMISSION_DENIED, NOT_FOUND, CONFLICT, PRECONDITION_FAILED (the last
	 *   administrator), UNAVAILABLE.
	 */
	async setRoles(
		caller: Caller,
		userId: string,
		roles: readonly string[],
		expectedVersion: number,
	): Promise<UserRecord> {
		const { accounts, changes, clock } = this.services;
		const { identity } = caller;
		accounts.checkRoles(roles);
		const target = await this.writable(identity, userId);
		const wanted = [...new Set(roles)];
		const decide = (current: UserRecord): UserChange => {
			this.checkRank(identity, current);
			this.checkGrant(
				identity,
				wanted.filter((role) => !current.roles.includes(role)),
			);
			const isSame = wanted.length === current.roles.length && wanted.every((role) => current.roles.includes(role));
			return isSame ? {} : { roles: wanted };
		};
		const user = await changes.apply(target.id, decide, { expectedVersion, atMs: clock.now() });
		this.report(caller, user.id, "given other roles");
		return user;
	}

	/** Disables an account, which ends its sessions, or enables it. @throws GatewayError as `setRoles`. */
	async setStatus(caller: Caller, userId: string, status: UserStatus, expectedVersion: number): Promise<UserRecord> {
		const { changes, clock } = this.services;
		const { identity } = caller;
		const target = await this.writable(identity, userId);
		const decide = (current: UserRecord): UserChange => {
			this.checkRank(identity, current);
			return current.status === status ? {} : { status };
		};
		const condition = { expectedVersion, atMs: clock.now() };
		const onEnded = target.id === identity.userId ? caller.onEnded : undefined;
		const user = await changes.apply(target.id, decide, condition, onEnded);
		this.report(caller, user.id, status === "active" ? "enabled" : "disabled");
		return user;
	}

	/** @throws GatewayError VALIDATION_FAILED, PERMISSION_DENIED, ALREADY_EXISTS, UNAVAILABLE. */
	async create(caller: Caller, account: NewAccount & { readonly roles: readonly string[] }): Promise<UserRecord> {
		const { accounts } = this.services;
		const roles = account.roles.length === 0 ? [accounts.defaultRole] : [...new Set(account.roles)];
		accounts.checkRoles(roles);
		this.checkGrant(caller.identity, roles);
		const user = await accounts.createUser({ ...account, roles }, { address: ipKey(caller.ip), account: "" });
		this.report(caller, user.id, "created");
		return user;
	}

	/** The sessions of a user, oldest first. @throws GatewayError PERMISSION_DENIED, NOT_FOUND, UNAVAILABLE. */
	async sessionsOf(identity: Identity, userId: string): Promise<readonly SessionRecord[]> {
		const target = await this.readable(identity, userId);
		return await this.services.sessions.list(target.id);
	}

	/**
	 * Ends sessions of a user.
	 *
	 * @param sessionId - "" for all of them.
	 * @param keepCurrent - with all of them: not the caller's.
	 * @returns how many ended.
	 * @throws GatewayError PERMISSION_DENIED, NOT_FOUND, UNAVAILABLE.
	 */
	async endSessions(caller: Caller, userId: string, sessionId: string, keepCurrent: boolean): Promise<number> {
		const { sessions } = this.services;
		const { identity, onEnded } = caller;
		const target = await this.writable(identity, userId);
		const isOwn = target.id === identity.userId;
		if (isOwn && sessionId === "" && keepCurrent) {
			return await sessions.revokeOthers(target.id, identity.sessionId, "logged-out");
		}
		const includesCurrent = isOwn && (sessionId === "" || sessionId === identity.sessionId);
		if (includesCurrent) return await sessions.logout(identity, sessionId === "", onEnded);
		const reason = isOwn ? "logged-out" : "administrative";
		if (sessionId === "") return await sessions.revokeAll(target.id, reason);
		const own = (await sessions.list(target.id)).some(({ id }) => id === sessionId);
		return own ? await sessions.revoke(target.id, sessionId, reason) : 0;
	}

	/** The account whose data the caller may read. @throws GatewayError PERMISSION_DENIED, NOT_FOUND, UNAVAILABLE. */
	async readable(identity: Identity, userId: string): Promise<UserRecord> {
		const id = accountOf(identity, userId);
		const isOwn = id === identity.userId;
		if (!isOwn && !isPermitted(identity, READ)) throw denied(`needs the permission ${READ}`);
		return await this.existing(id);
	}

	private async writable(identity: Identity, userId: string): Promise<UserRecord> {
		const id = accountOf(identity, userId);
		const isOwn = id === identity.userId;
		if (!isOwn && !isPermitted(identity, WRITE)) throw denied(`needs the permission ${WRITE}`);
		const user = await this.existing(id);
		this.checkRank(identity, user);
		return user;
	}

	private async existing(userId: string): Promise<UserRecord> {
		const user = await this.services.users.byId(userId);
		if (user === undefined) throw userNotFound();
		return user;
	}

	private checkRank(identity: Identity, user: UserRecord): void {
		if (user.id === identity.userId) return;
		const theirs = this.services.permissions.of(user.roles);
		if (![...theirs].every((permission) => isPermitted(identity, permission))) {
			throw denied("the user has permissions that you have not");
		}
	}

	private checkGrant(identity: Identity, roles: readonly string[]): void {
		const { permissions } = this.services;
		const tooMuch = roles.find((role) => ![...permissions.of([role])].every((one) => isPermitted(identity, one)));
		if (tooMuch === undefined) return;
		throw fieldError("roles", `must not hold ${tooMuch}, which grants more than your own roles`, {
			code: ErrorCode.PERMISSION_DENIED,
		});
	}

	/** Checks the password of the caller's own account, if it has one. Guesses count as those at a login. */
	private async confirm(
		{ identity, ip }: Caller,
		user: UserRecord,
		password: string,
		field: "password" | "old_password",
	): Promise<void> {
		if (user.passwordHash === "") return;
		if (password === "") throw fieldError(field, "is required: the present password");
		const { passwords, limiters, known } = this.services;
		const { loginByIp: byIp, loginByAccount: byAccount } = limiters;
		const { deviceId } = identity;
		const attempt = await countAttempt({ byIp, byAccount, known, account: user.usernameKey, ip, deviceId });
		await attempted(attempt, async () => {
			if (await passwords.verify(user.passwordHash, password, attempt.origin)) return await attempt.forget();
			throw fieldError(field, "is wrong", { code: ErrorCode.PERMISSION_DENIED });
		});
	}

	/** Only what is different. */
	private changeOf(current: UserRecord, update: UserUpdate, passwordHash: string | undefined): UserChange {
		const nickname = update.nickname === undefined ? current.nickname : canonicalName(update.nickname);
		const { email = current.email, avatarUrl = current.avatarUrl } = update;
		const metadata = this.mergedMetadata(current.metadata, update.metadata);
		return {
			...(nickname !== current.nickname && { nickname }),
			...(email !== current.email && { email }),
			...(avatarUrl !== current.avatarUrl && { avatarUrl }),
			...(metadata !== undefined && { metadata }),
			...(passwordHash !== undefined && { passwordHash }),
		};
	}

	/** @returns undefined when nothing is different. */
	private mergedMetadata(
		current: Readonly<Record<string, string>>,
		entries: Readonly<Record<string, string>>,
	): Readonly<Record<string, string>> | undefined {
		const changed = Object.entries(entries).filter(([key, value]) => (current[key] ?? "") !== value);
		if (changed.length === 0) return undefined;
		const merged = new Map([...Object.entries(current), ...changed]);
		const kept = Object.fromEntries([...merged].filter(([, value]) => value !== ""));
		const { maxMetadataBytes } = this.options;
		if (Buffer.byteLength(JSON.stringify(kept)) > maxMetadataBytes) {
			throw fieldError("metadata", `must be at most ${maxMetadataBytes} bytes in all, as JSON`);
		}
		return kept;
	}

	/** Who did what to the account of somebody else. */
	private report({ identity, ip }: Caller, userId: string, what: string): void {
		const { logger } = this.services;
		if (identity.userId === userId) logger.debug({ userId }, `account ${what} by its user`);
		else logger.info({ userId, byUserId: identity.userId, by: identity.username, ip }, `account ${what}`);
	}
}

function checkEntries(metadata: Readonly<Record<string, string>>): void {
	for (const [key, value] of Object.entries(metadata)) {
		if (key === "" || key.length > MAX_METADATA_KEY || key === "__proto__") {
			throw fieldError("metadata", `must have keys of 1 to ${MAX_METADATA_KEY} characters`);
		}
		if (/[\0\p{Cs}]/u.test(key) || /[\0\p{Cs}]/u.test(value)) {
			throw fieldError("metadata", "must not hold characters that databases cannot");
		}
	}
}

function denied(message: string): GatewayError {
	return new GatewayError(ErrorCode.PERMISSION_DENIED, message);
}

/** A token that was stolen, and is good for minutes, would otherwise give the account a login that lasts. */
function hasNoPassword(): GatewayError {
	const message = "the account has no password to change: a guest sets one by joining an account";
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
}

function passwordChanged(): GatewayError {
	return new GatewayError(ErrorCode.CONFLICT, "the password was changed meanwhile");
}

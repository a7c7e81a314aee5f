// Accounts: registration, login and what administrators do. No reply, and no reply's timing, reveals to an
// unauthenticated client whether an account exists, except that registration must refuse a name that is taken.
import type { Clock } from "../../common/clock.ts";
import type { Origin } from "../../common/fair-queue.ts";
import type { Hooks } from "../../common/hooks.ts";
import { type Identity, isPermitted } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import { canonicalName, problemOfLine, problemOfName } from "../../common/text.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError, type Violation } from "../../protocol/error.ts";
import { type StorageQuota, stored } from "../storage/storage-quota.ts";
import { accountOf } from "./account-of.ts";
import { type AttemptLimiters, attempted, countAttempt, untried } from "./attempts.ts";
import { type KnownOrigins, originsOf } from "./known-origins.ts";
import { newUser } from "./new-user.ts";
import type { AuthOptions } from "./options.ts";
import type { PasswordReset } from "./password-reset.ts";
import type { Passwords } from "./passwords.ts";
import type { Permissions } from "./permissions.ts";
import type { Device, GrantedSession, Sessions } from "./sessions.ts";
import type { UserChanges } from "./user-changes.ts";
import type { UserDirectory, UserQuery } from "./user-directory.ts";
import { userNotFound } from "./user-errors.ts";
import type { UserPage, UserRecord, UserStatus, UserStore } from "./user-store.ts";
import { newUsernameKey, usernameKey } from "./username.ts";

export type AccountsOptions = Pick<AuthOptions, "registrationEnabled" | "defaultRole">;

export interface AccountsServices {
	readonly users: UserStore;
	readonly directory: UserDirectory;
	readonly changes: UserChanges;
	readonly sessions: Sessions;
	readonly passwords: Passwords;
	readonly permissions: Permissions;
	readonly limiters: AttemptLimiters;
	readonly known: KnownOrigins;
	readonly reset: PasswordReset;
	readonly quota?: StorageQuota;
	/** What the operator's own code says to a registration. */
	readonly hooks?: Pick<Hooks, "register">;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface NewAccount {
	readonly username: string;
	readonly password: string;
	readonly email: string;
	readonly nickname: string;
}

export interface Login extends GrantedSession {
	readonly user: UserRecord;
}

export class Accounts {
	/** Forgotten passwords. */
	readonly reset: PasswordReset;
	private readonly services: AccountsServices;
	private readonly options: AccountsOptions;

	constructor(services: AccountsServices, options: AccountsOptions) {
		this.services = services;
		this.reset = services.reset;
		this.options = options;
	}

	/**
	 * Creates an account for an unauthenticated client.
	 *
	 * @throws GatewayError PERMISSION_DENIED (closed), VALIDATION_FAILED, ALREADY_EXISTS, RATE_LIMITED, UNAVAILABLE.
	 */
	async register(account: NewAccount, ip: string): Promise<UserRecord> {
		if (!this.options.registrationEnabled) {
			throw new GatewayError(ErrorCode.PERMISSION_DENIED, "registration is closed");
		}
		// An invalid name uses up no point: users try again.
		newUsernameKey(account.username);
		checkAccount(account);
		const byIp = this.services.limiters.registerByIp;
		const attempt = await countAttempt({ byIp, ip, account: usernameKey(account.username) });
		return await untried(attempt, async () => {
			const { username, email, nickname } = account;
			const { hooks } = this.services;
			if (hooks?.register !== undefined) await hooks.register({ username, email, nickname, ip });
			this.services.quota?.take("", stored.account);
			return await this.createUser({ ...account, roles: [this.options.defaultRole] }, attempt.origin);
		});
	}

	/**
	 * Checks a password and opens a session. Attempts are counted before anything expensive happens.
	 *
	 * @throws GatewayError VALIDATION_FAILED (the device), UNAUTHENTICATED (unknown, wrong and disabled are one answer),
	 *   RATE_LIMITED, UNAVAILABLE.
	 */
	async login(username: string, password: string, device: Device): Promise<Login> {
		const { users, sessions, limiters, known } = this.services;
		checkDevice(device);
		const key = usernameKey(username);
		const { loginByIp: byIp, loginByAccount: byAccount } = limiters;
		const attempt = await countAttempt({ byIp, byAccount, known, account: key, ...device });
		return await attempted(attempt, async () => {
			const { origin } = attempt;
			const user = await this.checked(await users.byUsername(key), password, origin);
			if (user === undefined) throw wrongCredentials();
			const granted = await sessions.open(user, device);
			// The account may have been disabled, or its password changed, while the password was being checked; the sessions
			// that this ended did not include the one that was about to open.
			const current = await users.byId(user.id);
			const isUnchanged = current?.status === "active" && current.passwordHash === user.passwordHash;
			if (!isUnchanged && (await this.checked(current, password, origin)) === undefined) {
				await sessions.revoke(user.id, granted.identity.sessionId, "administrative");
				throw wrongCredentials();
			}
			// Its roles may have been changed meanwhile, and the sessions that have the new ones did not include this one.
			const isOutdated = current !== undefined && current.version !== user.version;
			const latest = isOutdated ? await sessions.amend(current, granted) : granted;
			await this.rehash(user, password, origin);
			await attempt.forget();
			const origins = originsOf(attempt.origin.address, device.deviceId);
			// Also under the address that a reset code is asked for by.
			const names = user.email === "" ? [key] : [key, usernameKey(user.email)];
			await Promise.all(names.map((name) => known.record(name, origins)));
			return { user: current ?? user, ...latest };
		});
	}

	/**
	 * A user as seen by another one, or by oneself.
	 *
	 * @param userId - "" for oneself.
	 * @returns whether the caller may see all of it.
	 * @throws GatewayError NOT_FOUND, UNAVAILABLE.
	 */
	async getUser(identity: Identity, userId: string): Promise<{ readonly user: UserRecord; readonly isFull: boolean }> {
		const id = accountOf(identity, userId);
		const user = await this.services.users.byId(id);
		if (user === undefined) throw userNotFound();
		return { user, isFull: id === identity.userId || isPermitted(identity, "users.read") };
	}

	/**
	 * Creates an account with any roles; for administrators.
	 *
	 * @param origin - of the request, if there was one.
	 * @throws GatewayError VALIDATION_FAILED, ALREADY_EXISTS, UNAVAILABLE.
	 */
	async createUser(account: NewAccount & { readonly roles: readonly string[] }, origin?: Origin): Promise<UserRecord> {
		const { users, passwords, clock } = this.services;
		const key = newUsernameKey(account.username);
		this.checkRoles(account.roles);
		checkAccount(account);
		const username = account.username.normalize("NFC");
		// A name that is plainly taken is refused without hashing; the insert below decides.
		await this.refuseTaken(username, key);
		const nickname = canonicalName(account.nickname);
		const passwordHash = await passwords.hash(account.password, origin);
		const { email, roles } = account;
		const user = newUser({ username, usernameKey: key, email, nickname, passwordHash, roles }, clock.now());
		if (await users.create(user)) return user;
		await this.refuseTaken(username, key);
		throw lookAlike();
	}

	/** The user of a name; for administrators. */
	findUser(username: string): Promise<UserRecord | undefined> {
		return this.services.users.byUsername(usernameKey(username));
	}

	/**
	 * Disables or enables an account; for operators, as the others below. Disabling ends every session.
	 *
	 * @throws GatewayError NOT_FOUND, PRECONDITION_FAILED (the last administrator), UNAVAILABLE; after the latter, repeat:
	 *   sessions may be left.
	 */
	async setStatus(userId: string, status: UserStatus): Promise<void> {
		const { changes, clock } = this.services;
		await changes.apply(userId, (user) => (user.status === status ? {} : { status }), { atMs: clock.now() });
	}

	/**
	 * Sets a user's roles. Sessions and open connections have them from then on.
	 *
	 * @throws GatewayError VALIDATION_FAILED, NOT_FOUND, PRECONDITION_FAILED (the last administrator), UNAVAILABLE; after the
	 *   latter, repeat.
	 */
	async setRoles(userId: string, roles: readonly string[]): Promise<void> {
		const { changes, clock } = this.services;
		this.checkRoles(roles);
		await changes.apply(userId, () => ({ roles: [...new Set(roles)] }), { atMs: clock.now() });
	}

	/** Sets a user's password, and ends every session. @throws GatewayError VALIDATION_FAILED, NOT_FOUND, UNAVAILABLE. */
	async setPassword(userId: string, password: string): Promise<void> {
		const { changes, passwords, sessions, clock } = this.services;
		checkAccount({ password, email: "", nickname: "" });
		const passwordHash = await passwords.hash(password);
		await changes.apply(userId, () => ({ passwordHash }), { atMs: clock.now() });
		await sessions.revokeAll(userId, "password-changed");
	}

	/**
	 * Deletes a user, whose data running gateways erase.
	 *
	 * @throws GatewayError NOT_FOUND, PRECONDITION_FAILED (the last administrator), UNAVAILABLE.
	 */
	async remove(userId: string): Promise<void> {
		await this.services.changes.remove(userId, { atMs: this.services.clock.now() });
	}

	/** Accounts; for administrators. */
	find(query: UserQuery): Promise<UserPage> {
		return this.services.directory.find(query);
	}

	/** All accounts, oldest first; for operators. */
	list(page: { readonly after?: string; readonly limit: number }): Promise<UserPage> {
		return this.services.users.list(page);
	}

	/** The role of users who registered themselves. */
	get defaultRole(): string {
		return this.options.defaultRole;
	}

	/** @throws GatewayError VALIDATION_FAILED for what is no role. */
	checkRoles(roles: readonly string[]): void {
		const unknown = roles.filter((role) => !this.services.permissions.isRole(role));
		if (unknown.length === 0) return;
		const known = this.services.permissions.roleNames.join(", ");
		throw invalid(
			unknown.map((role) => ({ field: "roles", description: `must not hold ${role}; there are ${known}` })),
		);
	}

	/** Finishes the background work. */
	async close(): Promise<void> {
		await this.reset.close();
	}

	private async refuseTaken(username: string, key: string): Promise<void> {
		const { users } = this.services;
		if (await users.byUsername(key)) throw taken();
		if (await users.hasLookAlike(username)) throw lookAlike();
	}

	/** The user, if it may log in with that password. Takes one password check whatever is wrong. */
	private async checked(
		user: UserRecord | undefined,
		password: string,
		origin: Origin,
	): Promise<UserRecord | undefined> {
		const { passwords } = this.services;
		if (user === undefined) await passwords.verifyNothing(password, origin);
		else if ((await passwords.verify(user.passwordHash, password, origin)) && user.status === "active") return user;
		return undefined;
	}

	/** Brings a hash made with older parameters up to date, now that the password is known. */
	private async rehash(user: UserRecord, password: string, origin: Origin): Promise<void> {
		const { users, passwords, logger } = this.services;
		if (!passwords.needsRehash(user.passwordHash)) return;
		try {
			await users.replacePasswordHash(user.id, user.passwordHash, await passwords.hash(password, origin));
		} catch (error) {
			logger.warn({ err: error, userId: user.id }, "password hash not renewed; the next login tries again");
		}
	}
}

/** The rules of RegisterRequest in auth.proto, for accounts that come another way. */
export function checkAccount(account: { password?: string; email: string; nickname: string }): void {
	const violations: Violation[] = [];
	const passwordLength = account.password === undefined ? undefined : [...account.password].length;
	if (passwordLength !== undefined && (passwordLength < 8 || passwordLength > 256)) {
		violations.push({ field: "password", description: "must be 8 to 256 characters" });
	}
	violations.push(...problemsOfProfile(account));
	if (violations.length > 0) throw invalid(violations);
}

/** The rules of what users show of themselves, for accounts that are changed. @throws GatewayError VALIDATION_FAILED. */
export function checkProfile(profile: { readonly email?: string | undefined; readonly nickname?: string | undefined }) {
	const { email = "", nickname = "" } = profile;
	const violations = problemsOfProfile({ email, nickname });
	if (violations.length > 0) throw invalid(violations);
}

function problemsOfProfile({ email, nickname }: { email: string; nickname: string }): Violation[] {
	const violations: Violation[] = [];
	if (email !== "" && (!/^[^@\s]+@[^@\s]+$/.test(email) || email.length > 254 || holdsNul(email))) {
		violations.push({ field: "email", description: "must be an email address" });
	}
	const problem = problemOfNickname(nickname);
	if (problem !== undefined) violations.push({ field: "nickname", description: problem });
	return violations;
}

function problemOfNickname(nickname: string): string | undefined {
	if (nickname === "") return undefined;
	if ([...nickname].length > 64) return "must be at most 64 characters";
	return problemOfName(nickname);
}

/** What is shown to people later has to be a text that every store can hold. */
export function checkDevice({ deviceId, deviceName }: Device): void {
	const violations: Violation[] = [];
	for (const [field, text] of [
		["device_id", deviceId],
		["device_name", deviceName],
	] as const) {
		const description = problemOfLine(text);
		if (description !== undefined) violations.push({ field, description });
	}
	if (violations.length > 0) throw invalid(violations, "the device is not acceptable");
}

/** PostgreSQL, for one, has no texts with this character. */
function holdsNul(text: string): boolean {
	return text.includes("\0");
}

function invalid(violations: readonly Violation[], message = "the account is not acceptable"): GatewayError {
	return new GatewayError(ErrorCode.VALIDATION_FAILED, message, { violations });
}

function wrongCredentials(): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, "wrong user name or password");
}

export function taken(): GatewayError {
	return fieldError("username", "is taken", { code: ErrorCode.ALREADY_EXISTS, message: "the user name is taken" });
}

export function lookAlike(): GatewayError {
	const message = "the user name looks like one that is taken";
	return fieldError("username", "looks like one that is taken", { code: ErrorCode.ALREADY_EXISTS, message });
}

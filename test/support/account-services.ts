// The account services wired as a small product, for tests: memory stores and SQLite unless options say otherwise, a clock
// driven by hand, and password hashes that are cheap enough to make hundreds of.

import type { NodeBus, SessionsRevoked } from "../../messaging/node-bus.ts";
import { MemoryNodeBus } from "../../messaging/node-bus-memory.ts";
import { Accounts, type AccountsOptions } from "../../services/accounts/accounts.ts";
import type { AttemptLimit, AttemptLimiter } from "../../services/accounts/attempt-limiter.ts";
import { MemoryAttemptLimiter } from "../../services/accounts/attempt-limiter-memory.ts";
import type { AttemptLimiters } from "../../services/accounts/attempts.ts";
import { MemoryKnownOrigins } from "../../services/accounts/known-origins-memory.ts";
import type { Notice, Notifier } from "../../services/accounts/notifier.ts";
import { PasswordReset, type PasswordResetOptions } from "../../services/accounts/password-reset.ts";
import { type PasswordOptions, Passwords } from "../../services/accounts/passwords.ts";
import { Permissions } from "../../services/accounts/permissions.ts";
import type { SessionStore } from "../../services/accounts/session-store.ts";
import { MemorySessionStore } from "../../services/accounts/session-store-memory.ts";
import { Sessions, type SessionsOptions } from "../../services/accounts/sessions.ts";
import { SqlUserDirectory } from "../../services/accounts/store/user-directory-sql.ts";
import { SqlUserStore } from "../../services/accounts/store/user-store-sql.ts";
import type { TokenKeyOptions } from "../../services/accounts/token-keys.ts";
import { Tokens } from "../../services/accounts/tokens.ts";
import { UserChanges } from "../../services/accounts/user-changes.ts";
import { Users } from "../../services/accounts/users.ts";
import { type DatabaseOptions, openDatabase } from "../../stores/sql/database.ts";
import { handClock } from "./hand-clock.ts";
import { quietLogger } from "./quiet-logger.ts";

export const testKey: TokenKeyOptions = { kid: "k1", algorithm: "HS256", secret: "0123456789abcdef0123456789abcdef" };

export const testDevice = { deviceId: "", deviceName: "", ip: "192.0.2.1" };

export const unlimited: AttemptLimiter = {
	consume: async () => ({ allowed: true, retryAfterMs: 0 }),
	giveBack: async () => {},
	reset: async () => {},
};

export const cheapPasswords: PasswordOptions = {
	memoryKiB: 64,
	iterations: 1,
	parallelism: 1,
	maxConcurrent: 2,
	maxQueued: 1000,
	maxQueuedPerAddress: 1000,
	maxQueuedPerAccount: 1000,
};

const limits: Record<keyof AttemptLimiters, AttemptLimit> = {
	loginByAccount: { points: 10, windowMs: 5 * 60_000 },
	loginByIp: { points: 100, windowMs: 60_000 },
	registerByIp: { points: 20, windowMs: 3_600_000 },
	requestCodeByAccount: { points: 3, windowMs: 15 * 60_000 },
	requestCodeByIp: { points: 20, windowMs: 15 * 60_000 },
	confirmCodeByAccount: { points: 10, windowMs: 15 * 60_000 },
	confirmCodeByIp: { points: 30, windowMs: 15 * 60_000 },
};

const sessionsOptions: SessionsOptions = {
	accessTokenTtlMs: 15 * 60_000,
	refreshTokenTtlMs: 30 * 86_400_000,
	maxSessionMs: 0,
	maxSessionsPerUser: 10,
	refreshReuseLeewayMs: 0,
};

const resetOptions: PasswordResetOptions = {
	resetCodeTtlMs: 15 * 60_000,
	codeAttempts: 5,
	maxPending: 100,
	productName: "framegate",
};

const accountsOptions: AccountsOptions = { registrationEnabled: true, defaultRole: "player" };

export interface AccountServicesOptions {
	readonly databaseUrl?: string;
	readonly databaseTimeouts?: Pick<DatabaseOptions, "connectTimeoutMs" | "statementTimeoutMs">;
	readonly sessionStore?: SessionStore;
	readonly bus?: NodeBus;
	readonly notifier?: Notifier;
	readonly passwords?: Partial<PasswordOptions>;
	readonly sessions?: Partial<SessionsOptions>;
	readonly reset?: Partial<PasswordResetOptions>;
	readonly accounts?: Partial<AccountsOptions>;
	readonly limited?: boolean;
}

function limiters(limited: boolean): AttemptLimiters {
	const entries = Object.entries(limits).map(([name, limit]) => {
		return [name, limited ? new MemoryAttemptLimiter(limit) : unlimited];
	});
	return Object.fromEntries(entries) as AttemptLimiters;
}

export async function accountServices(options: AccountServicesOptions = {}) {
	const clock = handClock();
	const logger = quietLogger();
	const database = openDatabase({ url: options.databaseUrl ?? "sqlite::memory:", ...options.databaseTimeouts }, logger);
	await database.migrate();
	const users = new SqlUserStore(database);
	const store = options.sessionStore ?? new MemorySessionStore(clock.now);
	const bus = options.bus ?? new MemoryNodeBus();
	const events: SessionsRevoked[] = [];
	bus.subscribe((event) => {
		if (event.type === "sessions-revoked") events.push(event);
	});
	const notices: Notice[] = [];
	const notifier = options.notifier ?? {
		send: async (notice: Notice) => void notices.push(notice),
		close: async () => {},
	};
	const tokens = await Tokens.create(
		{ keys: [testKey], issuer: "framegate", audience: "framegate", clockToleranceMs: 2000 },
		clock,
	);
	const permissions = new Permissions({ player: ["game.play"], admin: ["*"] });
	const passwords = new Passwords({ ...cheapPasswords, ...options.passwords });
	const known = new MemoryKnownOrigins(clock.now);
	const shared = { users, passwords, permissions, limiters: limiters(options.limited ?? false), known, clock, logger };
	const sessions = new Sessions({ ...shared, store, tokens, bus }, { ...sessionsOptions, ...options.sessions });
	const reset = new PasswordReset({ ...shared, sessions, notifier }, { ...resetOptions, ...options.reset });
	const directory = new SqlUserDirectory(database, ["admin"]);
	const changes = new UserChanges({ directory, sessions, bus, logger });
	const accounts = new Accounts(
		{ ...shared, directory, changes, sessions, reset },
		{ ...accountsOptions, ...options.accounts },
	);
	const erasure = { runNow: async () => {} };
	const management = new Users({ ...shared, accounts, changes, sessions, erasure }, { maxMetadataBytes: 4096 });
	return {
		...shared,
		...{ database, store, bus, events, notices, tokens, sessions, reset, accounts, directory, changes, management },
		async close() {
			await accounts.close();
			await store.close();
			await database.close();
		},
	};
}

export type AccountServices = Awaited<ReturnType<typeof accountServices>>;

/** Registers someone whose password is `correct horse`. */
export function registerUser(services: AccountServices, username = "alice", email = "") {
	return services.accounts.register({ username, password: "correct horse", email, nickname: "" }, "192.0.2.1");
}

// The account services wired as a small product, for tests: memory stores and SQLite unless told otherwise, a clock
// driven by hand, and password hashes that are cheap enough to make hundreds of.
import type { AttemptLimiter } from "../../ports/attempt-limiter.ts";
import type { NodeBus, SessionsRevoked } from "../../ports/node-bus.ts";
import type { Notice, Notifier } from "../../ports/notifier.ts";
import type { SessionStore } from "../../ports/session-store.ts";
import { Accounts, type AccountsOptions } from "../../services/accounts.ts";
import { type AttemptLimiters, attemptDefaults } from "../../services/attempts.ts";
import { PasswordReset, type PasswordResetOptions } from "../../services/password-reset.ts";
import { type PasswordOptions, Passwords } from "../../services/passwords.ts";
import { Permissions } from "../../services/permissions.ts";
import { Sessions, type SessionsOptions } from "../../services/sessions.ts";
import type { TokenKeyOptions } from "../../services/token-keys.ts";
import { Tokens } from "../../services/tokens.ts";
import { MemoryAttemptLimiter } from "../../stores/memory/attempt-limiter-memory.ts";
import { MemoryNodeBus } from "../../stores/memory/node-bus-memory.ts";
import { MemorySessionStore } from "../../stores/memory/session-store-memory.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { SqlUserStore } from "../../stores/sql/user-store-sql.ts";
import { handClock } from "./hand-clock.ts";
import { quietLogger } from "./quiet-logger.ts";

export const testKey: TokenKeyOptions = { kid: "k1", algorithm: "HS256", secret: "0123456789abcdef0123456789abcdef" };

export const testDevice = { deviceId: "", deviceName: "", ip: "192.0.2.1" };

export const unlimited: AttemptLimiter = {
	consume: async () => ({ allowed: true, retryAfterMs: 0 }),
	reset: async () => {},
};

export const cheapPasswords: Partial<PasswordOptions> = { memoryKiB: 64, timeCost: 1, maxQueued: 1000 };

export interface AccountServicesOptions {
	readonly databaseUrl?: string;
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
	const entries = Object.entries(attemptDefaults).map(([name, limit]) => {
		return [name, limited ? new MemoryAttemptLimiter(limit) : unlimited];
	});
	return Object.fromEntries(entries) as AttemptLimiters;
}

export async function accountServices(options: AccountServicesOptions = {}) {
	const clock = handClock();
	const logger = quietLogger();
	const database = openDatabase(
		{ url: options.databaseUrl ?? "sqlite::memory:", connectTimeoutMs: 500, statementTimeoutMs: 500 },
		logger,
	);
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
	const shared = { users, passwords, permissions, limiters: limiters(options.limited ?? false), clock, logger };
	const sessions = new Sessions({ ...shared, store, tokens, bus }, options.sessions);
	const reset = new PasswordReset({ ...shared, sessions, notifier }, options.reset);
	const accounts = new Accounts({ ...shared, sessions, reset }, options.accounts);
	return {
		...shared,
		...{ database, store, bus, events, notices, tokens, sessions, reset, accounts },
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

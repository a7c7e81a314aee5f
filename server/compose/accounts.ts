// The account services on their stores, with the configuration mapped onto their options. The gateway uses them, and
// so do the commands that manage users without a gateway.
import { type Clock, systemClock } from "../../common/clock.ts";
import { Hooks } from "../../common/hooks.ts";
import { TOKEN_LEEWAY_MS } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { Tracer } from "../../common/tracing.ts";
import { Accounts } from "../../services/accounts/accounts.ts";
import type { AttemptLimiters } from "../../services/accounts/attempts.ts";
import { Credentials, sessionTokens } from "../../services/accounts/credentials.ts";
import { PasswordReset } from "../../services/accounts/password-reset.ts";
import { Passwords } from "../../services/accounts/passwords.ts";
import { Permissions } from "../../services/accounts/permissions.ts";
import { Sessions } from "../../services/accounts/sessions.ts";
import { loadOrCreateDevKeys, type TokenKeyOptions } from "../../services/accounts/token-keys.ts";
import { Tokens } from "../../services/accounts/tokens.ts";
import { UserChanges } from "../../services/accounts/user-changes.ts";
import type { Config, ConfigKey } from "../config/config.ts";
import { type IdentityServices, openIdentity, openRevocations } from "./identity.ts";
import { type OpenKeys, openKeys } from "./keys.ts";
import { openStores, type Stores } from "./stores.ts";

export interface AccountServices {
	readonly accounts: Accounts;
	readonly changes: UserChanges;
	readonly sessions: Sessions;
	/** Issuers from elsewhere, and guests. */
	readonly identity: IdentityServices;
	/** Every kind of bearer token. */
	readonly credentials: Credentials;
	readonly tokens: Tokens;
	readonly passwords: Passwords;
	/** API keys of backends. */
	readonly keys: OpenKeys["keys"];
	readonly permissions: Permissions;
	readonly limiters: AttemptLimiters;
	readonly stores: Stores;
	/** Begins what runs in the background. */
	start(): void;
	close(): Promise<void>;
}

/** Requests for a reset code whose notice is still to be sent; more than these are refused. */
const MAX_PENDING_RESETS = 100;
/**
 * A code is void after so many times the guesses that are allowed in a window: those of somebody else, who may use up two windows while
 * it is good, do not make it void for its owner.
 */
const CODE_ATTEMPTS_FACTOR = 4;

/** @throws Error when a token key cannot be used. */
export async function openAccounts(
	config: Config,
	processLogger: Logger,
	clock: Clock = systemClock,
	hooks: Hooks = new Hooks(),
	tracer?: Tracer,
): Promise<AccountServices> {
	const { auth } = config;
	const logger = processLogger.child({ category: "auth" });
	const tokens = await Tokens.create(
		{
			keys: await tokenKeys(config),
			issuer: auth.issuer,
			audience: auth.audience,
			clockToleranceMs: TOKEN_LEEWAY_MS,
		},
		clock,
	);
	const stores = openStores(config, clock, logger, tracer);
	const { users, directory, bus, notifier, known } = stores;
	const permissions = new Permissions(auth.roles);
	const revocations = openRevocations(config, stores);
	const sessions = new Sessions(
		{ store: stores.sessions, users, tokens, permissions, bus, revocations, hooks, clock, logger },
		auth,
	);
	const passwords = new Passwords(auth.passwordHash);
	const limiters = attemptLimiters(config, stores);
	const resetParts = { users, sessions, passwords, limiters, known, notifier, clock, logger };
	const reset = new PasswordReset(resetParts, resetOptions(config));
	const changes = new UserChanges({ directory, sessions, bus, logger });
	const accounts = new Accounts(
		{
			users,
			directory,
			changes,
			sessions,
			passwords,
			permissions,
			limiters,
			known,
			reset,
			quota: stores.quota,
			hooks,
			clock,
			logger,
		},
		auth,
	);
	const apiKeys = openKeys(stores, config.keys, clock, logger);
	const identity = openIdentity({
		config,
		stores,
		sessions,
		passwords,
		permissions,
		revocations,
		hooks,
		clock,
		logger,
	});
	return {
		accounts,
		changes,
		sessions,
		identity,
		keys: apiKeys.keys,
		credentials: new Credentials([...apiKeys.credentials, ...identity.credentials, sessionTokens(sessions)]),
		tokens,
		passwords,
		permissions,
		limiters,
		stores,
		start: () => {
			apiKeys.start();
			identity.start();
		},
		close: async () => {
			await apiKeys.close();
			await identity.close();
			await accounts.close();
			await stores.close();
		},
	};
}

function resetOptions({ auth }: Config) {
	return {
		resetCodeTtlMs: auth.resetCodeTtlMs,
		codeAttempts: CODE_ATTEMPTS_FACTOR * auth.attempts.resetCode.points,
		maxPending: MAX_PENDING_RESETS,
		productName: "framegate",
	};
}

function attemptLimiters({ auth }: Config, { limiter }: Stores): AttemptLimiters {
	const { attempts } = auth;
	return {
		loginByAccount: limiter("login-account", attempts.loginPerAccount),
		loginByIp: limiter("login-ip", attempts.loginPerIp),
		registerByIp: limiter("register-ip", attempts.registerPerIp),
		requestCodeByAccount: limiter("forgot-account", attempts.forgotPerAccount),
		requestCodeByIp: limiter("forgot-ip", attempts.forgotPerIp),
		confirmCodeByAccount: limiter("confirm-account", attempts.resetCode),
		confirmCodeByIp: limiter("confirm-ip", attempts.resetCodePerIp),
	};
}

/** The signing key first, as the key ring wants it. */
async function tokenKeys({ auth, dataDir }: Config): Promise<readonly TokenKeyOptions[]> {
	if (auth.keys.length === 0) return await loadOrCreateDevKeys(dataDir);
	const signing = (key: ConfigKey) => key.id === auth.activeKeyId;
	return [...auth.keys.filter(signing), ...auth.keys.filter((key) => !signing(key))].map(keyOptions);
}

function keyOptions({ id, secret, privateKeyPem, publicKeyPem }: ConfigKey): TokenKeyOptions {
	if (secret !== undefined) return { kid: id, algorithm: "HS256", secret };
	return {
		kid: id,
		algorithm: "EdDSA",
		...(privateKeyPem === undefined ? {} : { privateKey: privateKeyPem }),
		...(publicKeyPem === undefined ? {} : { publicKey: publicKeyPem }),
	};
}

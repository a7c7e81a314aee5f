// Who the client is signed in as: the tokens, when to renew them, and what the server reported about session and user.

import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import {
	authRoutes,
	type ConnectResponse,
	type HeartbeatResponse,
	type LoginResponse,
	type RefreshTokenResponse,
	type SessionInfoProperties,
	type TokenPairProperties,
	type UserProperties,
} from "../../protocol/gen/codec/auth.ts";
import {
	identityRoutes,
	type JoinAccountResponse,
	type LoginGuestResponse,
} from "../../protocol/gen/codec/identity.ts";
import { mayHaveWorked, ReplyLostError } from "../errors.ts";
import { housekeeping, type Timer } from "../timers.ts";
import type { TokenSource, TokenStorage } from "../token-storage.ts";
import { TokenStore } from "./token-store.ts";

/** Tokens are renewed when this share of what is left of their life remains, but at most a minute before the end. */
const RENEWAL_SHARE = 0.2;
const RENEWAL_LEAD_MAX_MS = 60_000;
const RENEWAL_PAUSE_MIN_MS = 1000;
/** Until a refresh token whose answer was lost is tried again: soon, as gateways may take it again for a short time. */
const DOUBT_PAUSE_MS = 1000;

/** Until a provider that gave no token is asked again. */
const TOKEN_RETRY_MS = 1000;

/** Errors that end the session: a repeated request would fail as well. */
const fatal: ReadonlySet<ErrorCode> = new Set([
	ErrorCode.UNAUTHENTICATED,
	ErrorCode.TOKEN_EXPIRED,
	ErrorCode.PERMISSION_DENIED,
	ErrorCode.VALIDATION_FAILED,
]);

/** Whether an error from signing in or refreshing means that the session is over. */
export function endsSession(error: unknown): boolean {
	return error instanceof GatewayError && fatal.has(error.code) && !(error instanceof ReplyLostError);
}

/** What a session needs of the connection. */
export interface SessionListener {
	/** Sends RefreshToken on the present connection. */
	sendRefreshToken(refreshToken: string): Promise<unknown>;
	/** Gets a token of an identity provider; undefined where there is none. */
	readonly getToken?: TokenSource | undefined;
	/** The tokens were renewed elsewhere: the present connection, if it is signed in, needs to learn of the new access token. */
	presentToken(): Promise<unknown>;
	onEnded(): void;
}

export class Session {
	private readonly store: TokenStore;
	private readonly listener: SessionListener;
	private loading: Promise<void> | undefined;
	/** The stored tokens do not count any more: they were loaded, or something newer came first. */
	private loaded = false;
	private renewing = false;
	/** A refresh token that may have been used up, because the answer was lost, and is to be tried once more soon. */
	private doubtful: string | undefined;
	private refreshing: Promise<TokenPairProperties> | undefined;
	private timer: Timer | undefined;
	/** The server's clock minus ours. */
	private clockSkewMs = 0;
	tokens: TokenPairProperties | undefined;
	info: SessionInfoProperties | undefined;
	user: UserProperties | undefined;

	constructor(storage: TokenStorage, onError: (error: unknown) => void, listener: SessionListener) {
		this.store = new TokenStore(storage, onError);
		this.listener = listener;
	}

	/** Fetches the stored tokens, the first time only; further callers wait for the same. Never rejects. */
	load(): Promise<void> {
		this.loading ??= this.fetchStored();
		return this.loading;
	}

	adopt(tokens: TokenPairProperties): void {
		this.loaded = true;
		this.tokens = tokens;
		this.store.save(tokens);
	}

	/** The session is over, or another one is about to begin. */
	forget(): void {
		this.loaded = true;
		this.pause();
		if (this.tokens !== undefined) this.store.delete(this.tokens);
		this.tokens = undefined;
		this.info = undefined;
		this.user = undefined;
		this.listener.onEnded();
	}

	/** Learns from a reply whatever concerns the session. */
	observe(contract: AnyWireRoute, reply: unknown): void {
		switch (contract.number) {
			case authRoutes.login.number:
			case identityRoutes.loginGuest.number: {
				const { tokens, session, user } = reply as LoginResponse | LoginGuestResponse;
				if (tokens) this.adopt(tokens);
				this.served(session ?? undefined, user ?? undefined);
				break;
			}
			case authRoutes.connect.number: {
				const { session, user } = reply as ConnectResponse;
				this.served(session ?? undefined, user ?? undefined);
				this.learnExpiry(session?.expiresAtMs);
				break;
			}
			case authRoutes.refreshToken.number: {
				const { tokens } = reply as RefreshTokenResponse;
				if (tokens) this.adopt(tokens);
				break;
			}
			case identityRoutes.joinAccount.number: {
				const { tokens, user } = reply as JoinAccountResponse;
				if (tokens) this.adopt(tokens);
				this.user = user ?? this.user;
				break;
			}
			case authRoutes.heartbeat.number:
				this.learnTime((reply as HeartbeatResponse).serverTimeMs);
				break;
			case authRoutes.logout.number:
				this.forget();
				break;
		}
	}

	get canRefresh(): boolean {
		return Boolean(this.tokens?.refreshToken) || this.listener.getToken !== undefined;
	}

	/** Whether a token has to be had before any can be presented: there is none, or it is known to have run out. */
	get needsToken(): boolean {
		return this.canRefresh && (this.tokens === undefined || this.isExpired);
	}

	/** Whether the access token is known to have run out. */
	get isExpired(): boolean {
		const expiresAtMs = this.tokens?.accessExpiresAtMs ?? 0;
		return expiresAtMs > 0 && this.remainingMs(expiresAtMs) <= 0;
	}

	/**
	 * Renews the tokens; callers at the same time share one request, for a refresh token works once. If another program has
	 * renewed them in the storage, they are taken from there. A fatal error ends the session.
	 *
	 * @throws GatewayError UNAUTHENTICATED without a refresh token, otherwise what the request failed with.
	 */
	refresh(): Promise<TokenPairProperties> {
		this.refreshing ??= this.renew().finally(() => {
			this.refreshing = undefined;
		});
		return this.refreshing;
	}

	/** Renews the tokens in good time from now on, until `pause`. */
	keepFresh(): void {
		this.renewing = true;
		this.schedule();
	}

	/** No more renewals until `keepFresh`: the connection is gone. */
	pause(): void {
		this.renewing = false;
		clearTimeout(this.timer);
		this.timer = undefined;
	}

	private async fetchStored(): Promise<void> {
		if (this.loaded) return;
		const tokens = await this.store.load();
		// A login, or the end of a session, may have been faster.
		if (!this.loaded && tokens !== undefined) this.tokens = tokens;
		this.loaded = true;
	}

	private schedule(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		const delayMs = this.renewing ? this.renewalDelayMs() : undefined;
		if (delayMs === undefined) return;
		// After a failure it is scheduled again, with what is left of the time: at shrinking distances.
		this.timer = housekeeping(() => void this.refresh().catch(() => {}), delayMs);
	}

	/** Undefined when there is nothing to renew, or when it is for the next request that meets TOKEN_EXPIRED to do. */
	private renewalDelayMs(): number | undefined {
		if (!this.canRefresh) return undefined;
		if (this.doubtful !== undefined && this.tokens?.refreshToken === this.doubtful) return DOUBT_PAUSE_MS;
		const expiresAtMs = this.tokens?.accessExpiresAtMs ?? 0;
		const remainingMs = expiresAtMs === 0 ? 0 : this.remainingMs(expiresAtMs);
		if (remainingMs <= 0) return undefined;
		const leadMs = Math.min(RENEWAL_LEAD_MAX_MS, remainingMs * RENEWAL_SHARE);
		return Math.max(RENEWAL_PAUSE_MIN_MS, remainingMs - leadMs);
	}

	private async renew(): Promise<TokenPairProperties> {
		try {
			await this.store.renew(
				() => this.tokens,
				async (newer) => {
					if (newer === undefined || !(await this.take(newer))) await this.spend();
				},
			);
		} finally {
			this.schedule();
		}
		if (this.tokens === undefined) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the session has ended");
		return this.tokens;
	}

	/** Takes tokens that another program has stored. @returns false when they have run out as well. */
	private async take(tokens: TokenPairProperties): Promise<boolean> {
		this.tokens = tokens;
		if (this.isExpired) return false;
		await this.listener.presentToken();
		return true;
	}

	/** Exchanges the refresh token. */
	private async spend(): Promise<void> {
		const refreshToken = this.tokens?.refreshToken;
		const { getToken } = this.listener;
		// A session of a login is renewed as such, also where tokens of a provider would be had.
		if (!refreshToken && getToken !== undefined) {
			await this.fetchToken(getToken);
			return;
		}
		if (!refreshToken) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "there is no refresh token");
		const secondTry = this.doubtful === refreshToken;
		try {
			// `observe` adopts the new pair from the reply.
			await this.listener.sendRefreshToken(refreshToken);
		} catch (error) {
			const isOver = endsSession(error);
			// A token that was used up ends the session when it comes again; one that the server never got does not. To try
			// it is the only way to find out, but once that was in vain as well, there is no more hurry.
			this.doubtful = !isOver && !secondTry && mayHaveWorked(error) ? refreshToken : undefined;
			// Not if a login has brought other tokens meanwhile.
			if (isOver && this.tokens?.refreshToken === refreshToken) this.forget();
			throw error;
		}
		this.doubtful = undefined;
	}

	/** Gets the next token of the provider, and presents it on the connection that is signed in. */
	private async fetchToken(getToken: TokenSource): Promise<void> {
		let accessToken: string | undefined;
		try {
			accessToken = await getToken();
			if (!accessToken)
				throw new GatewayError(ErrorCode.UNAUTHENTICATED, "nobody is signed in at the identity provider");
		} catch (cause) {
			if (endsSession(cause)) {
				this.forget();
				throw cause;
			}
			throw cause instanceof GatewayError
				? cause
				: unavailable("token of the identity provider", TOKEN_RETRY_MS, cause);
		}
		this.adopt({ accessToken });
		await this.listener.presentToken();
	}

	/** Only the gateway says when a token of a provider expires: to the client it is a text. */
	private learnExpiry(expiresAtMs: number | undefined): void {
		if (!expiresAtMs || !this.tokens || this.tokens.accessExpiresAtMs) return;
		this.tokens = { ...this.tokens, accessExpiresAtMs: expiresAtMs };
	}

	private served(info: SessionInfoProperties | undefined, user: UserProperties | undefined): void {
		this.info = info;
		this.user = user;
		this.learnTime(info?.serverTimeMs);
	}

	private learnTime(serverTimeMs: number | undefined): void {
		if (serverTimeMs) this.clockSkewMs = serverTimeMs - Date.now();
	}

	private remainingMs(expiresAtMs: number): number {
		return expiresAtMs - (Date.now() + this.clockSkewMs);
	}
}

// Block 1xxx: sessions and accounts.
import type { Clock } from "../common/clock.ts";
import { decodeCursor, encodeCursor, FOREIGN_PART } from "../common/cursor.ts";
import type { Hooks } from "../common/hooks.ts";
import type { Identity } from "../common/identity.ts";
import { fillPage } from "../common/page-fill.ts";
import type { Call } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	authRoutes,
	type ChannelPositionProperties,
	type ChannelRecoveryProperties,
	type ConnectRequest,
	User,
	type UserProperties,
	UserStatus,
} from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import type { Accounts } from "../services/accounts/accounts.ts";
import type { Credentials } from "../services/accounts/credentials.ts";
import { digest } from "../services/accounts/known-origins.ts";
import type { SessionProfile } from "../services/accounts/session-store.ts";
import type { Sessions } from "../services/accounts/sessions.ts";
import { placeOf, type UserQuery } from "../services/accounts/user-directory.ts";
import type { UserRecord } from "../services/accounts/user-store.ts";
import { usernameKey } from "../services/accounts/username.ts";
import { type AuthSettings, ownChannels, sessionInfo, subscribeToOwn, tokenPair } from "./session-replies.ts";
import { fullUser, publicUser } from "./user-wire.ts";

export interface AuthServices {
	readonly accounts: Accounts;
	readonly sessions: Sessions;
	/** Every kind of token that Connect takes. */
	readonly credentials: Credentials;
	readonly clock: Clock;
	readonly settings: AuthSettings;
	/** What the operator's own code says to a connection. */
	readonly hooks: Pick<Hooks, "connect">;
}

/** The list that cursors of accounts are of, and how many accounts it gives where the caller does not say. */
const USERS = "users";
const DEFAULT_USERS = 100;

/** So many positions presented with Connect cost as much as one more token. */
const POSITIONS_PER_TOKEN = 20;

export const authModule = defineModule<AuthServices>("auth", (implement) => [
	implement(authRoutes.connect, async (request, call, services) => {
		const { identity, profile } = await services.credentials.resume(request.accessToken ?? "", call.peer);
		const { connect } = services.hooks;
		if (connect !== undefined && identity.key === undefined) await connect({ identity, ip: call.peer.ip });
		call.authenticate(identity);
		const recoveries = await recoverChannels(call, identity, request);
		return {
			session: sessionInfo(identity, services),
			// Of the token and the session: ten thousand clients that reconnect at once must not cause as many SQL reads.
			user: connectedUser(identity, profile),
			recoveries,
		};
	}),

	implement(authRoutes.login, async (request, call, services) => {
		const { username = "", password = "", deviceId = "", deviceName = "" } = request;
		const device = { deviceId, deviceName, ip: call.peer.ip };
		const { user, identity, tokens } = await services.accounts.login(username, password, device);
		call.authenticate(identity);
		const positions = await subscribeToOwn(call, identity);
		return { tokens: tokenPair(tokens), session: sessionInfo(identity, services), user: fullUser(user), positions };
	}),

	implement(authRoutes.register, async (request, call, services) => {
		const { username = "", password = "", email = "", nickname = "" } = request;
		const user = await services.accounts.register({ username, password, email, nickname }, call.peer.ip);
		return { user: fullUser(user) };
	}),

	implement(authRoutes.forgotPassword, async (request, call, services) => {
		const { reset } = services.accounts;
		if (request.confirm) {
			const { account = "", code = "", newPassword = "" } = request.confirm;
			await reset.confirm(account, code, newPassword, call.peer.ip);
			return { passwordChanged: true };
		}
		return { codeExpiresInMs: await reset.requestCode(request.requestCode?.account ?? "", call.peer.ip) };
	}),

	implement(authRoutes.refreshToken, async (request, call, services) => {
		const { identity, tokens } = await services.sessions.refresh(request.refreshToken ?? "");
		// Also on a connection that is authenticated as another session or user: the token decides the identity from here on.
		// Channels are subscribed by Connect only: if this subscribed to the inbox, a client that reconnects with an expired
		// access token would get the pushes after its gap before it could present its position.
		call.authenticate(identity);
		return { tokens: tokenPair(tokens) };
	}),

	// Synchronous: the commonest message of all costs no promise.
	implement(authRoutes.heartbeat, (request, _call, services) => ({
		clientTimeMs: request.clientTimeMs ?? 0,
		serverTimeMs: services.clock.now(),
	})),

	implement(authRoutes.logout, async (request, call, services) => {
		// The caller's connection lets go of the session before ended sessions are announced, so that it gets its reply and
		// stays open, unauthenticated; other connections of the session are closed as revoked.
		const letGo = () => call.signOut();
		return { sessionsEnded: await services.sessions.logout(call.identity(), request.allSessions ?? false, letGo) };
	}),

	implement(authRoutes.getUserInfo, async (request, call, services) => {
		const { user, isFull } = await services.accounts.getUser(call.identity(), request.userId ?? "");
		return { user: isFull ? fullUser(user) : publicUser(user) };
	}),

	implement(authRoutes.listUsers, async (request, call, { accounts }) => {
		const { cursor = "", search = "", role = "", status = UserStatus.UNSPECIFIED } = request;
		const list = search === "" ? USERS : `${USERS}:${digest(search)}`;
		const [after = ""] = decodeCursor(list, cursor, 1, FOREIGN_PART) ?? [];
		const limit = request.limit || DEFAULT_USERS;
		const query = { by: searched(search), role, status: statuses[status], after, limit };
		const found = await accounts.find(query);
		const page = new ReplyPage(call.peer.encoding, User, fullUser);
		const cursorBehind = (user: UserRecord) => encodeCursor(list, placeOf(user, query));
		const filled = fillPage(page, { found: found.users, limit, cursorBehind });
		// Behind all that were shown, the store may have looked at others.
		const behind = found.nextCursor === undefined ? "" : encodeCursor(list, found.nextCursor);
		return { users: page.items, nextCursor: filled.nextCursor || behind };
	}),
]);

/** Recovers every channel that the client presents and may subscribe to, and the user's own in any case. */
async function recoverChannels(
	call: Call,
	identity: Identity,
	{ positions = [], deltaChannels = [] }: Pick<ConnectRequest, "positions" | "deltaChannels">,
): Promise<ChannelRecoveryProperties[]> {
	// After the call was authenticated, so that these come from the user's bucket too, however many connections there are.
	const waitMs = call.takeTokens(Math.floor(positions.length / POSITIONS_PER_TOKEN));
	if (waitMs > 0) throw new GatewayError(ErrorCode.RATE_LIMITED, "too many positions", { retryAfterMs: waitMs });
	const own = identity.key === undefined ? ownChannels(identity) : [];
	const deltas = new Set(deltaChannels);
	const presented = new Map(positions.map((position) => [position.channel ?? "", position]));
	const atOwn = own.map((channel) => presented.get(channel) ?? { channel });
	for (const channel of own) presented.delete(channel);
	// First, so that they have their places whatever else was presented.
	const ownRecoveries = await Promise.all(
		own.map((channel, index) => recoverChannel(call, channel, atOwn[index] as ChannelPositionProperties)),
	);
	const recoveries = await Promise.all(
		[...presented].map(([channel, position]) => recoverChannel(call, channel, position, deltas.has(channel))),
	);
	return [...recoveries, ...ownRecoveries.reverse()];
}

/**
 * A channel that the user may not subscribe to, or that is over the connection's limit, is reported as not recovered: with an
 * error, the client could never connect.
 */
async function recoverChannel(
	call: Call,
	channel: string,
	{ offset = 0, epoch = "" }: ChannelPositionProperties,
	deltas = false,
): Promise<ChannelRecoveryProperties> {
	try {
		const { isRecovered, ...position } = await call.peer.subscribeChannel(
			channel,
			epoch === "" ? undefined : { offset, epoch },
			{ deltas },
		);
		return { channel, recovered: isRecovered, ...position };
	} catch (error) {
		if (error instanceof GatewayError && notSubscribed.has(error.code)) return { channel, recovered: false };
		throw error;
	}
}

const notSubscribed: ReadonlySet<ErrorCode> = new Set([ErrorCode.RATE_LIMITED, ErrorCode.PERMISSION_DENIED]);

/** The record that Login returns, as it was when the tokens were issued. */
function connectedUser(identity: Identity, profile: SessionProfile): UserProperties {
	const { userId: id, username, roles } = identity;
	const { nickname, email, avatarUrl, version, registeredAtMs: createdAtMs } = profile;
	const status = UserStatus.ACTIVE;
	return { id, username, nickname, email, avatarUrl, roles: [...roles], status, version, createdAtMs };
}

/** User names by how they begin, and addresses as a whole. */
function searched(search: string): UserQuery["by"] {
	if (search === "") return { all: true };
	return search.includes("@") ? { email: search } : { namePrefix: usernameKey(search) };
}

const statuses: Readonly<Record<UserStatus, UserRecord["status"] | undefined>> = {
	[UserStatus.UNSPECIFIED]: undefined,
	[UserStatus.ACTIVE]: "active",
	[UserStatus.DISABLED]: "disabled",
};

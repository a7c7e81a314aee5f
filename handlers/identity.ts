// Block 1xxx: identities from elsewhere, and guests.
import type { Clock } from "../common/clock.ts";
import { isPermitted } from "../common/identity.ts";
import { defineModule } from "../core/route.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { identityRoutes, UserIdentity_Kind } from "../protocol/gen/schema.ts";
import type { Guests } from "../services/accounts/guests.ts";
import type { IdentityKind } from "../services/accounts/identity-store.ts";
import type { IssuerRevocation } from "../services/accounts/issuers/issuer-revocation.ts";
import { refuseKept } from "./secret-replies.ts";
import { type AuthSettings, sessionInfo, subscribeToOwn, tokenPair } from "./session-replies.ts";
import { fullUser } from "./user-wire.ts";

export interface IdentityHandlerServices {
	readonly guests: Guests;
	readonly revocation: IssuerRevocation;
	readonly clock: Clock;
	readonly settings: AuthSettings;
}

const KINDS: Readonly<Record<IdentityKind, UserIdentity_Kind>> = {
	issuer: UserIdentity_Kind.ISSUER,
	device: UserIdentity_Kind.DEVICE,
	joined: UserIdentity_Kind.JOINED_DEVICE,
};

export const identityModule = defineModule<IdentityHandlerServices>("identity", (implement) => [
	implement(identityRoutes.loginGuest, async (request, call, services) => {
		const { deviceSecret = "", deviceId = "", deviceName = "", nickname = "" } = request;
		const device = { deviceId, deviceName, ip: call.peer.ip };
		const { user, identity, tokens, isCreated } = await services.guests.login(deviceSecret, device, nickname);
		call.authenticate(identity);
		return {
			tokens: tokenPair(tokens),
			session: sessionInfo(identity, services),
			user: fullUser(user),
			positions: await subscribeToOwn(call, identity),
			created: isCreated,
		};
	}),

	implement(identityRoutes.joinAccount, async (request, call, { guests }) => {
		refuseKept(call);
		const caller = call.identity();
		const { newAccount, token } = request;
		const { username = "", password = "", email = "", nickname = "" } = newAccount ?? {};
		const joined = newAccount
			? await guests.joinNew(caller, { username, password, email, nickname }, call.peer.ip)
			: await guests.joinIssuer(caller, token ?? "");
		// The same user, with the name and the roles of the account.
		call.authenticate(joined.identity);
		return { tokens: tokenPair(joined.tokens), user: fullUser(joined.user) };
	}),

	implement(identityRoutes.revokeIssuerSessions, async (request, _call, { revocation }) => {
		const { issuer = "", subject = "", sid = "", jti = "" } = request;
		return { sessionsEnded: await revocation.revoke({ issuer, subject, sid, jti }) };
	}),

	implement(identityRoutes.listIdentities, async (request, call, { guests }) => {
		const caller = call.identity();
		const userId = request.userId || caller.userId;
		if (userId !== caller.userId && !isPermitted(caller, "users.read")) {
			throw new GatewayError(ErrorCode.PERMISSION_DENIED, "only the identities of oneself");
		}
		const identities = await guests.identitiesOf(userId);
		return {
			identities: identities.map(({ kind, issuer, subject, createdAtMs }) => {
				return { kind: KINDS[kind], issuer, subject, createdAtMs };
			}),
		};
	}),
]);

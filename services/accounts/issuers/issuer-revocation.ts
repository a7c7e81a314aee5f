// Ends sessions of issuers' tokens on behalf of an administrator or of the issuer: on every node, and with the tokens that could open
// them again.
import type { Clock } from "../../../common/clock.ts";
import { fieldError } from "../../../protocol/error.ts";
import { type IdentityStore, issuerIdentityKey } from "../identity-store.ts";
import type { SessionRecord, SessionStore } from "../session-store.ts";
import type { Sessions } from "../sessions.ts";
import type { TokenRevocations } from "../token-revocations.ts";
import { sessionIdOf, sessionName, tokenName } from "./issuer-session-ids.ts";
import type { IssuerSessions } from "./issuer-sessions.ts";

export interface IssuerRevocationServices {
	readonly issuerSessions: IssuerSessions;
	readonly sessions: Sessions;
	readonly store: SessionStore;
	readonly revocations: TokenRevocations;
	readonly identities: IdentityStore;
	readonly clock: Clock;
}

/** What is to end, in the issuer's terms; "" for what is not given. */
export interface IssuerRevocationRequest {
	readonly issuer: string;
	readonly subject: string;
	/** Of a session. */
	readonly sid: string;
	/** Of a token. */
	readonly jti: string;
}

export class IssuerRevocation {
	private readonly services: IssuerRevocationServices;

	constructor(services: IssuerRevocationServices) {
		this.services = services;
	}

	/**
	 * Ends what a request names: sessions of a subject, a session, or the session of a token.
	 *
	 * @returns how many sessions ended.
	 * @throws GatewayError VALIDATION_FAILED, UNAVAILABLE; after the latter, repeat: sessions may be left.
	 */
	async revoke(request: IssuerRevocationRequest): Promise<number> {
		const { subject, sid, jti } = request;
		const { options } = this.services.issuerSessions.issuerNamed(request.issuer);
		const { issuer: iss, clockSkewMs, maxTokenLifetimeMs } = options;
		// The clock of the issuer may be ahead by so much.
		const issuedUntilMs = this.services.clock.now() + clockSkewMs;
		if (jti !== "") {
			if (subject === "") throw fieldError("subject", "is required with a jti: whose token it is");
			const name = tokenName(iss, jti);
			const ofToken = (session: SessionRecord) => session.profile.issued?.tokenName === name;
			// One token, whenever it was issued.
			return await this.end(name, issuedUntilMs + maxTokenLifetimeMs, () => this.ofSubject(iss, subject, ofToken));
		}
		if (sid !== "") {
			const name = sessionName(iss, sid);
			const [before = 0] = await this.services.revocations.voidUntil([name]);
			return await this.end(name, issuedUntilMs, () => this.withId(sessionIdOf(name, before)));
		}
		if (subject === "") throw fieldError("subject", "is required, unless a sid is given");
		return await this.end(issuerIdentityKey(iss, subject), issuedUntilMs, () => this.ofSubject(iss, subject));
	}

	/** The revocation first: a session that is opened meanwhile sees it, or is among those that are found. */
	private async end(
		name: string,
		issuedUntilMs: number,
		find: () => Promise<readonly SessionRecord[]>,
	): Promise<number> {
		const { revocations, sessions } = this.services;
		await revocations.revoke([name], issuedUntilMs);
		let count = 0;
		for (const { userId, id } of await find()) count += await sessions.revoke(userId, id, "administrative");
		return count;
	}

	private async withId(id: string): Promise<readonly SessionRecord[]> {
		const session = await this.services.store.get(id);
		return session === undefined ? [] : [session];
	}

	private async ofSubject(
		iss: string,
		subject: string,
		isMeant: (session: SessionRecord) => boolean = () => true,
	): Promise<readonly SessionRecord[]> {
		const key = issuerIdentityKey(iss, subject);
		const identity = await this.services.identities.find(key);
		if (identity === undefined) return [];
		const sessions = await this.services.store.listByUser(identity.userId);
		return sessions.filter((session) => session.profile.issued?.identityKey === key && isMeant(session));
	}
}

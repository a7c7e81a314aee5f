// Bearer tokens of every kind: the one place at which a token becomes an identity, for Connect on a WebSocket and for calls over HTTP
// alike. A kind of token is one entry of the list; nothing else in the gateway knows which kinds there are.
import type { Identity } from "../../common/identity.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { ResumedSession, Sessions } from "./sessions.ts";

/** Where a token is presented, if that is known. */
export interface Presenter {
	readonly ip: string;
	/** Who is there already: on an open connection, a token that follows may continue its session. */
	readonly identity: Identity | undefined;
}

/** One kind of bearer token. */
export interface CredentialKind {
	/** For logs and metrics: `session`. */
	readonly name: string;
	/** Whether a token is of this kind, by its form alone. Cheap, and asks no store. */
	accepts(token: string): boolean;
	/**
	 * Who presents the token. It is asked once for a connection, and for calls over HTTP at most every 30 s.
	 *
	 * @throws GatewayError TOKEN_EXPIRED, UNAUTHENTICATED (forged, or ended), UNAVAILABLE.
	 */
	resume(token: string, presenter?: Presenter): Promise<ResumedSession>;
	/** Whether this kind made an identity with such a session id. Every kind has ids that no other kind makes. */
	owns(sessionId: string): boolean;
	/**
	 * Records that sessions of this kind are in use. Called about once a minute with all of them, never per message.
	 *
	 * @param onVersions - for kinds whose accounts have versions: called with that of each session that is there, so that a change
	 *   of roles is found whose event was missed.
	 * @returns those that have ended: their connections are closed.
	 */
	touch(sessionIds: readonly string[], onVersions: OnVersions): Promise<readonly string[]>;
}

/** Gets versions of accounts by session id. */
export type OnVersions = (versions: ReadonlyMap<string, number>) => void;

/** Tokens of our own sessions. They take what no other kind accepts, so that a forged token gets the same error as ever. */
export function sessionTokens(sessions: Sessions): CredentialKind {
	return {
		name: "session",
		accepts: () => true,
		resume: (token) => sessions.resume(token),
		owns: () => true,
		touch: async (sessionIds, onVersions) => {
			const { ended, versions } = await sessions.touch(sessionIds);
			onVersions(versions);
			return ended;
		},
	};
}

export class Credentials {
	private readonly kinds: readonly CredentialKind[];

	/** @param kinds - the first one that accepts a token decides about it: kinds with a narrow form come first. */
	constructor(kinds: readonly CredentialKind[]) {
		this.kinds = kinds;
	}

	/** @throws GatewayError TOKEN_EXPIRED, UNAUTHENTICATED, UNAVAILABLE. */
	async resume(token: string, presenter?: Presenter): Promise<ResumedSession> {
		const kind = this.kinds.find((candidate) => candidate.accepts(token));
		if (kind === undefined) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the token is not valid");
		return await kind.resume(token, presenter);
	}

	/**
	 * Records which sessions are in use. A kind whose store does not answer does not keep the others from being recorded.
	 *
	 * @param onEnded - gets those that have ended, kind by kind.
	 * @throws what the first kind that failed threw, once all others are done.
	 */
	async touch(
		sessionIds: readonly string[],
		onEnded: (sessionIds: readonly string[]) => void,
		onVersions: OnVersions = () => {},
	): Promise<void> {
		const byKind = new Map<CredentialKind, string[]>(this.kinds.map((kind) => [kind, []]));
		for (const id of sessionIds) {
			const kind = this.kinds.find((candidate) => candidate.owns(id));
			if (kind !== undefined) byKind.get(kind)?.push(id);
		}
		const inUse = [...byKind].filter(([, ids]) => ids.length > 0);
		const results = await Promise.allSettled(
			inUse.map(async ([kind, ids]) => onEnded(await kind.touch(ids, onVersions))),
		);
		const failed = results.find((result) => result.status === "rejected");
		if (failed !== undefined) throw failed.reason;
	}
}

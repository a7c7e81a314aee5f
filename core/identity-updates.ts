// Roles of users that were changed while they are connected: their connections have the new permissions at once, also those
// that bind a session a moment later whose roles were read before the change. Connections of an issuer's token keep the roles of
// that token.
import { type Identity, isPermitted } from "../common/identity.ts";
import { pushes } from "../protocol/gen/schema.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { PushSender } from "./push-sender.ts";

/** What a user may do, as of a version of the account. */
export interface UserRoles {
	readonly userId: string;
	readonly version: number;
	readonly roles: readonly string[];
}

export interface IdentityUpdatesOptions {
	readonly hub: Hub;
	readonly pushes: PushSender;
	readonly permissionsOf: (roles: readonly string[]) => ReadonlySet<string>;
	/** A connection may no longer do what it could: what it has by that is to be ended. Must not throw. */
	readonly onPermissionsLost: (connection: Connection) => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Longer than a request may take. */
const KEPT_MS = 60_000;
const MAX_KEPT = 100_000;

export class IdentityUpdates {
	private readonly options: IdentityUpdatesOptions;
	/** In the order of their times. */
	private readonly recent = new Map<string, { readonly change: UserRoles; readonly atMs: number }>();

	constructor(options: IdentityUpdatesOptions) {
		this.options = options;
	}

	/** Gives the connections of a user their new permissions, and notifies the clients that the record has changed. */
	apply(change: UserRoles): void {
		const { hub, now } = this.options;
		const known = this.recent.get(change.userId);
		if (known !== undefined && known.change.version > change.version) return;
		this.recent.delete(change.userId);
		this.recent.set(change.userId, { change, atMs: now() });
		for (const connection of hub.ofUser(change.userId)) {
			const { identity } = connection;
			if (identity !== undefined && identity.userVersion === undefined)
				this.notify(connection, identity, change.version);
			else this.renew(connection, change);
		}
	}

	/** Brings up to date what a connection was just bound to. */
	renewBound(connection: Connection, userId: string): void {
		const recent = this.recent.get(userId);
		if (recent !== undefined) this.renew(connection, recent.change);
	}

	/** Removes changes of so long ago that every login of that time is settled. Call about once a second. */
	sweep(nowMs: number): void {
		for (const [userId, { atMs }] of this.recent) {
			if (nowMs - atMs < KEPT_MS && this.recent.size <= MAX_KEPT) return;
			this.recent.delete(userId);
		}
	}

	private renew(connection: Connection, { userId, version, roles }: UserRoles): void {
		const before = connection.identity;
		if (before?.userId !== userId || before.userVersion === undefined || before.userVersion >= version) return;
		const permissions = this.options.permissionsOf(roles);
		const after: Identity = { ...before, roles, permissions, userVersion: version };
		connection.identity = after;
		this.notify(connection, after, version);
		const isLess = [...before.permissions].some((permission) => !isPermitted(after, permission));
		if (isLess) this.options.onPermissionsLost(connection);
	}
	private notify(connection: Connection, { userId, roles, permissions }: Identity, version: number): void {
		const message = { userId, version, roles: [...roles], permissions: [...permissions] };
		this.options.pushes.push(connection, pushes.userChanged, message);
	}
}

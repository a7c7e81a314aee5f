// Changes of accounts with their consequences: sessions and open connections have the new roles, those of a disabled or deleted
// user end.
import type { Logger } from "../../common/logger.ts";
import type { NodeBus } from "../../messaging/node-bus.ts";
import type { Sessions } from "./sessions.ts";
import type { ChangeCondition, UserChange, UserDirectory } from "./user-directory.ts";
import { rejectionError } from "./user-errors.ts";
import type { UserRecord } from "./user-store.ts";

export interface UserChangesServices {
	readonly directory: UserDirectory;
	readonly sessions: Sessions;
	readonly bus: NodeBus;
	readonly logger: Logger;
}

export class UserChanges {
	private readonly services: UserChangesServices;

	constructor(services: UserChangesServices) {
		this.services = services;
	}

	/**
	 * Changes an account. What sessions and connections have of it follows also when nothing changed, so that a call that failed
	 * in between can be repeated.
	 *
	 * @param onEnded - as in `Sessions.logout`.
	 * @throws GatewayError NOT_FOUND, CONFLICT, PRECONDITION_FAILED (the last administrator), UNAVAILABLE, and what `decide`
	 *   throws; after UNAVAILABLE, repeat.
	 */
	async apply(
		userId: string,
		decide: (user: UserRecord) => UserChange,
		condition: ChangeCondition,
		onEnded?: () => void,
	): Promise<UserRecord> {
		const { directory, sessions } = this.services;
		const result = await directory.change(userId, decide, condition);
		if (result.kind !== "changed") throw rejectionError(result);
		const { user } = result;
		if (user.status === "active") await sessions.updateUser(user);
		else await sessions.revokeAll(userId, "administrative", onEnded);
		return user;
	}

	/**
	 * Deletes an account.
	 *
	 * @param onEnded - as in `Sessions.logout`.
	 * @returns how many sessions ended.
	 * @throws GatewayError as `apply`. After UNAVAILABLE the account may be gone; what is left is erased in the background.
	 */
	async remove(userId: string, condition: ChangeCondition, onEnded?: () => void): Promise<number> {
		const { directory, sessions } = this.services;
		const result = await directory.remove(userId, condition);
		if (result.kind !== "removed") throw rejectionError(result);
		await this.announce(userId);
		return await sessions.revokeAll(userId, "account-deleted", onEnded);
	}

	/** What other processes remember is forgotten by its age in any case. */
	private async announce(userId: string): Promise<void> {
		try {
			await this.services.bus.publish({ type: "user-deleted", userId });
		} catch (error) {
			this.services.logger.warn({ err: error, userId }, "publishing a deleted user to other processes failed");
		}
	}
}

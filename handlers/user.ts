// Block 1xxx: users as they manage their accounts, and as administrators manage those of others.
import { decodeCursor, encodeCursor } from "../common/cursor.ts";
import { fillPage } from "../common/page-fill.ts";
import type { ExportedRecord } from "../common/personal-data.ts";
import type { Call } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { ExportRecord, UserSession, UserStatus, userRoutes } from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import { byAge, type SessionRecord } from "../services/accounts/session-store.ts";
import type { UserExport } from "../services/accounts/user-export.ts";
import type { Caller, Users } from "../services/accounts/users.ts";
import { fullUser } from "./user-wire.ts";

export interface UserServices {
	readonly users: Users;
	readonly exports: UserExport;
}

export const userModule = defineModule<UserServices>("user", (implement) => [
	implement(userRoutes.updateUser, async (request, call, { users }) => {
		const { userId = "", nickname, email, avatarUrl, metadata = {}, password, oldPassword = "" } = request;
		const user = await users.update(callerOf(call), {
			userId,
			nickname: nickname ?? undefined,
			email: email ?? undefined,
			avatarUrl: avatarUrl ?? undefined,
			metadata,
			password: password ?? undefined,
			oldPassword,
			expectedVersion: request.expectedVersion ?? 0,
		});
		return { user: fullUser(user) };
	}),

	implement(userRoutes.deleteUser, async (request, call, { users }) => {
		const { userId = "", password = "", expectedVersion = 0 } = request;
		return { sessionsEnded: await users.remove(callerOf(call), userId, password, expectedVersion) };
	}),

	implement(userRoutes.setUserRoles, async (request, call, { users }) => {
		const { userId = "", roles = [], expectedVersion = 0 } = request;
		return { user: fullUser(await users.setRoles(callerOf(call), userId, roles, expectedVersion)) };
	}),

	implement(userRoutes.setUserStatus, async (request, call, { users }) => {
		const { userId = "", expectedVersion = 0 } = request;
		const status = request.status === UserStatus.ACTIVE ? "active" : "disabled";
		return { user: fullUser(await users.setStatus(callerOf(call), userId, status, expectedVersion)) };
	}),

	implement(userRoutes.listSessions, async (request, call, { users }) => {
		const identity = call.identity();
		const { userId = "", cursor = "" } = request;
		const list = `sessions:${userId || identity.userId}`;
		const [createdAtMs = "-1", id = ""] = decodeCursor(list, cursor, 2) ?? [];
		const behind = { createdAtMs: Number(createdAtMs), id };
		const all = await users.sessionsOf(identity, userId);
		const found = all.filter((session) => byAge(behind, session) < 0);
		const page = new ReplyPage(call.peer.encoding, UserSession, (session: SessionRecord) => {
			return wireSession(session, identity.sessionId);
		});
		const cursorBehind = (last: SessionRecord) => encodeCursor(list, last.createdAtMs, last.id);
		const { nextCursor } = fillPage(page, { found, limit: found.length, cursorBehind });
		return { sessions: page.items, nextCursor };
	}),

	implement(userRoutes.endSessions, async (request, call, { users }) => {
		const { userId = "", sessionId = "", keepCurrent = false } = request;
		return { sessionsEnded: await users.endSessions(callerOf(call), userId, sessionId, keepCurrent) };
	}),

	implement(userRoutes.exportUser, async (request, call, { users, exports }) => {
		const { id } = await users.readable(call.identity(), request.userId ?? "");
		const page = new ReplyPage(call.peer.encoding, ExportRecord, wireRecord);
		const { nextCursor } = await exports.fill(id, request.cursor ?? "", page);
		return { records: page.items, nextCursor };
	}),

	implement(userRoutes.createUser, async (request, call, { users }) => {
		const { username = "", password = "", email = "", nickname = "", roles = [] } = request;
		const user = await users.create(callerOf(call), { username, password, email, nickname, roles });
		return { user: fullUser(user) };
	}),
]);

/** The caller's connection releases its session before the end of that is published, so that the reply arrives. */
function callerOf(call: Call): Caller {
	return { identity: call.identity(), ip: call.peer.ip, onEnded: () => call.signOut() };
}

function wireSession(session: SessionRecord, currentId: string) {
	const { id, deviceId, deviceName, ip, createdAtMs, lastSeenAtMs, expiresAtMs } = session;
	return { id, deviceId, deviceName, ip, createdAtMs, lastSeenAtMs, expiresAtMs, isCurrent: id === currentId };
}

function wireRecord({ kind, data }: ExportedRecord) {
	return { kind, json: JSON.stringify(data, asText) };
}

/** Bytes as base64. What has a `toJSON` of its own, as buffers have, comes here as its result, hence the look at the holder. */
function asText(this: unknown, key: string, value: unknown): unknown {
	const held = (this as Record<string, unknown>)[key];
	return held instanceof Uint8Array ? Buffer.from(held).toString("base64") : value;
}

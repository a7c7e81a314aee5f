// One decision over a room and its members: what it is decided on, and its consequences, in one transaction.
import { sql, type Transaction } from "kysely";
import { databaseTime } from "../../../stores/sql/database-time.ts";
import type { SqlDialectName } from "../../../stores/sql/database-url.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import type { MemberRecord, RoomChange, RoomQuery, RoomView } from "../chat-room-store.ts";
import { writeNotices } from "./chat-outbox-store-sql.ts";
import { conversationOf, memberOf, memberRow } from "./chat-rows.ts";

/** Locks the room and reads what the decision needs; undefined when there is no such room. */
export async function viewOfRoom(
	trx: Transaction<Tables>,
	dialect: SqlDialectName,
	roomQuery: RoomQuery,
): Promise<RoomView | undefined> {
	const { roomId, userIds, wantsRoomsOfFirst = false, wantsOwnedByLast = false } = roomQuery;
	const first = userIds[0] ?? "";
	const last = userIds.at(-1) ?? "";
	// Before the room's lock, as when a room is opened.
	if (wantsRoomsOfFirst) await lockUser(trx, first);
	if (wantsOwnedByLast) await lockUser(trx, last);
	const row = await trx
		.selectFrom("chat_conversations")
		.selectAll()
		.select(databaseTime(dialect).as("now_ms"))
		.where("id", "=", roomId)
		.where("kind", "=", "room")
		.$if(dialect !== "sqlite", (query) => query.forUpdate())
		.executeTakeFirst();
	if (row === undefined) return undefined;
	const members = await memberQuery(trx, roomId)
		.where("chat_members.user_id", "in", [...userIds])
		.execute();
	const newOwner = roomQuery.wantsNewOwner === true ? await readNewOwner(trx, roomId, row.owner_id) : undefined;
	const known = [...members.map(memberOf), ...(newOwner === undefined ? [] : [newOwner])];
	return {
		nowMs: Number(row.now_ms),
		room: conversationOf(row),
		members: new Map(known.map((member) => [member.userId, member])),
		newOwner: newOwner,
		roomsOfFirst: wantsRoomsOfFirst ? await countJoined(trx, first) : 0,
		ownedByLast: wantsOwnedByLast ? await countOwned(trx, last) : 0,
	};
}

/** Keeps two changes to what one user has apart. */
export async function lockUser(trx: Transaction<Tables>, userId: string): Promise<void> {
	await trx.updateTable("users").set({ id: sql`id` }).where("id", "=", userId).execute();
}

/** Rooms that have ended count until they are deleted, or opening and leaving them would fill the database. */
export async function countOwned(trx: Transaction<Tables>, userId: string): Promise<number> {
	const row = await trx
		.selectFrom("chat_conversations")
		.select((eb) => eb.fn.countAll<number | string>().as("count"))
		.where("owner_id", "=", userId)
		.executeTakeFirstOrThrow();
	return Number(row.count);
}

/** Applies a decision; the number of members follows from it. */
export async function changeRoom(
	trx: Transaction<Tables>,
	{ room, members }: RoomView,
	change: RoomChange<unknown>,
): Promise<void> {
	const put = change.put ?? [];
	const remove = change.remove ?? [];
	const replaced = [...put.map((member) => member.userId), ...remove].filter((userId) => members.has(userId));
	if (replaced.length > 0) {
		const query = trx.deleteFrom("chat_members").where("conversation_id", "=", room.id);
		await query.where("user_id", "in", replaced).execute();
	}
	if (put.length > 0) await trx.insertInto("chat_members").values(put.map(memberRow)).execute();
	const isMember = (member: MemberRecord | undefined) => (member?.state === "member" ? 1 : 0);
	const gained = put.reduce((sum, member) => sum + isMember(member), 0);
	const lost = replaced.reduce((sum, userId) => sum + isMember(members.get(userId)), 0);
	const isClosing = change.closedAtMs !== undefined;
	if (isClosing) await trx.deleteFrom("chat_members").where("conversation_id", "=", room.id).execute();
	const changes = {
		...(isClosing && { closed_at_ms: change.closedAtMs, is_public: 0 }),
		...(gained !== lost && { member_count: room.memberCount + gained - lost }),
		...(change.ownerId !== undefined && { owner_id: change.ownerId }),
	};
	if (Object.keys(changes).length > 0) {
		await trx.updateTable("chat_conversations").set(changes).where("id", "=", room.id).execute();
	}
	await writeNotices(trx, room.id, change.notices ?? []);
}

function memberQuery(trx: Transaction<Tables>, roomId: string) {
	return trx
		.selectFrom("chat_members")
		.leftJoin("users", "users.id", "chat_members.user_id")
		.selectAll("chat_members")
		.select("users.username")
		.where("chat_members.conversation_id", "=", roomId);
}

async function readNewOwner(
	trx: Transaction<Tables>,
	roomId: string,
	ownerId: string,
): Promise<MemberRecord | undefined> {
	const row = await memberQuery(trx, roomId)
		.where("chat_members.state", "=", "member")
		.where("chat_members.user_id", "<>", ownerId)
		.orderBy("chat_members.role", "desc")
		.orderBy("chat_members.joined_at_ms")
		.orderBy("chat_members.user_id")
		.limit(1)
		.executeTakeFirst();
	return row && memberOf(row);
}

export async function countJoined(trx: Transaction<Tables>, userId: string): Promise<number> {
	const row = await trx
		.selectFrom("chat_members")
		.innerJoin("chat_conversations", "chat_conversations.id", "chat_members.conversation_id")
		.select(sql<number | string>`count(*)`.as("count"))
		.where("chat_members.user_id", "=", userId)
		.where("chat_members.state", "=", "member")
		.where("chat_conversations.kind", "=", "room")
		.executeTakeFirstOrThrow();
	return Number(row.count);
}

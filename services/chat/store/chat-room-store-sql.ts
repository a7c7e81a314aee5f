// Conversations and their members in SQL.

import type { Kysely, Transaction } from "kysely";
import type { Age } from "../../../common/age.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { insertBatches } from "../../../stores/sql/insert-batches.ts";
import { ignoringDuplicates } from "../../../stores/sql/insert-missing.ts";
import { anyPair } from "../../../stores/sql/pairs.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type {
	ActivityPoint,
	ChatRoomStore,
	ConversationEntry,
	ConversationRecord,
	MemberRecord,
	MemberState,
	MembershipQuery,
	OpeningResult,
	RoomChange,
	RoomOpening,
	RoomQuery,
	RoomView,
} from "../chat-room-store.ts";
import { writeNotices } from "./chat-outbox-store-sql.ts";
import { changeRoom, countJoined, countOwned, lockUser, viewOfRoom } from "./chat-room-change-sql.ts";
import { conversationOf, conversationRow, memberOf, memberRow } from "./chat-rows.ts";

const DELETED_AT_ONCE = 1000;

export class SqlChatRoomStore implements ChatRoomStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	create({ room, members, maxOwned, maxJoined, notices }: RoomOpening): Promise<OpeningResult> {
		return transact(
			this.database,
			async (trx) => {
				await lockUser(trx, room.ownerId);
				const row = await trx.selectFrom("chat_conversations").selectAll().where("id", "=", room.id).executeTakeFirst();
				if (row !== undefined) return { kind: "exists", room: conversationOf(row) };
				if ((await countOwned(trx, room.ownerId)) >= maxOwned) return { kind: "too-many-owned" };
				if ((await countJoined(trx, room.ownerId)) >= maxJoined) return { kind: "too-many-joined" };
				await trx.insertInto("chat_conversations").values(conversationRow(room)).execute();
				for (const rows of insertBatches(members.map(memberRow))) {
					await trx.insertInto("chat_members").values(rows).execute();
				}
				await writeNotices(trx, room.id, notices);
				return { kind: "opened" };
			},
			"member",
		);
	}

	ensurePrivate(id: string, userIds: readonly [string, string], nowMs: number): Promise<void> {
		const conversation: ConversationRecord = {
			id,
			kind: "private",
			name: "",
			topic: "",
			isPublic: false,
			ownerId: "",
			memberCount: 2,
			maxMembers: 2,
			createdAtMs: nowMs,
			lastSequence: 0,
			closedAtMs: 0,
		};
		const member = { conversationId: id, username: "", state: "member", role: 1, joinedAtMs: nowMs } as const;
		return transact(
			this.database,
			async (trx) => {
				await this.insertMissing(trx, "chat_conversations", [conversationRow(conversation)]);
				const members = userIds.map((userId) => memberRow({ ...member, userId, mutedUntilMs: 0, readSequence: 0 }));
				await this.insertMissing(trx, "chat_members", members);
			},
			"member",
		);
	}

	byId(id: string): Promise<ConversationRecord | undefined> {
		return this.database.run(async (db) => {
			const row = await db.selectFrom("chat_conversations").selectAll().where("id", "=", id).executeTakeFirst();
			return row && conversationOf(row);
		});
	}

	member(conversationId: string, userId: string): Promise<MemberRecord | undefined> {
		return this.database.run(async (db) => {
			const query = memberQuery(db).where("chat_members.conversation_id", "=", conversationId);
			const row = await query.where("chat_members.user_id", "=", userId).executeTakeFirst();
			return row && memberOf(row);
		});
	}

	areMembers(queries: readonly MembershipQuery[]): Promise<readonly boolean[]> {
		if (queries.length === 0) return Promise.resolve([]);
		const pairs = queries.map(({ conversationId, userId }) => [conversationId, userId] as const);
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("chat_members")
				.select(["conversation_id", "user_id"])
				.where(anyPair(["conversation_id", "user_id"], pairs))
				.where("state", "=", "member")
				.execute();
			const members = new Set(rows.map((row) => `${row.conversation_id} ${row.user_id}`));
			return queries.map(({ conversationId, userId }) => members.has(`${conversationId} ${userId}`));
		});
	}

	memberIds(conversationId: string, limit: number): Promise<readonly string[]> {
		return this.database.run(async (db) => {
			const query = db
				.selectFrom("chat_members")
				.select("user_id")
				.where("conversation_id", "=", conversationId)
				.where("state", "=", "member");
			return (await query.limit(limit).execute()).map((row) => row.user_id);
		});
	}

	members(roomId: string, state: MemberState, after: string, limit: number): Promise<readonly MemberRecord[]> {
		return this.database.run(async (db) => {
			const rows = await memberQuery(db)
				.where("chat_members.conversation_id", "=", roomId)
				.where("chat_members.state", "=", state)
				.where("chat_members.user_id", ">", after)
				.orderBy("chat_members.user_id")
				.limit(limit)
				.execute();
			return rows.map(memberOf);
		});
	}

	change<Result>(query: RoomQuery, decide: (view: RoomView | undefined) => RoomChange<Result>): Promise<Result> {
		return transact(this.database, async (trx) => {
			const view = await viewOfRoom(trx, this.database.dialect, query);
			const change = decide(view);
			// Leaving and removing members remain possible.
			if (change.put?.some((member) => !view?.members.has(member.userId))) this.database.storage.admitMember();
			if (view !== undefined) await changeRoom(trx, view, change);
			return change.result;
		});
	}

	existingUsers(userIds: readonly string[]): Promise<ReadonlySet<string>> {
		if (userIds.length === 0) return Promise.resolve(new Set());
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("users")
				.select("id")
				.where("id", "in", [...userIds])
				.execute();
			return new Set(rows.map((row) => row.id));
		});
	}

	publicRooms(after: string, limit: number): Promise<readonly ConversationRecord[]> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("chat_conversations").selectAll().where("is_public", "=", 1);
			const rows = await query.where("id", ">", after).orderBy("id").limit(limit).execute();
			return rows.map(conversationOf);
		});
	}

	roomsOf(userId: string, after: string, limit: number): Promise<readonly ConversationRecord[]> {
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("chat_members")
				.innerJoin("chat_conversations", "chat_conversations.id", "chat_members.conversation_id")
				.selectAll("chat_conversations")
				.where("chat_members.user_id", "=", userId)
				.where("chat_members.state", "=", "member")
				.where("chat_conversations.kind", "=", "room")
				.where("chat_conversations.id", ">", after)
				.orderBy("chat_conversations.id")
				.limit(limit)
				.execute();
			return rows.map(conversationOf);
		});
	}

	conversationsOf(
		userId: string,
		before: ActivityPoint | undefined,
		limit: number,
	): Promise<readonly ConversationEntry[]> {
		return this.database.run((db) => readConversations(db, userId, before, limit));
	}

	markRead(conversationId: string, userId: string, sequence: number) {
		return statement(this.database, async (db) => {
			const found = await db
				.selectFrom("chat_conversations")
				.innerJoin("chat_members", "chat_members.conversation_id", "chat_conversations.id")
				.select(["last_sequence", "pruned_sequence", "read_sequence"])
				.where("chat_conversations.id", "=", conversationId)
				.where("chat_members.user_id", "=", userId)
				.where("chat_members.state", "=", "member")
				.executeTakeFirst();
			if (found === undefined) return undefined;
			const wanted = Math.min(sequence, Number(found.last_sequence));
			const update = await db
				.updateTable("chat_members")
				.set({ read_sequence: wanted })
				.where("conversation_id", "=", conversationId)
				.where("user_id", "=", userId)
				.where("read_sequence", "<", wanted)
				.executeTakeFirst();
			const moved = update.numUpdatedRows > 0n;
			const readSequence = moved ? wanted : Math.max(wanted, Number(found.read_sequence));
			const recalled = await db
				.selectFrom("chat_recalls")
				.select((eb) => eb.fn.countAll<number | string>().as("count"))
				.where("conversation_id", "=", conversationId)
				.where("sequence", ">", readSequence)
				.executeTakeFirstOrThrow();
			return {
				readSequence,
				unread: unreadOf({ ...found, read_sequence: readSequence, recalled: recalled.count }),
				moved,
			};
		});
	}

	async deleteClosed(age: Age, limit: number): Promise<number> {
		const rooms = await this.database.run(async (db) => {
			const since = await keptSince(db, this.database.dialect, age);
			const query = db
				.selectFrom("chat_conversations")
				.select("id")
				.where("closed_at_ms", ">", 0)
				// Pending notices are published before the room is deleted.
				.where("notices_until_ms", "=", 0)
				.where((eb) => eb.or([eb("closed_at_ms", "<", since), eb("last_sequence", "=", 0)]));
			return await query.orderBy("closed_at_ms").limit(limit).execute();
		});
		for (const { id } of rooms) await transact(this.database, (trx) => deleteSome(trx, id));
		return rooms.length;
	}

	private async insertMissing<Table extends "chat_conversations" | "chat_members">(
		trx: Transaction<Tables>,
		table: Table,
		rows: (Table extends "chat_members" ? ReturnType<typeof memberRow> : ReturnType<typeof conversationRow>)[],
	): Promise<void> {
		await ignoringDuplicates(this.database, trx.insertInto(table).values(rows as never)).execute();
	}
}

function memberQuery(db: Kysely<Tables>) {
	return db
		.selectFrom("chat_members")
		.leftJoin("users", "users.id", "chat_members.user_id")
		.selectAll("chat_members")
		.select("users.username");
}

/** Messages first, a bounded number at a time; what is left of the room goes with the last of them. */
async function deleteSome(trx: Transaction<Tables>, roomId: string): Promise<void> {
	const messages = trx.selectFrom("chat_messages").select("sequence").where("conversation_id", "=", roomId);
	const kept = await messages.orderBy("sequence").offset(DELETED_AT_ONCE).limit(1).executeTakeFirst();
	if (kept === undefined) {
		await trx.deleteFrom("chat_conversations").where("id", "=", roomId).execute();
		return;
	}
	const deletion = trx.deleteFrom("chat_messages").where("conversation_id", "=", roomId);
	await deletion.where("sequence", "<", Number(kept.sequence)).execute();
}

async function readConversations(
	db: Kysely<Tables>,
	userId: string,
	before: ActivityPoint | undefined,
	limit: number,
): Promise<readonly ConversationEntry[]> {
	let query = db
		.selectFrom("chat_members as own")
		.innerJoin("chat_conversations", "chat_conversations.id", "own.conversation_id")
		.leftJoin("chat_members as other", (join) =>
			join
				.onRef("other.conversation_id", "=", "chat_conversations.id")
				.on("other.user_id", "<>", userId)
				.on("chat_conversations.kind", "=", "private"),
		)
		.leftJoin("users", "users.id", "other.user_id")
		.selectAll("chat_conversations")
		.select(["own.read_sequence", "other.user_id as peer_id", "users.username as peer_name"])
		.select((eb) =>
			eb
				.selectFrom("chat_recalls")
				.select((inner) => inner.fn.countAll<number | string>().as("count"))
				.whereRef("chat_recalls.conversation_id", "=", "own.conversation_id")
				.whereRef("chat_recalls.sequence", ">", "own.read_sequence")
				.as("recalled"),
		)
		.where("own.user_id", "=", userId)
		.where("own.state", "=", "member")
		.where((eb) => eb.or([eb("chat_conversations.kind", "=", "room"), eb("chat_conversations.last_sequence", ">", 0)]))
		.orderBy("chat_conversations.active_at_ms", "desc")
		.orderBy("chat_conversations.id", "desc")
		.limit(limit);
	if (before !== undefined) {
		query = query.where((eb) =>
			eb.or([
				eb("chat_conversations.active_at_ms", "<", before.activeAtMs),
				eb.and([
					eb("chat_conversations.active_at_ms", "=", before.activeAtMs),
					eb("chat_conversations.id", "<", before.id),
				]),
			]),
		);
	}
	return (await query.execute()).map((row) => ({
		conversation: conversationOf(row),
		readSequence: Number(row.read_sequence),
		unread: unreadOf(row),
		activeAtMs: Number(row.active_at_ms),
		peerId: row.peer_id ?? "",
		peerName: row.peer_name ?? "",
	}));
}

/** What was recalled, or removed for its age, is not there to be read. */
function unreadOf(row: {
	readonly last_sequence: number | string;
	readonly read_sequence: number | string;
	readonly pruned_sequence: number | string;
	readonly recalled: number | string | null;
}): number {
	const from = Math.max(Number(row.read_sequence), Number(row.pruned_sequence));
	return Math.max(0, Number(row.last_sequence) - from - Number(row.recalled ?? 0));
}

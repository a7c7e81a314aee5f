// Step 0002: conversations with their members and messages, block lists, notifications.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { bytesType, tableOptions } from "./migration-table.ts";

export function chatStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await createConversations(db, dialect);
			await createMembers(db, dialect);
			await createMessages(db, dialect);
			await createBlocks(db, dialect);
			await createNotifications(db, dialect);
		},
		async down(db: Kysely<unknown>) {
			for (const table of ["notifications", "chat_blocks", "chat_messages", "chat_members", "chat_conversations"]) {
				await db.schema.dropTable(table).execute();
			}
		},
	};
}

async function createConversations(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("chat_conversations")
		.addColumn("id", "varchar(64)", (column) => column.primaryKey())
		.addColumn("kind", "varchar(16)", (column) => column.notNull())
		.addColumn("name", "varchar(64)", (column) => column.notNull())
		.addColumn("topic", "varchar(256)", (column) => column.notNull())
		.addColumn("is_public", "integer", (column) => column.notNull())
		.addColumn("owner_id", "varchar(36)", (column) => column.notNull())
		.addColumn("member_count", "integer", (column) => column.notNull())
		.addColumn("max_members", "integer", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addColumn("active_at_ms", "bigint", (column) => column.notNull())
		.addColumn("last_sequence", "bigint", (column) => column.notNull())
		.addColumn("published_sequence", "bigint", (column) => column.notNull())
		.addColumn("publisher", "varchar(128)", (column) => column.notNull())
		.addColumn("publisher_until_ms", "bigint", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema
		.createIndex("chat_conversations_public")
		.on("chat_conversations")
		.columns(["is_public", "id"])
		.execute();
	await db.schema.createIndex("chat_conversations_owner").on("chat_conversations").column("owner_id").execute();
	await db.schema
		.createIndex("chat_conversations_publisher_until")
		.on("chat_conversations")
		.column("publisher_until_ms")
		.execute();
}

async function createMembers(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("chat_members")
		.addColumn("conversation_id", "varchar(64)", (column) =>
			column.notNull().references("chat_conversations.id").onDelete("cascade"),
		)
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("state", "varchar(16)", (column) => column.notNull())
		.addColumn("role", "integer", (column) => column.notNull())
		.addColumn("joined_at_ms", "bigint", (column) => column.notNull())
		.addColumn("muted_until_ms", "bigint", (column) => column.notNull())
		.addColumn("read_sequence", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("chat_members_key", ["conversation_id", "user_id"])
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema.createIndex("chat_members_user").on("chat_members").columns(["user_id", "state"]).execute();
}

async function createMessages(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("chat_messages")
		.addColumn("conversation_id", "varchar(64)", (column) =>
			column.notNull().references("chat_conversations.id").onDelete("cascade"),
		)
		.addColumn("sequence", "bigint", (column) => column.notNull())
		.addColumn("id", "varchar(36)", (column) => column.notNull().unique())
		.addColumn("sender_id", "varchar(36)", (column) => column.notNull())
		.addColumn("sender_name", "varchar(64)", (column) => column.notNull())
		.addColumn("client_msg_id", "varchar(64)", (column) => column.notNull())
		.addColumn("content_hash", "varchar(64)", (column) => column.notNull())
		.addColumn("content", bytesType(dialect), (column) => column.notNull())
		.addColumn("reply_to_id", "varchar(64)", (column) => column.notNull())
		.addColumn("sent_at_ms", "bigint", (column) => column.notNull())
		.addColumn("recalled_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("chat_messages_key", ["conversation_id", "sequence"])
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema
		.createIndex("chat_messages_client_id")
		.unique()
		.on("chat_messages")
		.columns(["conversation_id", "sender_id", "client_msg_id"])
		.execute();
}

async function createBlocks(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("chat_blocks")
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("blocked_id", "varchar(36)", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("chat_blocks_key", ["user_id", "blocked_id"])
		.modifyEnd(tableOptions(dialect))
		.execute();
}

async function createNotifications(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("notifications")
		.addColumn("id", "varchar(36)", (column) => column.primaryKey())
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("type", "varchar(64)", (column) => column.notNull())
		.addColumn("title", "text", (column) => column.notNull())
		.addColumn("text", "text", (column) => column.notNull())
		.addColumn("data", "text", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addColumn("read_at_ms", "bigint", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema.createIndex("notifications_user").on("notifications").columns(["user_id", "id"]).execute();
	await db.schema.createIndex("notifications_created").on("notifications").column("created_at_ms").execute();
}

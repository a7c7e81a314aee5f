// The tables as kysely sees them. Rows use the column types that all dialects share: text and integers.
import type { ColumnType, Generated } from "kysely";
import type { Int64 } from "./column-types.ts";
import type {
	ChatBlocksTable,
	ChatConversationsTable,
	ChatMembersTable,
	ChatMessagesTable,
	ChatOutboxTable,
	ChatRecallsTable,
	ChatUplinksTable,
} from "./schema-chat.ts";

export interface UsersTable {
	id: string;
	username: string;
	username_key: string;
	email: string;
	email_key: string;
	nickname: string;
	password_hash: string;
	/** JSON array of strings. */
	roles: string;
	status: string;
	created_at_ms: Int64;
	updated_at_ms: Int64;
	/** "" for none. */
	avatar_url: Generated<string>;
	/** JSON object of strings. */
	metadata: Generated<string>;
	/** Counts up with each change. */
	version: Generated<number>;
}

/** The roles of users, each a row. */
export interface UserRolesTable {
	role: string;
	user_id: string;
}

/** Rows that are locked by transactions that must not run at the same time. */
export interface UserLocksTable {
	name: string;
	taken: Int64;
}

/** Users who were deleted, until everything of them is erased. */
export interface UserDeletionsTable {
	user_id: string;
	username_key: string;
	email_key: string;
	requested_at_ms: Int64;
	/** 1 or 2: everything is gone over twice. */
	round: number;
	/** How far the round is. */
	place: string;
	/** The process that works on it. */
	holder: string;
	/** When the next process may take it up. */
	due_at_ms: Int64;
}

/** What a user name looks like; a name has several looks, and each is one account's. */
export interface UserSkeletonsTable {
	/** SHA-256, base64url. */
	skeleton: string;
	user_id: string;
}

export interface PasswordResetsTable {
	user_id: string;
	code_hash: string;
	expires_at_ms: Int64;
	attempts_left: number;
}

/** What a user can log in with beside a password. */
export interface UserIdentitiesTable {
	/** SHA-256 over kind, issuer and subject, base64url. */
	identity_key: string;
	/** `issuer`, `device`, or `joined` for a device that logs in no more. */
	kind: string;
	/** "" for a device, as the subject. */
	issuer: string;
	subject: string;
	user_id: string;
	created_at_ms: Int64;
}

// Notifications.

export interface NotificationsTable {
	id: string;
	user_id: string;
	type: string;
	title: string;
	text: string;
	/** JSON object of strings. */
	data: string;
	created_at_ms: Int64;
	/** 0 until read. */
	read_at_ms: Int64;
	/** Another user whose name is in the text; "" for none. */
	about_user_id: Generated<string>;
}

// Games.

export interface GamesTable {
	id: string;
	room_id: string;
	game: string;
	started_at_ms: Int64;
	finished_at_ms: Int64;
	/** 1 or 0, as the other two. */
	is_public: number;
	is_open: number;
	is_truncated: number;
}

export interface GamePlayersTable {
	game_id: string;
	user_id: string;
	/** In the order of play. */
	place: number;
	username: string;
	/** GameResult. */
	result: number;
	/** As in `games`, for the index. */
	finished_at_ms: Int64;
}

export interface GameActionsTable {
	game_id: string;
	action_number: number;
	user_id: string;
	payload: Uint8Array;
	at_ms: Int64;
}

export interface GameCountsTable {
	user_id: string;
	game: string;
	played: number;
	won: number;
	lost: number;
	drawn: number;
	abandoned: number;
}

// Field equipment.

export interface ControlCommandsTable {
	id: string;
	user_id: string;
	username: string;
	source: string;
	channel: Int64;
	/** DataType. */
	data_type: number;
	point_id: Int64;
	/** A double as its shortest text. */
	value: string;
	select_id: string;
	reason: string;
	/** CommandStage. */
	stage: number;
	/** As `value`; "" when not reported. */
	actual_value: string;
	error: string;
	requested_at_ms: Int64;
	deadline_ms: Int64;
	updated_at_ms: Int64;
	/** When somebody has to look after it. */
	due_at_ms: Int64;
}

export interface AuditEntriesTable {
	id: string;
	at_ms: Int64;
	user_id: string;
	username: string;
	ip: string;
	operation: string;
	target: string;
	/** A double as its shortest text; "" when there is none. */
	value: string;
	command_id: string;
	reason: string;
	outcome: string;
	detail: string;
}

// Storage itself.

export interface StorageProbesTable {
	slot: number;
	at_ms: Int64;
	filler: Uint8Array;
}

/** Bytes that a user has had stored; those of days gone by are one row each. */
export interface StorageUsageTable {
	/** Days since 1970, UTC. */
	day: number;
	/** "" for all users of the day. */
	user_id: string;
	bytes: Int64;
}

/** API keys of backends. */
export interface ApiKeysTable {
	id: string;
	name: string;
	/** SHA-256, base64url. */
	secret_hash: string;
	/** JSON array of strings. */
	permissions: string;
	/** The same. */
	channels: string;
	per_second: number;
	burst: number;
	/** "" for the command line. */
	created_by: string;
	created_at_ms: Int64;
	/** 0: never. */
	expires_at_ms: Int64;
	/** 0: it is not revoked. */
	revoked_at_ms: Int64;
	last_used_at_ms: Int64;
}

/** Events that are to be delivered to outputs: webhooks, a broker of the plant. */
export interface OutputEventsTable {
	/** Given by the database. */
	number: ColumnType<number | string, number | undefined, never>;
	output: string;
	event_key: string;
	event_id: string;
	kind: string;
	body: Buffer;
	/** Of `body`. */
	bytes: number;
	at_ms: Int64;
	attempts: number;
	/** Since when it is not tried any more; 0 while it is pending. */
	died_at_ms: Int64;
	/** What came of the last attempt, for people. */
	error: string;
}

/** What administrators changed of routes. "" and 0: as the route itself says. */
export interface RouteOverridesTable {
	route: string;
	permission: string;
	cost: number;
	is_enabled: number;
	changed_at_ms: Int64;
	changed_by: string;
}

export interface Tables {
	users: UsersTable;
	user_skeletons: UserSkeletonsTable;
	user_roles: UserRolesTable;
	user_locks: UserLocksTable;
	user_deletions: UserDeletionsTable;
	password_resets: PasswordResetsTable;
	user_identities: UserIdentitiesTable;
	chat_conversations: ChatConversationsTable;
	chat_members: ChatMembersTable;
	chat_messages: ChatMessagesTable;
	chat_blocks: ChatBlocksTable;
	chat_outbox: ChatOutboxTable;
	chat_recalls: ChatRecallsTable;
	chat_uplinks: ChatUplinksTable;
	notifications: NotificationsTable;
	games: GamesTable;
	game_players: GamePlayersTable;
	game_actions: GameActionsTable;
	game_counts: GameCountsTable;
	control_commands: ControlCommandsTable;
	audit_entries: AuditEntriesTable;
	storage_probes: StorageProbesTable;
	storage_usage: StorageUsageTable;
	api_keys: ApiKeysTable;
	output_events: OutputEventsTable;
	route_overrides: RouteOverridesTable;
}

export type TableName = keyof Tables;

const tables: Readonly<Record<TableName, true>> = {
	users: true,
	user_skeletons: true,
	user_roles: true,
	user_locks: true,
	user_deletions: true,
	password_resets: true,
	user_identities: true,
	chat_conversations: true,
	chat_members: true,
	chat_messages: true,
	chat_blocks: true,
	chat_outbox: true,
	chat_recalls: true,
	chat_uplinks: true,
	notifications: true,
	games: true,
	game_players: true,
	game_actions: true,
	game_counts: true,
	control_commands: true,
	audit_entries: true,
	storage_probes: true,
	storage_usage: true,
	api_keys: true,
	output_events: true,
	route_overrides: true,
};

/** Of all tables but those of the migrations. */
export const tableNames = Object.keys(tables) as readonly TableName[];

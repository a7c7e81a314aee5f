// What becomes of everything that is stored, when the user whom it is about is deleted. Columns of tables and kinds of Redis keys
// that have no decision here fail personal-data.test.ts; what is decided is shown by test/gateway/user-deletion.test.ts.

/**
 * `none`: holds nothing of a person. `deleted`: the row goes with its user. `erased`: the value is taken out. `id`: the random id
 * stays as a reference, by which nothing is found any more. `kept`: stays until it is removed for its age. `shared`: what others in
 * the room go on using. `pending`: until the erasure is done.
 */
export type Decision = "none" | "deleted" | "erased" | "id" | "kept" | "shared" | "pending";

type Columns = Readonly<Record<string, Decision>>;

function all<const Names extends readonly string[]>(decision: Decision, ...names: Names): Columns {
	return Object.fromEntries(names.map((name) => [name, decision]));
}

export const columns: Readonly<Record<string, Columns>> = {
	users: all(
		"deleted",
		...["id", "username", "username_key", "email", "email_key", "nickname", "password_hash", "roles", "status"],
		...["created_at_ms", "updated_at_ms", "avatar_url", "metadata", "version"],
	),
	user_skeletons: all("deleted", "skeleton", "user_id"),
	user_roles: all("deleted", "role", "user_id"),
	password_resets: all("deleted", "user_id", "code_hash", "expires_at_ms", "attempts_left"),
	user_locks: all("none", "name", "taken"),
	user_deletions: all(
		"pending",
		...["user_id", "username_key", "email_key", "requested_at_ms", "round", "place", "holder", "due_at_ms"],
	),
	// By the account; `identity_key` is a digest.
	user_identities: all("deleted", "identity_key", "kind", "issuer", "subject", "user_id", "created_at_ms"),
	api_keys: {
		...all("none", "id", "name", "secret_hash", "permissions", "channels", "per_second", "burst", "created_at_ms"),
		...all("none", "expires_at_ms", "revoked_at_ms", "last_used_at_ms"),
		created_by: "id",
	},
	// `changed_by`: what an operator says of itself, or the operator's address.
	route_overrides: all("none", "route", "permission", "cost", "is_enabled", "changed_at_ms", "changed_by"),
	chat_conversations: {
		// Of a private conversation: a digest of two random ids.
		...all("none", "id", "kind", "is_public", "member_count", "max_members", "created_at_ms", "active_at_ms"),
		...all("none", "last_sequence", "published_sequence", "publisher", "publisher_until_ms", "closed_at_ms"),
		...all("none", "pruned_sequence", "last_notice", "notices_holder", "notices_until_ms"),
		...all("shared", "name", "topic"),
		// Of an open room a successor; of one that has ended nobody.
		owner_id: "erased",
	},
	chat_members: all(
		"deleted",
		...["conversation_id", "user_id", "state", "role", "joined_at_ms", "muted_until_ms", "read_sequence"],
	),
	chat_messages: {
		...all("none", "conversation_id", "sequence", "id", "reply_to_id", "sent_at_ms", "recalled_at_ms"),
		...all("erased", "sender_id", "sender_name", "client_msg_id", "content_hash", "content"),
	},
	chat_blocks: all("deleted", "user_id", "blocked_id", "created_at_ms"),
	// Published within seconds; the notice that the user left has no name.
	chat_outbox: all("none", "conversation_id", "number", "notice"),
	chat_recalls: all("none", "conversation_id", "sequence"),
	chat_uplinks: all("none", "conversation_id", "written_sequence", "holder", "until_ms"),
	notifications: all(
		"deleted",
		...["id", "user_id", "type", "title", "text", "data", "created_at_ms", "read_at_ms", "about_user_id"],
	),
	games: all(
		"none",
		"id",
		"room_id",
		"game",
		"started_at_ms",
		"finished_at_ms",
		"is_public",
		"is_open",
		"is_truncated",
	),
	game_players: {
		...all("none", "game_id", "place", "result", "finished_at_ms"),
		user_id: "id",
		username: "erased",
	},
	game_actions: { ...all("none", "game_id", "action_number", "at_ms"), user_id: "id", payload: "shared" },
	game_counts: all("deleted", "user_id", "game", "played", "won", "lost", "drawn", "abandoned"),
	control_commands: all(
		"kept",
		...["id", "user_id", "username", "source", "channel", "data_type", "point_id", "value", "select_id", "reason"],
		...["stage", "actual_value", "error", "requested_at_ms", "deadline_ms", "updated_at_ms", "due_at_ms"],
	),
	audit_entries: all(
		"kept",
		...["id", "at_ms", "user_id", "username", "ip", "operation", "target", "value", "command_id", "reason"],
		...["outcome", "detail"],
	),
	// Until it is delivered; what could not be, for outputs.deadLetterKeptMs (docs/webhooks.md).
	output_events: all(
		"kept",
		...["number", "output", "event_key", "event_id", "kind", "bytes", "at_ms", "attempts", "died_at_ms", "error"],
		"body",
	),
	storage_probes: all("none", "slot", "at_ms", "filler"),
	// Counted as nobody's.
	storage_usage: { ...all("none", "day", "bytes"), user_id: "erased" },
};

/**
 * `none`: holds nothing of a person. `deleted`: by the deletion. `expires`: has a time to live of minutes or hours, or of a room that
 * is used; `digest`: the name of the key or its members are digests, and they expire; `id`: the random id stays for a while;
 * `operator`: what the operator's own code keeps, and has to remove.
 */
export type KeyDecision = "none" | "deleted" | "expires" | "digest" | "id" | "operator";

/** By what comes behind the prefix in the sources, up to the first variable part. */
export const redisKeys: Readonly<Record<string, KeyDecision>> = {
	"session:": "deleted",
	"user-sessions:": "deleted",
	"presence:": "deleted",
	"presence-node:": "deleted",
	"presence-nodes": "none",
	// That a user was subscribed or removed by a backend: as long as tokens of before may be good.
	"channel-grant:": "expires",
	// Of an application channel: while its connections are open, and until those of a dead process are removed.
	"channel-presence:{": "expires",
	"known:": "deleted",
	// For a day.
	"result:{": "expires",
	"attempts:": "digest",
	// Tokens of issuers that are void, until they have expired.
	"void-tokens:": "digest",
	// Game rooms: the user leaves; names of the last game's players stay until the next game or the end of the room.
	"room:{": "expires",
	"rooms:": "deleted",
	// Logs of channels, for channels.historyTtlMs behind the last publication, and positions a day longer.
	"ch:{": "expires",
	// Names of channels with the random id, until their logs are gone.
	"ch-logs:{logs}": "id",
	// Of selects in control: seconds.
	"lease:": "expires",
	"module:{": "operator",
	// Rounds of reloads, with the name of the operator who asked; and code.
	"modules:{reload}:": "expires",
	"modules:{reload}:kept:": "none",
	"alarms-told:": "none",
	probe: "none",
	// The prefix of pub/sub channels where the database is not 0.
	db: "none",
	"probe:{": "none",
};

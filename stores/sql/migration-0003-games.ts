// Step 0003: finished games, their players and actions, and statistics.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { bytesType, tableOptions } from "./migration-table.ts";

export function gamesStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await createGames(db, dialect);
			await createPlayers(db, dialect);
			await createActions(db, dialect);
			await createCounts(db, dialect);
		},
		async down(db: Kysely<unknown>) {
			for (const table of ["game_counts", "game_actions", "game_players", "games"]) {
				await db.schema.dropTable(table).execute();
			}
		},
	};
}

async function createGames(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("games")
		.addColumn("id", "varchar(36)", (column) => column.primaryKey())
		.addColumn("room_id", "varchar(64)", (column) => column.notNull())
		.addColumn("game", "varchar(32)", (column) => column.notNull())
		.addColumn("started_at_ms", "bigint", (column) => column.notNull())
		.addColumn("finished_at_ms", "bigint", (column) => column.notNull())
		.addColumn("is_public", "integer", (column) => column.notNull())
		.addColumn("is_open", "integer", (column) => column.notNull())
		.addColumn("is_truncated", "integer", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
}

async function createPlayers(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("game_players")
		.addColumn("game_id", "varchar(36)", (column) => column.notNull().references("games.id").onDelete("cascade"))
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("place", "integer", (column) => column.notNull())
		.addColumn("username", "varchar(64)", (column) => column.notNull())
		.addColumn("result", "integer", (column) => column.notNull())
		.addColumn("finished_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("game_players_key", ["game_id", "user_id"])
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema
		.createIndex("game_players_user")
		.on("game_players")
		.columns(["user_id", "finished_at_ms", "game_id"])
		.execute();
}

async function createActions(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("game_actions")
		.addColumn("game_id", "varchar(36)", (column) => column.notNull().references("games.id").onDelete("cascade"))
		.addColumn("action_number", "integer", (column) => column.notNull())
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("payload", bytesType(dialect), (column) => column.notNull())
		.addColumn("at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("game_actions_key", ["game_id", "action_number"])
		.modifyEnd(tableOptions(dialect))
		.execute();
}

async function createCounts(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("game_counts")
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("game", "varchar(32)", (column) => column.notNull())
		.addColumn("played", "integer", (column) => column.notNull())
		.addColumn("won", "integer", (column) => column.notNull())
		.addColumn("lost", "integer", (column) => column.notNull())
		.addColumn("drawn", "integer", (column) => column.notNull())
		.addColumn("abandoned", "integer", (column) => column.notNull())
		.addPrimaryKeyConstraint("game_counts_key", ["user_id", "game"])
		.modifyEnd(tableOptions(dialect))
		.execute();
}

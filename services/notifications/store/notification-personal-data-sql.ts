// Notifications of a user, and those of others that name the user.
import type { ErasedUser, ExportedPart, PersonalData } from "../../../common/personal-data.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound, idsOf } from "../../../stores/sql/delete-found.ts";
import { statement } from "../../../stores/sql/transaction.ts";

const ERASED_AT_ONCE = 500;
/** Each of at most 16 kB. */
const EXPORTED_AT_ONCE = 50;

export class SqlNotificationPersonalData implements PersonalData {
	readonly name = "notifications";
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	async erase({ userId }: ErasedUser): Promise<string | undefined> {
		const counts = [await this.eraseSome("user_id", userId), await this.eraseSome("about_user_id", userId)];
		return counts.some((count) => count >= ERASED_AT_ONCE) ? "more" : undefined;
	}

	export(userId: string, place: string): Promise<ExportedPart> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("notifications").selectAll().where("user_id", "=", userId).where("id", ">", place);
			const rows = await query.orderBy("id").limit(EXPORTED_AT_ONCE).execute();
			const records = rows.map(({ id, type, title, text, data, created_at_ms, read_at_ms }) => ({
				kind: "notification",
				data: {
					...{ id, type, title, text, data: JSON.parse(data) as unknown },
					...{ createdAtMs: Number(created_at_ms), readAtMs: Number(read_at_ms) },
				},
				place: id,
			}));
			return { records, next: rows.length < EXPORTED_AT_ONCE ? undefined : rows.at(-1)?.id };
		});
	}

	private eraseSome(column: "user_id" | "about_user_id", userId: string): Promise<number> {
		return statement(this.database, (db) => {
			const query = db.selectFrom("notifications").select("id").where(column, "=", userId);
			return deleteFound(query.limit(ERASED_AT_ONCE), (keys) =>
				db.deleteFrom("notifications").where("id", "in", idsOf(keys)),
			);
		});
	}
}

// The audit trail of what users did to field equipment. It is exported and not erased: an operator who could erase it by deleting
// the own account could act without a trace. It is removed by its age, and commands are by theirs.
import { type ExportedPart, NOTHING_EXPORTED, type PersonalData } from "../../../../common/personal-data.ts";
import type { Database } from "../../../../stores/sql/database.ts";

const EXPORTED_AT_ONCE = 200;

export class SqlAuditPersonalData implements PersonalData {
	readonly name = "audit";
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	async erase(): Promise<undefined> {
		return undefined;
	}

	/** Latest first, by the index of names: another user may have had the name before. */
	export(userId: string, place: string): Promise<ExportedPart> {
		return this.database.run(async (db) => {
			const user = await db.selectFrom("users").select("username").where("id", "=", userId).executeTakeFirst();
			if (user === undefined) return NOTHING_EXPORTED;
			const [atMs = "", id = ""] = place.split("|");
			let query = db.selectFrom("audit_entries").selectAll().where("username", "=", user.username);
			if (id !== "") {
				query = query.where((eb) =>
					eb.or([eb("at_ms", "<", Number(atMs)), eb.and([eb("at_ms", "=", Number(atMs)), eb("id", "<", id)])]),
				);
			}
			const rows = await query.orderBy("at_ms", "desc").orderBy("id", "desc").limit(EXPORTED_AT_ONCE).execute();
			const placeOf = (row: (typeof rows)[number]) => `${row.at_ms}|${row.id}`;
			const own = rows.filter((row) => row.user_id === userId);
			const records = own.map((row) => {
				const { user_id: _, at_ms, ...data } = row;
				return { kind: "audit", data: { ...data, atMs: Number(at_ms) }, place: placeOf(row) };
			});
			const last = rows.at(-1);
			return { records, next: rows.length < EXPORTED_AT_ONCE || last === undefined ? undefined : placeOf(last) };
		});
	}
}

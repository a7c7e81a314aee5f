// Everything that is stored of a user, domain by domain.
import { decodeCursor, encodeCursor } from "../../common/cursor.ts";
import type { PageFill } from "../../common/page-fill.ts";
import type { ExportedRecord, PersonalData } from "../../common/personal-data.ts";
import { fieldError } from "../../protocol/error.ts";

export interface ExportPage {
	/** "" at the end. */
	readonly nextCursor: string;
}

export class UserExport {
	private readonly domains: readonly PersonalData[];

	constructor(domains: readonly PersonalData[]) {
		this.domains = domains;
	}

	/**
	 * Puts the next records into a page.
	 *
	 * @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	async fill(userId: string, cursor: string, page: PageFill<ExportedRecord>): Promise<ExportPage> {
		const list = `export:${userId}`;
		const [name = this.domains[0]?.name, place = ""] = decodeCursor(list, cursor, 2) ?? [];
		const at = this.domains.findIndex((domain) => domain.name === name);
		const domain = this.domains[at];
		if (domain === undefined) throw fieldError("cursor", "does not belong to this list");
		const { records, next } = await domain.export(userId, place);
		let behind = place;
		for (const record of records) {
			if (!page.take(record)) return { nextCursor: encodeCursor(list, domain.name, behind) };
			behind = record.place;
		}
		if (next !== undefined) return { nextCursor: encodeCursor(list, domain.name, next) };
		const following = this.domains[at + 1];
		return { nextCursor: following === undefined ? "" : encodeCursor(list, following.name, "") };
	}
}

// How much a user has had stored: added to what nobody is named for.
import { type ErasedUser, type ExportedPart, NOTHING_EXPORTED, type PersonalData } from "../../common/personal-data.ts";
import type { StorageUsage } from "./storage-usage.ts";

export class StoragePersonalData implements PersonalData {
	readonly name = "storage";
	private readonly usage: StorageUsage;

	constructor(usage: StorageUsage) {
		this.usage = usage;
	}

	async erase({ userId }: ErasedUser): Promise<undefined> {
		await this.usage.forget(userId);
	}

	/** A number of bytes, of today, is nothing that a person would look for. */
	async export(): Promise<ExportedPart> {
		return NOTHING_EXPORTED;
	}
}

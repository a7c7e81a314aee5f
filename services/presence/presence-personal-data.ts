// When a user was last seen.
import { type ErasedUser, type ExportedPart, NOTHING_EXPORTED, type PersonalData } from "../../common/personal-data.ts";
import type { PresenceStore } from "./presence-store.ts";

export class PresencePersonalData implements PersonalData {
	readonly name = "presence";
	private readonly store: PresenceStore;
	private readonly now: () => number;

	/** @param now - Unix milliseconds. */
	constructor(store: PresenceStore, now: () => number) {
		this.store = store;
		this.now = now;
	}

	async erase({ userId }: ErasedUser): Promise<undefined> {
		await this.store.forget(userId);
	}

	async export(userId: string): Promise<ExportedPart> {
		const [record] = await this.store.get([userId], this.now());
		if (record === undefined || (record.lastSeenMs === 0 && !record.isOnline)) return NOTHING_EXPORTED;
		const { isOnline, lastSeenMs } = record;
		return { records: [{ kind: "presence", data: { isOnline, lastSeenMs }, place: "0" }], next: undefined };
	}
}

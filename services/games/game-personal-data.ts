// A user leaves games: rooms as by leaving them, records without the name.
import type { ErasedUser, ExportedPart, PersonalData } from "../../common/personal-data.ts";
import type { GamePersonalStore } from "./game-personal-store.ts";
import type { Games } from "./games.ts";

export class GamePersonalData implements PersonalData {
	readonly name = "games";
	private readonly games: Games;
	private readonly store: GamePersonalStore;

	constructor(games: Games, store: GamePersonalStore) {
		this.games = games;
		this.store = store;
	}

	async erase({ userId }: ErasedUser, place: string): Promise<string | undefined> {
		if (place === "") await this.games.forgetUser(userId);
		return await this.store.erase(userId, place);
	}

	export(userId: string, place: string): Promise<ExportedPart> {
		return this.store.export(userId, place);
	}
}

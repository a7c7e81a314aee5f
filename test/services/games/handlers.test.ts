// Block 2xxx as its handlers answer it.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { gameModule } from "../../../handlers/game.ts";
import { unavailable } from "../../../protocol/error.ts";
import { gameRoutes, RoomAction } from "../../../protocol/gen/schema.ts";
import type { Games } from "../../../services/games/games.ts";
import { action, type GamesFixture, gamesFixture, user } from "./fixture.ts";

interface Reply {
	readonly room?: { readonly id: string; readonly members?: readonly object[] };
	readonly channel?: string;
	readonly offset?: number;
	readonly epoch?: string;
	readonly eventNumber?: number;
	readonly games?: readonly object[];
	readonly played?: number;
}

const settings = { name: "r", game: "relay", capacity: 0, isPrivate: false, password: "", metadata: {} };

describe("game handlers", () => {
	let fixture: GamesFixture;
	let games: Games;
	let subscribed: string[];
	let isBrokerDown: boolean;
	beforeEach(async () => {
		fixture = gamesFixture();
		games = await fixture.node();
		subscribed = [];
		isBrokerDown = false;
	});
	afterEach(() => fixture.close());

	async function ask(who: Identity, number: number, request: object): Promise<Reply> {
		const route = gameModule.routes.find((candidate) => candidate.contract.number === number);
		const peer = {
			encoding: "protobuf",
			subscribeChannel: async (channel: string) => {
				if (isBrokerDown) throw unavailable("broker", 1);
				subscribed.push(channel);
				return { offset: 7, epoch: "e", isRecovered: true };
			},
			unsubscribeChannel: (channel: string) => {
				subscribed = subscribed.filter((name) => name !== channel);
			},
		};
		return (await route?.handler(request, { peer, identity: () => who } as never, { games })) as Reply;
	}

	test("every route of the block has a handler", () => {
		const numbers = gameModule.routes.map((route) => route.contract.number).sort();
		assert.deepEqual(
			numbers,
			Object.values(gameRoutes).map((route) => route.number),
		);
	});

	test("creating or joining a room subscribes to its channel until leaving", async () => {
		const [ada, bob] = [user("ada"), user("bob")];
		const created = await ask(ada, 2002, { ...settings, allowSpectators: true });
		const roomId = created.room?.id ?? "";
		const position = { channel: `room:${roomId}`, offset: 7, epoch: "e" };
		assert.deepEqual({ ...created, room: undefined }, { ...position, eventNumber: 0, room: undefined });
		const joined = await ask(bob, 2003, { roomId, password: "", asSpectator: false });
		assert.equal(joined.room?.members?.length, 2);
		assert.equal(joined.channel, position.channel);
		assert.equal(joined.eventNumber, 1);
		assert.equal(subscribed.length, 2);
		const ready = await ask(bob, 2006, action(roomId, RoomAction.READY));
		assert.deepEqual(ready, { actionNumber: 0, eventNumber: 2 });
		await ask(bob, 2004, { roomId });
		assert.deepEqual(subscribed, []);
		assert.equal((await ask(bob, 2001, { roomId })).room?.members?.length, 1);
	});

	test("a room that its creator cannot subscribe to is closed", async () => {
		isBrokerDown = true;
		await assert.rejects(ask(user("ada"), 2002, { ...settings, allowSpectators: true }));
		assert.deepEqual((await games.list.page("", false, 0, "")).rooms, []);
	});

	test("history and statistics are one's own unless somebody else is named", async () => {
		const [ada, bob] = [user("ada"), user("bob")];
		const asked: string[] = [];
		fixture.records.gamesOf = async (...args: unknown[]) => {
			asked.push(`${args[0] === ada.userId ? "ada" : "bob"} ${args[1] ? "public" : "all"}`);
			return [];
		};
		const page = { gameId: "", limit: 0, cursor: "" };
		assert.deepEqual((await ask(ada, 2007, { ...page, userId: "" })).games, []);
		await ask(ada, 2007, { ...page, userId: ada.userId });
		await ask(ada, 2007, { ...page, userId: bob.userId });
		assert.deepEqual(asked, ["ada all", "ada all", "bob public"]);
		assert.equal((await ask(ada, 2008, { userId: "", game: "" })).played, 0);
	});
});

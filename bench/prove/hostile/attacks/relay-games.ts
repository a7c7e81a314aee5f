// Relay games, in which everything that a player sends is recorded and sent to all players: the longest payloads, at the rate of
// the room.
import { gameRoutes, RoomAction } from "../../../../protocol/gen/schema.ts";
import { type Attack, isOver } from "../attack.ts";
import { Insider } from "../insider.ts";

const ROOMS = 8;
const PIPELINED = 8;
const PAYLOAD = new Uint8Array(16_384).fill(0x63);

interface Table {
	readonly roomId: string;
	readonly players: readonly [Insider, Insider];
}

async function open(host: Insider, guest: Insider): Promise<Table> {
	const made = await host.ask(gameRoutes.createRoom, { name: "relay", game: "relay", capacity: 2 });
	const roomId = made?.room?.id ?? "";
	await guest.ask(gameRoutes.joinRoom, { roomId });
	for (const player of [host, guest]) await player.ask(gameRoutes.gameAction, { roomId, action: RoomAction.READY });
	await host.ask(gameRoutes.gameAction, { roomId, action: RoomAction.START });
	return { roomId, players: [host, guest] };
}

export const relayGames: Attack<readonly Table[]> = {
	name: "relay-games",
	title: "relay games with the longest payloads",
	async prepare({ ports }) {
		const insiders = await Insider.gather(ports, 2 * ROOMS);
		return Promise.all(
			Array.from({ length: ROOMS }, (_, index) =>
				open(insiders[2 * index] as Insider, insiders[2 * index + 1] as Insider),
			),
		);
	},
	async run(run, tables) {
		await Promise.all(
			tables.flatMap(({ roomId, players }) =>
				players.map(async (player) => {
					while (!isOver(run)) {
						const moves = Array.from({ length: PIPELINED }, async () => {
							const move = { roomId, action: RoomAction.MOVE, payload: PAYLOAD };
							if ((await player.ask(gameRoutes.gameAction, move)) !== undefined) run.count("bytes", PAYLOAD.length);
						});
						await Promise.all(moves);
					}
				}),
			),
		);
	},
};

// Members make rooms, of chat and of games, with everything that may be attached to them, and go in and out.
import { chatRoutes, gameRoutes } from "../../../../protocol/gen/schema.ts";
import { type Attack, isOver } from "../attack.ts";
import { Insider } from "../insider.ts";

const MEMBERS = 16;
const METADATA = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key-${index}`, "v".repeat(250)]));

export const rooms: Attack<readonly Insider[]> = {
	name: "rooms",
	title: "rooms without end",
	prepare: ({ ports }) => Insider.gather(ports, MEMBERS),
	async run(run, insiders) {
		await Promise.all(insiders.flatMap((insider, member) => [chatter(insider, member), player(insider, member)]));

		async function chatter(insider: Insider, member: number): Promise<void> {
			for (let turn = 0; !isOver(run); turn++) {
				const settings = { name: `room ${member} ${turn}`, topic: "t".repeat(256), isPublic: true };
				const made = await insider.ask(chatRoutes.createChatRoom, settings);
				run.count("chat rooms");
				await insider.ask(chatRoutes.listChatRooms, { limit: 100 });
				if (made?.room?.id !== undefined && turn % 2 === 0) {
					await insider.ask(chatRoutes.leaveChatRoom, { roomId: made.room.id });
				}
			}
		}

		async function player(insider: Insider, member: number): Promise<void> {
			for (let turn = 0; !isOver(run); turn++) {
				const settings = { name: `game ${member} ${turn}`, game: "relay", capacity: 1000, metadata: METADATA };
				const made = await insider.ask(gameRoutes.createRoom, settings);
				run.count("game rooms");
				await insider.ask(gameRoutes.listRooms, { limit: 100 });
				if (made?.room?.id !== undefined) await insider.ask(gameRoutes.leaveRoom, { roomId: made.room.id });
			}
		}
	},
};

// Members publish the longest messages that are taken, each to rooms and people of their own, within every rate: what is kept of
// it is memory of Redis, or of the process. Others fetch it, pipelined.
import { chatRoutes, MessageKind } from "../../../../protocol/gen/schema.ts";
import { type Attack, isOver } from "../attack.ts";
import { Insider } from "../insider.ts";

const MEMBERS = 16;
const ROOMS_EACH = 4;
const PIPELINED = 4;
const CUSTOM = new Uint8Array(32_768).fill(0x61);
const TEXT = "x".repeat(10_000);

interface Prepared {
	readonly insiders: readonly Insider[];
	readonly rooms: readonly (readonly string[])[];
}

async function prepare(ports: readonly number[]): Promise<Prepared> {
	const insiders = await Insider.gather(ports, MEMBERS);
	const rooms = insiders.map(async (insider) => {
		const ids: string[] = [];
		for (let index = 0; index < ROOMS_EACH; index++) {
			const reply = await insider.ask(chatRoutes.createChatRoom, { name: `heap ${index}`, isPublic: true });
			if (reply?.room?.id !== undefined) ids.push(reply.room.id);
		}
		return ids;
	});
	return { insiders, rooms: await Promise.all(rooms) };
}

export const history: Attack<Prepared> = {
	name: "history",
	title: "the longest messages, within every rate",
	prepare: ({ ports }) => prepare(ports),
	async run(run, { insiders, rooms }) {
		const content = { kind: MessageKind.CUSTOM, customType: "heap", custom: CUSTOM, text: TEXT };
		await Promise.all(
			insiders.map(async (insider, member) => {
				const own = rooms[member] ?? [];
				for (let turn = 0; !isOver(run); turn++) {
					const sends = Array.from({ length: PIPELINED }, async (_, index) => {
						const number = turn * PIPELINED + index;
						const clientMsgId = `m${member}-${number}`;
						const roomId = own[number % own.length] ?? "";
						const reply = await insider.ask(chatRoutes.sendMessage, { roomId, clientMsgId, content });
						if (reply !== undefined) run.count("bytes", CUSTOM.length + TEXT.length);
					});
					await Promise.all(sends);
					const roomId = own[turn % own.length] ?? "";
					const pages = Array.from({ length: 3 }, () => insider.ask(chatRoutes.getHistory, { roomId, limit: 200 }));
					await Promise.all(pages);
					run.count("pages", 3);
				}
			}),
		);
	},
};

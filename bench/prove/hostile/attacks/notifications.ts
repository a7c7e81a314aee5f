// Members fill the inboxes of others: invitations, and private messages as long as are taken.
import { chatRoutes, MessageKind, notificationRoutes } from "../../../../protocol/gen/schema.ts";
import { type Attack, isOver } from "../attack.ts";
import { Insider } from "../insider.ts";

const MEMBERS = 16;
const CUSTOM = new Uint8Array(32_768).fill(0x62);

export const notifications: Attack<readonly Insider[]> = {
	name: "notifications",
	title: "private messages and invitations",
	prepare: ({ ports }) => Insider.gather(ports, MEMBERS),
	async run(run, insiders) {
		const others = insiders.map(({ userId }) => userId);
		const content = { kind: MessageKind.CUSTOM, customType: "heap", custom: CUSTOM };
		await Promise.all(insiders.flatMap((insider, member) => [writer(insider, member), inviter(insider, member)]));

		async function writer(insider: Insider, member: number): Promise<void> {
			for (let turn = 0; !isOver(run); turn++) {
				const userId = others[(member + 1 + (turn % (MEMBERS - 1))) % MEMBERS] ?? "";
				await insider.ask(chatRoutes.sendPrivateMessage, { userId, clientMsgId: `p${member}-${turn}`, content });
				run.count("private messages");
			}
		}

		async function inviter(insider: Insider, member: number): Promise<void> {
			for (let turn = 0; !isOver(run); turn++) {
				const memberIds = others.filter((_, index) => index !== member);
				await insider.ask(chatRoutes.createChatRoom, { name: `party ${member} ${turn}`, memberIds });
				await insider.ask(notificationRoutes.listNotifications, { limit: 200 });
				run.count("invitations", memberIds.length);
			}
		}
	},
};

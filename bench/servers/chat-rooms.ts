// Chat rooms full of members, made as clients make them: accounts, logins, rooms, joins.
import { createClient } from "../../client/index.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { authRoutes, chatRoutes, HistoryDirection, MessageKind } from "../../protocol/gen/schema.ts";
import { CONNECT_SEQ } from "../load/dialects.ts";
import { BLANK_STAMP } from "../load/stamps.ts";
import { accessTokens } from "./accounts.ts";

export interface ChatMemberEntry {
	/** Names the room to every kind of server. */
	readonly room: string;
	/** Presents the token, and subscribes to the room's channel. */
	readonly first: Uint8Array;
	/** Sends a message to the room. */
	readonly message: Uint8Array;
	/** Asks for the room's first message, which is a long one if the plan says so. */
	readonly ask: Uint8Array;
}

/** Characters of a message, stamp included. */
const TEXT_LENGTH = 64;
const TEXT = BLANK_STAMP.padEnd(TEXT_LENGTH, "x");
/** Rooms that are being filled at the same time. */
const ROOMS_AT_ONCE = 20;
const MESSAGE_SEQ = CONNECT_SEQ + 1;
const ASK_SEQ = CONNECT_SEQ + 2;

interface Room {
	readonly id: string;
	readonly channel: string;
}

export interface ChatPlan {
	readonly rooms: number;
	readonly membersPerRoom: number;
	/** How many sessions, each with a connection of its own, one user has; in different rooms if there are enough. */
	readonly sessionsPerUser: number;
	/** The first message of each room carries so many bytes. */
	readonly firstMessageBytes?: number;
}

/** Members `0 … rooms × membersPerRoom - 1`; those of a room are adjacent. */
export async function chatMembers(
	port: number,
	{ rooms, membersPerRoom, sessionsPerUser, firstMessageBytes = 0 }: ChatPlan,
): Promise<ChatMemberEntry[]> {
	const count = rooms * membersPerRoom;
	const tokens = await accessTokens(port, count, sessionsPerUser);
	const users = Math.ceil(count / sessionsPerUser);
	const userOf = (member: number): number => member % users;
	const tokenOf = (member: number): string => {
		const device = Math.floor(member / users);
		// The last user has fewer sessions than the others.
		return tokens[userOf(member) * sessionsPerUser + device] ?? (tokens[userOf(member) * sessionsPerUser] as string);
	};
	const url = `ws://127.0.0.1:${port}/ws`;
	const clients = Array.from({ length: users }, () => createClient({ url, requestTimeoutMs: 60_000 }));
	try {
		await Promise.all(clients.map((client, user) => client.connectWithToken(tokens[user * sessionsPerUser] as string)));
		const fill = async (room: number): Promise<Room> => {
			const members = Array.from({ length: membersPerRoom }, (_, index) => userOf(room * membersPerRoom + index));
			const distinct = [...new Set(members)].map((user) => clients[user] as (typeof clients)[number]);
			const owner = distinct[room % distinct.length] as (typeof clients)[number];
			const created = await owner.chat.createRoom({ name: `bench ${room}`, isPublic: true });
			const id = created.room?.id ?? "";
			const joined = await Promise.all(distinct.map((client) => client.chat.joinRoom({ roomId: id })));
			if (firstMessageBytes > 0) {
				const custom = new Uint8Array(firstMessageBytes);
				const content = { kind: MessageKind.CUSTOM, customType: "bench", custom };
				await owner.chat.send(id, content);
			}
			return { id, channel: joined[0]?.channel ?? "" };
		};
		const made: Room[] = [];
		for (let start = 0; start < rooms; start += ROOMS_AT_ONCE) {
			const batch = Array.from({ length: Math.min(ROOMS_AT_ONCE, rooms - start) }, (_, index) => fill(start + index));
			made.push(...(await Promise.all(batch)));
		}
		const entry = entries();
		return Array.from({ length: count }, (_, member) =>
			entry(member, made[Math.floor(member / membersPerRoom)] as Room, tokenOf(member)),
		);
	} finally {
		for (const client of clients) client.close();
	}
}

function entries(): (member: number, room: Room, accessToken: string) => ChatMemberEntry {
	const writer = new EnvelopeWriter();
	const { connect } = authRoutes;
	const { sendMessage, getHistory } = chatRoutes;
	return (member, room, accessToken) => {
		const present = { accessToken, positions: [{ channel: room.channel }] };
		const message = {
			roomId: room.id,
			content: { kind: MessageKind.TEXT, text: TEXT },
			clientMsgId: `${member}-${BLANK_STAMP}`,
		};
		const ask = { roomId: room.id, direction: HistoryDirection.FORWARD, limit: 1 };
		return {
			room: room.id,
			first: Uint8Array.from(writer.request(connect.number, CONNECT_SEQ, connect.request, present, "")),
			message: Uint8Array.from(writer.request(sendMessage.number, MESSAGE_SEQ, sendMessage.request, message, "")),
			ask: Uint8Array.from(writer.request(getHistory.number, ASK_SEQ, getHistory.request, ask, "")),
		};
	};
}

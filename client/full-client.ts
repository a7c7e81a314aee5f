// A client with all of its parts, for programs that do not count bytes.
import { type Chat, chatPart } from "./chat/chat.ts";
import { Client } from "./client.ts";
import { type Edge, edgePart } from "./edge/edge.ts";
import { type Rooms, roomsPart } from "./games/rooms.ts";
import { type ClientOptions, settingsOf } from "./options.ts";

/**
 * Makes a client. It does nothing until `connect`, `login` or `connectWithToken`.
 *
 * @throws TypeError when an option makes no sense.
 */
export function createFullClient(options: ClientOptions): FullClient {
	return new FullClient(settingsOf(options));
}

export class FullClient extends Client {
	/** Game rooms, protocol block 2xxx: `client.rooms.join({ roomId })`. */
	get rooms(): Rooms {
		return this.use(roomsPart);
	}

	/** Conversations, protocol block 3xxx: `client.chat.send(roomId, "hello")`. */
	get chat(): Chat {
		return this.use(chatPart);
	}

	/** Field boxes, protocol block 4xxx: `client.edge.subscribe({ channels: [1001] })`. */
	get edge(): Edge {
		return this.use(edgePart);
	}
}

// The protocol of each kind of server as a member of a room uses it: how it joins, and what received frames mean.
import { Envelope } from "../../protocol/gen/schema.ts";
import { OPCODE_BINARY, OPCODE_TEXT } from "./frames.ts";

export type DialectName = "framegate" | "uws" | "socketio";

/** What a frame without a message in it means; `failed` comes with a reason. */
export type Meaning =
	| { readonly kind: "opened" | "replied" | "other" }
	| { readonly kind: "answer"; readonly text: string }
	| { readonly kind: "failed"; readonly why: string };

export interface Dialect {
	readonly opcode: number;
	/** A connection is open as soon as it is upgraded. */
	readonly opensAtOnce: boolean;
	path(room: string): string;
	meaningOf(frame: Buffer): Meaning;
}

const OTHER: Meaning = { kind: "other" };
const OPENED: Meaning = { kind: "opened" };
const REPLIED: Meaning = { kind: "replied" };
/** The first request of a member, Connect, has this sequence number; messages have another. */
export const CONNECT_SEQ = 1;

function failed(why: string): Meaning {
	return { kind: "failed", why };
}

const framegate: Dialect = {
	opcode: OPCODE_BINARY,
	opensAtOnce: false,
	path: () => "/ws",
	meaningOf(frame) {
		const envelope = Envelope.decode(frame);
		if (envelope.code) return failed(`code ${envelope.code}: ${envelope.error?.message ?? ""}`);
		// Pushes that carry no message of the bench are none of its business.
		if (!envelope.seq) return OTHER;
		return envelope.seq === CONNECT_SEQ ? OPENED : REPLIED;
	},
};

const uws: Dialect = {
	opcode: OPCODE_BINARY,
	opensAtOnce: true,
	path: (room) => `/rooms?room=${room}`,
	meaningOf: () => failed("an unexpected frame"),
};

/** Engine.IO protocol 4 and Socket.IO protocol 5 over a WebSocket from the start. */
const socketio: Dialect = {
	opcode: OPCODE_TEXT,
	opensAtOnce: false,
	path: (room) => `/socket.io/?EIO=4&transport=websocket&room=${room}`,
	meaningOf(frame) {
		const text = frame.toString("latin1");
		if (text.startsWith("0{")) return { kind: "answer", text: "40" };
		if (text.startsWith("40")) return OPENED;
		if (text === "2") return { kind: "answer", text: "3" };
		return failed(`unexpected packet ${text.slice(0, 40)}`);
	},
};

export const dialects: Readonly<Record<DialectName, Dialect>> = { framegate, uws, socketio };

// The frames of attackers, made once.
import { authRoutes, Envelope } from "../../../protocol/gen/schema.ts";
import { clientFrame, MASK, OPCODE_TEXT } from "../../load/frames.ts";

/** Just below the longest message that is taken by default. */
export const LONGEST_BYTES = 65_000;

export const dialects = ["protobuf", "json", "edge-json"] as const;
export type Dialect = (typeof dialects)[number];

export function text(value: string): Buffer {
	return clientFrame(Buffer.from(value), OPCODE_TEXT);
}

/** A login that has to be hashed before it is refused; every one names another account. */
export function login(dialect: Dialect, account: string): Buffer {
	if (dialect === "protobuf") {
		const body = authRoutes.login.request.encode({ username: account, password: "a wrong password" }).finish();
		return clientFrame(Envelope.encode({ protocol: authRoutes.login.number, seq: 1, body }).finish());
	}
	const body = { username: account, password: "a wrong password" };
	return text(JSON.stringify({ protocol: authRoutes.login.number, seq: 1, body }));
}

/** As long as is taken, and as many objects as fit once it is parsed. */
export function heavy(dialect: Dialect): Buffer {
	if (dialect === "protobuf") {
		const body = Buffer.alloc(LONGEST_BYTES, 0x0a);
		return clientFrame(Envelope.encode({ protocol: authRoutes.heartbeat.number, seq: 2, body }).finish());
	}
	const objects = `[${"{},".repeat(Math.floor((LONGEST_BYTES - 200) / 3))}{}]`;
	if (dialect === "edge-json") return text(`{"type":"subscribe","id":"a","data":{"channels":${objects}}}`);
	return text(`{"protocol":${authRoutes.heartbeat.number},"seq":2,"body":{"z":${objects}}}`);
}

/** Final or not, with any opcode, without a payload. */
export function emptyFrame(first: number): Buffer {
	return Buffer.from([first, 0x80, ...MASK]);
}

/** So many of them in one piece. */
export function repeated(frame: Buffer, count: number): Buffer {
	return Buffer.concat(Array.from({ length: count }, () => frame));
}

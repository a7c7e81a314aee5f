// Sends the inputs of one connection over a real socket, and judges what comes back on it.
import { CloseCode } from "../../protocol/codes.ts";
import { ECHOED_CODES } from "./frame-inputs.ts";
import { RawSocket } from "./raw-socket.ts";

/** Of a connection whose client has said that it is done. */
const CLOSED_WITHIN_MS = 10_000;
/** How long a reply is waited for; an input that is half a request has none. */
const REPLY_WITHIN_MS = 20;
const OPCODES = new Set([1, 2, 8, 9, 10]);
/** RFC 6455 sections 5.5.1 and 7.4.1: what the client has said, and what the transport itself says. */
const closeCodes = new Set<number>([
	1000,
	1001,
	1002,
	1005,
	1006,
	1007,
	1009,
	...ECHOED_CODES,
	...Object.values(CloseCode),
]);

/** @returns how many inputs these were. */
export async function sendHttp(port: number, bytes: Uint8Array): Promise<number> {
	const raw = await RawSocket.connect(port);
	raw.within(CLOSED_WITHIN_MS, "to be closed");
	raw.write(bytes);
	const head = raw.head();
	await Promise.race([head, new Promise((resolve) => setTimeout(resolve, REPLY_WITHIN_MS))]);
	raw.socket.end();
	const reply = await head;
	await raw.closed;
	if (reply !== "" && !/^HTTP\/1\.1 (10[01]|2\d\d|4\d\d|50[135]) /.test(reply)) {
		throw new Error(`an HTTP request was answered by ${JSON.stringify(reply.slice(0, 200))}`);
	}
	return 1;
}

export interface FrameSending {
	readonly port: number;
	/** "" for nobody's. */
	readonly token: string;
	/** All in one write, instead of one write each. */
	readonly atOnce: boolean;
}

/** @returns how many inputs these were. */
export async function sendFrames(frames: readonly Uint8Array[], sending: FrameSending): Promise<number> {
	const { port, token, atOnce } = sending;
	const raw = await RawSocket.connect(port);
	raw.within(CLOSED_WITHIN_MS, "to be closed");
	await raw.upgrade(token === "" ? "/ws" : `/ws?token=${token}`);
	for (const bytes of atOnce ? [Buffer.concat(frames)] : frames) raw.write(bytes);
	raw.socket.end();
	for (;;) {
		const got = await raw.frame();
		if (got === undefined) break;
		if (!OPCODES.has(got.opcode)) throw new Error(`a frame came with opcode ${got.opcode}`);
		if (got.opcode !== 8 || got.payload.length < 2) continue;
		const code = got.payload.readUInt16BE();
		if (!closeCodes.has(code)) throw new Error(`closed with ${code}, which is in no table`);
	}
	await raw.closed;
	return frames.length;
}

// WebSocket frames as bytes, around payloads of every kind: whole, in pieces, with control frames between, and broken.
import type { BinaryFrames } from "./binary-frames.ts";
import type { JsonFrames } from "./json-frames.ts";
import type { Random } from "./random.ts";
import { closePayload, frame, Opcode } from "./raw-socket.ts";

const MAX_MESSAGES = 12;
const MAX_PIECES = 4;
/** Codes that a client may close with, and is answered with. */
export const ECHOED_CODES: readonly number[] = [3000, 4999];

export class FrameInputs {
	private readonly binary: BinaryFrames;
	private readonly json: JsonFrames;

	constructor(binary: BinaryFrames, json: JsonFrames) {
		this.binary = binary;
		this.json = json;
	}

	/** What one connection sends, in the pieces in which it sends it. */
	next(random: Random): Uint8Array[] {
		const sent: Uint8Array[] = [];
		const count = 1 + random.below(MAX_MESSAGES);
		for (let seq = 1; seq <= count; seq++) {
			sent.push(...this.message(random, seq));
			if (random.oneIn(8)) sent.push(odd(random));
		}
		const last = sent.at(-1);
		if (last !== undefined && random.oneIn(10)) sent[sent.length - 1] = last.subarray(0, random.below(last.length));
		return sent;
	}

	private message(random: Random, seq: number): Uint8Array[] {
		const kind = random.below(4);
		const [opcode, payload]: [number, Uint8Array | string] =
			kind < 2
				? [Opcode.BINARY, this.binary.next(random, seq)]
				: [Opcode.TEXT, kind === 2 ? this.json.envelope(random, seq) : this.json.older(random, seq)];
		if (!random.oneIn(3)) return [frame(opcode, payload)];
		const bytes = Buffer.from(payload);
		const pieces: Uint8Array[] = [];
		const count = 1 + random.below(MAX_PIECES);
		for (let at = 0; at < count; at++) {
			const piece = bytes.subarray((bytes.length * at) / count, (bytes.length * (at + 1)) / count);
			pieces.push(frame(at === 0 ? opcode : Opcode.CONTINUATION, piece, { fin: at === count - 1 }));
			if (random.oneIn(4)) pieces.push(frame(Opcode.PING, "between"));
		}
		return pieces;
	}
}

/** A control frame, or a frame that is wrong. */
function odd(random: Random): Uint8Array {
	switch (random.below(9)) {
		case 0:
			return frame(Opcode.PING, "x".repeat(random.below(126)));
		case 1:
			return frame(Opcode.PONG, "unasked");
		case 2:
			return frame(
				Opcode.CLOSE,
				closePayload(random.pick([1000, 1001, 1005, 1006, 999, 65_535, ...ECHOED_CODES]), "bye"),
			);
		case 3:
			return frame(Opcode.CLOSE, random.pick(["", "x", "\xff\xff\xff"]));
		case 4:
			return frame(random.below(16), "some", { reserved: random.below(8), fin: random.oneIn(2) });
		case 5:
			return frame(Opcode.BINARY, "unmasked", { masked: false });
		case 6:
			return frame(Opcode.PING, "x".repeat(200));
		case 7:
			return frame(Opcode.BINARY, "some", { claimedLength: random.pick([0, 1, 126, 65_536, 2 ** 32, 2 ** 53]) });
		default:
			return frame(Opcode.TEXT, Uint8Array.of(0x61, 0xc0, 0x80, random.below(256)));
	}
}

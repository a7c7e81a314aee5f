// Frames that carry no message: pings, whose payload comes back, pongs that nobody asked for, and empty fragments of a message
// that never ends.
import { clientFrame, OPCODE_BINARY, OPCODE_PING, OPCODE_PONG } from "../../../load/frames.ts";
import { type Attack, sideBySide } from "../attack.ts";
import { emptyFrame, repeated } from "../frames.ts";
import { Pipe } from "../pipe.ts";

const CONNECTIONS = 8;
const PIECE_FRAMES = 400;
const PAYLOAD = Buffer.alloc(125, 0x61);

function flood(name: string, title: string, from: string, frame: Buffer, first?: Buffer): Attack {
	const piece = repeated(frame, PIECE_FRAMES);
	return {
		name,
		title,
		async run(run) {
			await sideBySide(run, CONNECTIONS, async (_index, port) => {
				const pipe = await Pipe.open({ port, from });
				if (first !== undefined) await pipe.write(first);
				while (performance.now() < run.endAtMs && (await pipe.write(piece))) run.count("frames", PIECE_FRAMES);
				pipe.end();
			});
		},
	};
}

const CONTINUATION = 0x00;

export const controlFramesAttacks: readonly Attack[] = [
	flood("pings", "pings as fast as they go", "127.7.4.1", clientFrame(PAYLOAD, OPCODE_PING)),
	flood("pongs", "pongs that nobody asked for", "127.7.4.2", clientFrame(PAYLOAD, OPCODE_PONG)),
	flood("fragments", "empty fragments without end", "127.7.4.3", emptyFrame(CONTINUATION), emptyFrame(OPCODE_BINARY)),
];
